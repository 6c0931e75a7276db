package noise

import (
	"math/rand/v2"
	"strings"
	"unicode"
)

// lowerCase writes words in lower case.
type lowerCase struct{}

// Apply implements [Kind]; the rate is the share of words.
func (lowerCase) Apply(rng *rand.Rand, rate float64, line string) string {
	return mapWords(line, func(word string) string {
		if rng.Float64() >= rate {
			return word
		}
		return strings.ToLower(word)
	})
}

// flipCase writes words in another case.
type flipCase struct{}

// Apply implements [Kind]; the rate is the share of words.
func (flipCase) Apply(rng *rand.Rand, rate float64, line string) string {
	return mapWords(line, func(word string) string {
		if rng.Float64() >= rate {
			return word
		}
		lower := strings.ToLower(word)
		forms := []string{lower, strings.ToUpper(word), capitalized(lower), strings.Map(swapCase, word)}
		start := rng.IntN(len(forms))
		for i := range forms {
			if form := forms[(start+i)%len(forms)]; form != word {
				return form
			}
		}
		return word
	})
}

// swapCase returns a small letter for a capital and a capital for a small letter.
func swapCase(r rune) rune {
	if unicode.IsUpper(r) {
		return unicode.ToLower(r)
	}
	return unicode.ToUpper(r)
}
