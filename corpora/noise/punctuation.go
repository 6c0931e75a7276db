package noise

import (
	"math/rand/v2"
	"strings"
	"unicode"
)

// punctuation leaves out marks. A mark before a letter or a digit, as in 3.5, u.s. and 19:30, stays, except ¿ and ¡.
type punctuation struct{}

// Apply implements [Kind]; the rate is the share of marks.
func (punctuation) Apply(rng *rand.Rand, rate float64, line string) string {
	runes := []rune(line)
	out := make([]rune, 0, len(runes))
	dropped := false // the last character was left out, and white space stands before it
	for i, r := range runes {
		if isMark(r) && (r == '¿' || r == '¡' || !within(runes, i)) && rng.Float64() < rate {
			dropped = len(out) == 0 || unicode.IsSpace(out[len(out)-1])
			continue
		}
		if dropped && unicode.IsSpace(r) {
			continue
		}
		dropped = false
		out = append(out, r)
	}
	if n := len(out); dropped && n > 0 && unicode.IsSpace(out[n-1]) {
		out = out[:n-1]
	}
	return string(out)
}

// isMark reports whether r is a mark that is left out.
func isMark(r rune) bool { return strings.ContainsRune(",.?!:;…¿¡", r) }

// within reports whether a letter or a digit follows the mark at i, and no white space stands before it.
func within(runes []rune, i int) bool {
	if i == 0 || i+1 == len(runes) || unicode.IsSpace(runes[i-1]) {
		return false
	}
	return unicode.IsLetter(runes[i+1]) || unicode.IsDigit(runes[i+1])
}
