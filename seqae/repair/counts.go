package repair

import (
	"maps"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/retell-rnn/retell/corpora"
)

// spacedCounts returns counts with those of the words between the spaces of the clean lines of examples. A word that
// occurs in lower case counts as such where it has capitals, too.
func spacedCounts(counts map[string]int, examples []corpora.Example) map[string]int {
	text := map[string]int{}
	for _, e := range examples {
		_, clean := pairOf(e)
		for word := range strings.FieldsSeq(clean) {
			if word = bare(word); strings.ContainsFunc(word, unicode.IsLetter) && utf8.ValidString(word) {
				text[word]++
			}
		}
	}
	return withCounts(counts, text)
}

// withCounts returns the sums of counts. A word that occurs in lower case counts as such where it has capitals, too,
// and names are spelled with one capital.
func withCounts(a, b map[string]int) map[string]int {
	if len(b) == 0 {
		return a
	}
	all := maps.Clone(a)
	if all == nil {
		all = make(map[string]int, len(b))
	}
	for word, n := range b {
		all[word] += n
	}
	folded := make(map[string]int, len(all))
	for word, n := range all {
		lower := strings.ToLower(word)
		if _, both := all[lower]; !both {
			lower = name(lower)
		}
		folded[lower] += n
	}
	return folded
}

// name returns a word in lower case with a capital at its start.
func name(lower string) string {
	r, n := utf8.DecodeRuneInString(lower)
	return string(unicode.ToUpper(r)) + lower[n:]
}

// bare returns a word without the signs about it.
func bare(word string) string {
	return strings.TrimFunc(word, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}
