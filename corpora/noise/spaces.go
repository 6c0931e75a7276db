package noise

import (
	"math/rand/v2"
	"unicode"
)

// spaces leaves out spaces and, unless all are left out, breaks words.
type spaces struct{}

// Apply implements [Kind]; the rate is the share of spaces left out, and of words broken in two unless the rate is 1.
func (spaces) Apply(rng *rand.Rand, rate float64, line string) string {
	if rate < 1 {
		line = mapWords(line, func(word string) string {
			runes := []rune(word)
			if len(runes) < 2 || rng.Float64() >= rate {
				return word
			}
			at := 1 + rng.IntN(len(runes)-1)
			return string(runes[:at]) + "\x00" + string(runes[at:])
		})
	}
	out := make([]rune, 0, len(line))
	for _, r := range line {
		switch {
		case r == 0:
			out = append(out, ' ')
		case !unicode.IsSpace(r) || rng.Float64() >= rate:
			out = append(out, r)
		}
	}
	return string(out)
}
