// Package quote formats untrusted text for messages: [Text] quotes and shortens it, [JSON] rewords errors of JSON.
package quote

import (
	"strconv"
	"unicode/utf8"
)

// Most is the number of runes of a text that a message shows.
const Most = 60

// Text returns s in quotation marks, as %q does. It cuts s after [Most] runes and then appends "…".
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
