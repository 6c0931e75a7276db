package noise

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// mapWords replaces every run of text between white space by f of it, and keeps the white space.
func mapWords(line string, f func(word string) string) string {
	var b strings.Builder
	b.Grow(len(line))
	for line != "" {
		n := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsSpace(r) })
		if n < 0 {
			n = len(line)
		}
		b.WriteString(line[:n])
		line = line[n:]
		if n = strings.IndexFunc(line, unicode.IsSpace); n < 0 {
			n = len(line)
		}
		if n > 0 {
			b.WriteString(f(line[:n]))
		}
		line = line[n:]
	}
	return b.String()
}

// mapCores replaces the core of every word by f of it: the word without marks at its ends. f gets the core in lower
// case and the result gets the core's case.
func mapCores(line string, f func(core string) string) string {
	mark := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	return mapWords(line, func(word string) string {
		core := strings.TrimFunc(word, mark)
		if core == "" {
			return word
		}
		at := strings.Index(word, core)
		lower := strings.ToLower(core)
		out := f(lower)
		if out == lower {
			return word
		}
		return word[:at] + caseLike(out, core) + word[at+len(core):]
	})
}

// caseLike writes a word, in lower case, in the case of another: capitals, one capital, or as it is.
func caseLike(word, like string) string {
	first, size := utf8.DecodeRuneInString(like)
	switch {
	case !unicode.IsUpper(first):
		return word
	case len(like) > size && strings.ToUpper(like) == like:
		return strings.ToUpper(word)
	default:
		return capitalized(word)
	}
}

// capitalized returns a word whose first letter is a capital.
func capitalized(word string) string {
	first, size := utf8.DecodeRuneInString(word)
	return string(unicode.ToTitle(first)) + word[size:]
}
