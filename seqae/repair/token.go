package repair

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The ends of a line are tokens, too. The first one holds what is inserted before the first character.
const (
	lineStart = `\^`
	lineEnd   = `\$`
)

// characters splits a line into characters: each is a code point with the combining marks after it, or a byte that is
// not UTF-8. The characters joined are the line.
func characters(line string) []string {
	var out []string
	for i := 0; i < len(line); {
		from := i
		r, n := utf8.DecodeRuneInString(line[i:])
		i += n
		if unicode.IsLetter(r) {
			for i < len(line) {
				mark, n := utf8.DecodeRuneInString(line[i:])
				if !unicode.Is(unicode.Mn, mark) {
					break
				}
				i += n
			}
		}
		out = append(out, line[from:i])
	}
	return out
}

// quoteToken returns a character as a token: itself, or an escape that begins with a backslash for what has no shape of
// its own.
func quoteToken(character string) string {
	if len(character) == 1 && character[0] > ' ' && character[0] < 0x7f && character[0] != '\\' {
		return character
	}
	var b strings.Builder
	for i, r := range character {
		_, n := utf8.DecodeRuneInString(character[i:])
		appendQuoted(&b, r, character[i:i+n], i > 0)
	}
	return b.String()
}

// appendQuoted appends a rune, or its escape. follows says that a combining mark has a letter before it.
func appendQuoted(b *strings.Builder, r rune, raw string, follows bool) {
	switch {
	case r == utf8.RuneError && len(raw) == 1:
		fmt.Fprintf(b, `\x%02x`, raw[0])
	case r == '\\':
		b.WriteString(`\\`)
	case r == ' ':
		b.WriteString(`\s`)
	case r == '\t':
		b.WriteString(`\t`)
	case unicode.Is(unicode.M, r) && follows && unicode.Is(unicode.Mn, r):
		b.WriteString(raw)
	case unicode.IsSpace(r) || unicode.Is(unicode.M, r) || !unicode.IsGraphic(r):
		fmt.Fprintf(b, `\u{%x}`, r)
	default:
		b.WriteString(raw)
	}
}

// unquoteToken is the inverse of quoteToken. The ends of a line have no text.
func unquoteToken(token string) string {
	if len(token) < 2 || strings.IndexByte(token, '\\') < 0 {
		return token
	}
	var b strings.Builder
	for token != "" {
		text, rest := unquoteNext(token)
		b.WriteString(text)
		token = rest
	}
	return b.String()
}

// unquoteNext returns the text of the first rune or escape of a token, and the rest of the token.
func unquoteNext(token string) (text, rest string) {
	if token[0] != '\\' || len(token) == 1 {
		_, n := utf8.DecodeRuneInString(token)
		return token[:n], token[n:]
	}
	rest = token[2:]
	switch token[1] {
	case '^', '$':
		return "", rest
	case 's':
		return " ", rest
	case 't':
		return "\t", rest
	case 'x':
		if n, err := strconv.ParseUint(rest[:min(2, len(rest))], 16, 8); err == nil {
			return string([]byte{byte(n)}), rest[2:]
		}
	case 'u':
		digits, after, ok := strings.Cut(strings.TrimPrefix(rest, "{"), "}")
		if n, err := strconv.ParseUint(digits, 16, 32); ok && err == nil && n <= unicode.MaxRune {
			return string(rune(n)), after
		}
	}
	_, n := utf8.DecodeRuneInString(token[1:]) // a backslash before anything else stands for it
	return token[1 : 1+n], token[1+n:]
}
