package corpora

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"unicode"
)

// keptLetters is the number of letters at the end of a stem that are kept.
const keptLetters = 3

// MadeUpStems makes n lines of SIGMORPHON's format (lemma TAB form TAB features) from given ones (Silfverberg et al.,
// Data Augmentation for Morphological Reinflection, 2017). The stem is the longest common run of letters of lemma and
// form. In both, random letters with the frequencies of the lemmas replace its letters.
//
// The last three letters of a stem stay, because they often decide its inflection, for example by vowel harmony. Lines
// are used in turn, in an order that the seed fixes, except for lines with a stem of three letters or less. It is an
// error if no line is left.
func MadeUpStems(lines []string, n int, seed uint64) ([]string, error) {
	if n < 0 {
		return nil, fmt.Errorf("number of lines is %d: want 0 or more", n)
	}
	type stemmed struct {
		lemma, form []rune
		features    string
		inLemma     int // start of the stem
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
		return nil, errors.New("no line has a usable stem: want a lemma and a form with more than three letters in common")
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

// longestCommonRun returns the positions in a and b of their longest common run, and its length. Of several, the first
// in a counts.
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
