package noise

import (
	"math/rand/v2"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// accents strips diacritics. Letters that do not decompose, such as œ, ø and ı, stay.
type accents struct{}

// Apply implements [Kind]; the rate is the share of words.
func (accents) Apply(rng *rand.Rand, rate float64, line string) string {
	return mapWords(line, func(word string) string {
		if rng.Float64() >= rate {
			return word
		}
		return stripAccents(word)
	})
}

// stripAccents removes the combining diacritical marks, U+0300 to U+036F, of the canonical decomposition. Vowel signs
// of other scripts stay. Text without such marks is returned as it is.
func stripAccents(s string) string {
	decomposed := norm.NFD.String(s)
	bare := strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36F {
			return -1
		}
		return r
	}, decomposed)
	if bare == decomposed {
		return s
	}
	return norm.NFC.String(bare)
}
