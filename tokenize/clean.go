package tokenize

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean returns the line in valid UTF-8 and in the normal form; it keeps the case of letters. Unless the configuration
// is lossless or of kind fields, it removes invisible marks, trims white space and folds each run of it to one space
// (U+0020), and a blank line becomes empty.
func (c Config) Clean(line string) string {
	plain, ascii := isPlain(line)
	if plain && ascii {
		return line
	}
	line = oneLine(line)
	if c.Kind == Fields {
		return c.normalForm(line)
	}
	if plain && c.Normalize != NFKC { // other forms add no white space
		return c.normalForm(line)
	}
	if IsBlank(line) {
		return ""
	}
	if c.Lossless {
		line = c.normalForm(line)
		if c.Kind == Space {
			line = singleSpaces(line)
		}
		return line
	}
	return foldSpaces(c.normalForm(visible(line)))
}

// IsBlank reports whether a line holds only white space and invisible marks. Only kind fields
// makes tokens of such a line.
func IsBlank(line string) bool {
	return strings.IndexFunc(line, func(r rune) bool { return !unicode.IsSpace(r) && !isInvisible(r) && !isControl(r) }) < 0
}

// isInvisible reports whether r affects only line breaks: the soft hyphen, zero-width spaces, the byte order mark.
func isInvisible(r rune) bool {
	return r == '\u00AD' || r == '\u200B' || r == '\u2060' || r == '\uFEFF'
}

// isControl reports whether r joins letters or sets the direction of text.
func isControl(r rune) bool {
	return '\u200C' <= r && r <= '\u200F' || '\u202A' <= r && r <= '\u202E' || '\u2066' <= r && r <= '\u2069'
}

// isPlain reports whether the bytes of a line show that it needs no cleaning, and whether all bytes are ASCII. Most
// lines are plain.
func isPlain(line string) (plain, ascii bool) {
	space := true // the previous byte is a space, or the line begins
	var all byte
	for i := range len(line) {
		b := line[i]
		if b == ' ' {
			if space {
				return false, false
			}
			space = true
			continue
		}
		if cleaned[b] {
			return false, false
		}
		all |= b
		space = false
	}
	return !space, all < utf8.RuneSelf
}

// cleaned has the first bytes of white space other than U+0020 and of invisible marks.
var cleaned = [256]bool{'\t': true, '\n': true, '\v': true, '\f': true, '\r': true, 0xC2: true, 0xE1: true, 0xE2: true, 0xE3: true, 0xEF: true}

// visible removes the invisible marks of a line.
func visible(line string) string {
	for i := 0; i < len(line); i++ {
		switch line[i] { // the first bytes of the marks
		case 0xC2, 0xE2, 0xEF:
			if r, _ := utf8.DecodeRuneInString(line[i:]); isInvisible(r) {
				return strings.Map(func(r rune) rune {
					if isInvisible(r) {
						return -1
					}
					return r
				}, line)
			}
		}
	}
	return line
}

// foldSpaces trims white space and folds each run of it to one space.
func foldSpaces(line string) string {
	if folded(line) {
		return line
	}
	var b strings.Builder
	b.Grow(len(line))
	for field := range strings.FieldsSeq(line) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(field)
	}
	return b.String()
}

// folded reports whether the only white space of a line is single spaces between other characters.
func folded(line string) bool {
	space := line != "" // the previous character is a space, or the line begins
	for i := 0; i < len(line); i++ {
		switch b := line[i]; {
		case b == ' ':
			if space {
				return false
			}
			space = true
			continue
		case '\t' <= b && b <= '\r':
			return false
		case b == 0xC2, 0xE1 <= b && b <= 0xE3: // the first bytes of white space beyond ASCII
			if r, _ := utf8.DecodeRuneInString(line[i:]); unicode.IsSpace(r) {
				return false
			}
		}
		space = false
	}
	return !space
}

// singleSpaces trims spaces (U+0020) and folds each run of them to one.
func singleSpaces(s string) string {
	s = strings.Trim(s, " ")
	if !strings.Contains(s, "  ") {
		return s
	}
	fields := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' })
	return strings.Join(fields, " ")
}

// oneLine returns s as one line of valid UTF-8.
func oneLine(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexByte(s, '\n') >= 0 {
		s = strings.ReplaceAll(s, "\n", " ")
	}
	return s
}
