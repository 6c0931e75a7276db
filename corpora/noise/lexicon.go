package noise

import (
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
)

// lexiconIndex finds close words: those at one insertion, deletion, substitution or transposition.
type lexiconIndex struct {
	words   []string           // sorted
	deletes map[string][]int32 // words that have, or become by the deletion of one letter, a text
}

// newLexicon indexes the words of lines, in lower case: runs of letters with apostrophes and hyphens between them. If
// any word occurs twice, words that occur once do not count, as misspellings hide among them.
func newLexicon(lines iter.Seq2[string, error]) (*lexiconIndex, error) {
	counts := map[string]int{}
	most := 0
	for line, err := range lines {
		if err != nil {
			return nil, err
		}
		mapCores(line, func(core string) string {
			if !strings.ContainsFunc(core, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '-' }) {
				counts[core]++
				most = max(most, counts[core])
			}
			return core
		})
	}
	x := &lexiconIndex{deletes: map[string][]int32{}}
	for word, count := range counts {
		if count > 1 || most == 1 {
			x.words = append(x.words, word)
		}
	}
	slices.Sort(x.words)
	for i, word := range x.words {
		for _, short := range shortened(word) {
			x.deletes[short] = append(x.deletes[short], int32(i))
		}
	}
	return x, nil
}

// near draws a close word, or returns the word itself if there is none.
func (x *lexiconIndex) near(rng *rand.Rand, word string) string {
	var found []int32
	for _, short := range shortened(word) {
		for _, i := range x.deletes[short] {
			if other := x.words[i]; other != word && isClose(word, other) {
				found = append(found, i)
			}
		}
	}
	if len(found) == 0 {
		return word
	}
	slices.Sort(found)
	found = slices.Compact(found)
	return x.words[found[rng.IntN(len(found))]]
}

// shortened returns a word and all texts that the deletion of one letter makes of it, each once.
func shortened(word string) []string {
	runes := []rune(word)
	out := []string{word}
	for i := range runes {
		if i > 0 && runes[i] == runes[i-1] {
			continue
		}
		out = append(out, string(runes[:i])+string(runes[i+1:]))
	}
	return out
}

// isClose reports whether one insertion, deletion, substitution or transposition of neighbors turns a into b.
func isClose(a, b string) bool {
	x, y := []rune(a), []rune(b)
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	return len(x) <= 1 && len(y) <= 1 || len(x) == 2 && len(y) == 2 && x[0] == y[1] && x[1] == y[0]
}
