package noise

import (
	"math/rand/v2"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// typos are slips on a keyboard. Of five errors, about three are a letter left out, replaced by a neighboring key, or
// both kinds of insertion; the others are transpositions and doublings. Digits and marks stay.
type typos struct{ keys keyboard }

func newTypos(layout string) typos { return typos{newKeyboard(layout)} }

// Apply implements [Kind]; the rate is the share of letters.
func (k typos) Apply(rng *rand.Rand, rate float64, line string) string {
	runes := []rune(line)
	out := make([]rune, 0, len(runes)+8)
	letter := func(i int) bool { return i >= 0 && i < len(runes) && unicode.IsLetter(runes[i]) }
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		if !unicode.IsLetter(r) || rng.Float64() >= rate {
			out = append(out, r)
			continue
		}
		switch u := rng.Float64(); {
		case u < 0.28:
			out = append(out, k.neighbor(rng, r))
		case u < 0.45 && letter(i+1):
			out = append(out, runes[i+1], r)
			i++
		case u < 0.58:
			out = append(out, r, r)
		case u < 0.85 && (letter(i-1) || letter(i+1)): // left out
		case u < 0.93:
			out = append(out, k.neighbor(rng, r), r)
		default:
			out = append(out, r, k.neighbor(rng, r))
		}
	}
	return string(out)
}

// neighbor returns a letter next to r on the keyboard, in r's case. A letter that the keyboard lacks loses its accents,
// or stays.
func (k typos) neighbor(rng *rand.Rand, r rune) rune {
	if near := k.keys.near[k.keys.lower(r)]; len(near) > 0 {
		n := near[rng.IntN(len(near))]
		if unicode.IsUpper(r) {
			return k.keys.upper(n)
		}
		return n
	}
	for _, base := range norm.NFD.String(string(r)) {
		return base
	}
	return r
}
