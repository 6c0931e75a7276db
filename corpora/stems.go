package corpora

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"unicode"
)

// keptLetters is how many letters at the end of a stem stay as they are.
const keptLetters = 3

// MadeUpStems makes n lines of SIGMORPHON's format (lemma TAB form TAB features) out of given ones: the longest run of
// letters that lemma and form share is taken to be the stem, and its letters are replaced, in both alike, by letters
// drawn as often as they occur in the lemmas. What is left of the line shows how words inflect, whatever their stems
// (Silfverberg et al., Data Augmentation for Morphological Reinflection, 2017). The last three letters of a stem stay:
// they often decide how it inflects, by vowel harmony for one. The lines are drawn in turn, in an order that seed
// fixes; those whose stem has no other letters are not used. It is an error if all are such.
func MadeUpStems(lines []string, n int, seed uint64) ([]string, error) {
	if n < 0 {
		return nil, fmt.Errorf("%d lines are wanted: want 0 or more", n)
	}
	type stemmed struct {
		lemma, form []rune
		features    string
		inLemma     int // where the stem begins
		inForm      int
		length      int
	}
	var usable []stemmed
	var letters []rune
	for i, line := range lines {
		given, err := splitSIGMORPHON(line, false)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		in := stemmed{lemma: []rune(given.lemma), form: []rune(given.form), features: given.features}
		for _, r := range in.lemma {
			if unicode.IsLetter(r) {
				letters = append(letters, unicode.ToLower(r))
			}
		}
		in.inLemma, in.inForm, in.length = longestCommonRun(in.lemma, in.form)
		if in.length > keptLetters {
			usable = append(usable, in)
		}
	}
	if len(usable) == 0 && n > 0 {
		return nil, errors.New("no line has a lemma and a form with more than three letters in common")
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	rng.Shuffle(len(usable), func(i, j int) { usable[i], usable[j] = usable[j], usable[i] })
	made := make([]string, n)
	for i := range made {
		in := usable[i%len(usable)]
		stem := slices.Clone(in.lemma[in.inLemma : in.inLemma+in.length])
		for j, r := range stem[:len(stem)-keptLetters] {
			if !unicode.IsLetter(r) {
				continue
			}
			stem[j] = letters[rng.IntN(len(letters))]
			if unicode.IsUpper(r) {
				stem[j] = unicode.ToUpper(stem[j])
			}
		}
		with := func(word []rune, at int) string {
			return string(word[:at]) + string(stem) + string(word[at+in.length:])
		}
		made[i] = with(in.lemma, in.inLemma) + "\t" + with(in.form, in.inForm) + "\t" + in.features
	}
	return made, nil
}

// longestCommonRun returns where the longest run of runes that a and b share begins in each, the first in a if several
// are as long, and its length.
func longestCommonRun(a, b []rune) (inA, inB, length int) {
	ending := make([]int, len(b)+1) // length of the common run that ends before a[i] and b[j]
	for i := range a {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] != b[j] {
				ending[j+1] = 0
				continue
			}
			ending[j+1] = ending[j] + 1
			if ending[j+1] > length {
				length = ending[j+1]
				inA, inB = i+1-length, j+1-length
			}
		}
	}
	return inA, inB, length
}
