package noise

import (
	"math"
	"unicode"
)

// keyboard holds the letters next to each letter.
type keyboard struct {
	near    map[rune][]rune
	turkish bool // i has a dotted capital
}

// layoutRows returns the rows of a layout, from the digits to the lowest letters, from the left. Keys without a letter
// are spaces.
func layoutRows(layout string) []string {
	switch layout {
	case "de":
		return []string{"          ß ", "qwertzuiopü", "asdfghjklöä", "yxcvbnm"}
	case "fr":
		return []string{" é    è çà", "azertyuiop", "qsdfghjklmù", "wxcvbn"}
	case "es":
		return []string{"", "qwertyuiop", "asdfghjklñ", "zxcvbnm"}
	case "tr":
		return []string{"", "qwertyuıopğü", "asdfghjklşi", "zxcvbnmöç"}
	default: // us
		return []string{"", "qwertyuiop", "asdfghjkl", "zxcvbnm"}
	}
}

// newKeyboard returns the neighbors on a layout. Rows are shifted as on a usual keyboard; keys are neighbors if their
// centers are at most 1.3 widths apart.
func newKeyboard(layout string) keyboard {
	type key struct {
		letter rune
		x, y   float64
	}
	shifts := []float64{0, 0.5, 0.75, 1.25}
	var keys []key
	for y, row := range layoutRows(layout) {
		x := shifts[y]
		for _, r := range row {
			if r != ' ' {
				keys = append(keys, key{r, x, float64(y)})
			}
			x++
		}
	}
	k := keyboard{near: map[rune][]rune{}, turkish: layout == "tr"}
	for _, a := range keys {
		for _, b := range keys {
			if a != b && math.Hypot(a.x-b.x, a.y-b.y) <= 1.3 {
				k.near[a.letter] = append(k.near[a.letter], b.letter)
			}
		}
	}
	return k
}

// lower returns the key of a letter.
func (k keyboard) lower(r rune) rune {
	if k.turkish {
		return unicode.TurkishCase.ToLower(r)
	}
	return unicode.ToLower(r)
}

// upper is the inverse of lower for capitals.
func (k keyboard) upper(r rune) rune {
	if k.turkish {
		return unicode.TurkishCase.ToUpper(r)
	}
	return unicode.ToUpper(r)
}
