package probe

import (
	"unicode"
	"unicode/utf8"
)

// nextWord returns the first word of text in lower case, written over buf, and the text after it. Words are runs of
// letters, digits and marks. The word is empty where no word is left.
func nextWord(buf []byte, text string) (word []byte, rest string) {
	word = buf[:0]
	for i := 0; i < len(text); {
		c := text[i]
		size := 1
		switch {
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			word = append(word, c)
		case 'A' <= c && c <= 'Z':
			word = append(word, c+'a'-'A')
		case c < utf8.RuneSelf:
			if len(word) > 0 {
				return word, text[i+1:]
			}
		default:
			var r rune
			r, size = utf8.DecodeRuneInString(text[i:])
			if unicode.In(unicode.ToLower(r), unicode.Letter, unicode.Number, unicode.Mark) {
				word = utf8.AppendRune(word, unicode.ToLower(r))
			} else if len(word) > 0 {
				return word, text[i+size:]
			}
		}
		i += size
	}
	return word, ""
}
