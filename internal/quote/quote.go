// Package quote puts text from outside into messages.
package quote

import (
	"strconv"
	"unicode/utf8"
)

// Most is how many runes of a text a message shows.
const Most = 60

// Text returns s in quotation marks, as %q does. A text of more than [Most] runes is cut: what follows ends with "…".
func Text[S ~string | ~[]byte](s S) string {
	text := string(s[:min(len(s), (Most+1)*utf8.UTFMax)])
	n := 0
	for i := range text {
		if n++; n > Most {
			return strconv.Quote(text[:i]) + "…"
		}
	}
	return strconv.Quote(text)
}
