package tokenize

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	spaceMark = "▁" // U+2581
	joinMark  = "￭" // U+FFED
)

// write returns the written form of a token's text, for every kind except space, line and fields.
func write(text string) string {
	if isSymbol(text) {
		return `\` + text
	}
	if !strings.ContainsAny(text, `\ `+spaceMark+joinMark) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch r {
		case ' ':
			b.WriteString(spaceMark)
			continue
		case '\\', '▁', '￭':
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// read is the inverse of write. Text that write does not return is an error.
func read(written string) (string, error) {
	var b strings.Builder
	escaped := false
	for _, r := range written {
		switch {
		case escaped:
			b.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == '▁':
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	text := b.String()
	if text == "" || !utf8.ValidString(written) || write(text) != written {
		return "", fmt.Errorf("tokenize: vocabulary: %q is not the written form of a token", written)
	}
	return text, nil
}

// writeWord returns the written form of a word with its joins.
func writeWord(text string, j join) string {
	text = write(text)
	if j&joinLeft != 0 {
		text = joinMark + text
	}
	if j&joinRight != 0 {
		text += joinMark
	}
	return text
}

// readWord is the inverse of writeWord.
func readWord(written string) (string, join, error) {
	var j join
	text, ok := strings.CutPrefix(written, joinMark)
	if ok {
		j |= joinLeft
	}
	if rest, ok := strings.CutSuffix(text, joinMark); ok {
		// After an odd number of backslashes, the mark is part of the text.
		if slashes := len(rest) - len(strings.TrimRight(rest, `\`)); slashes%2 == 0 {
			text = rest
			j |= joinRight
		}
	}
	text, err := read(text)
	return text, j, err
}

// writeSpaced returns the written form of a token of kind space, line or fields.
func writeSpaced(text string) string {
	if isSymbol(strings.TrimLeft(text, `\`)) {
		return `\` + text
	}
	return text
}

// readSpaced is the inverse of writeSpaced for kind space.
func readSpaced(written string) (string, error) {
	text, err := readLine(written)
	if err != nil || strings.IndexByte(text, ' ') >= 0 {
		return "", fmt.Errorf("tokenize: vocabulary: %q is not a token of kind space", written)
	}
	return text, nil
}

// readField is the inverse of writeSpaced for kind fields.
func readField(written string) (string, error) {
	text, err := readLine(written)
	if err != nil || strings.IndexByte(text, '\t') >= 0 {
		return "", fmt.Errorf("tokenize: vocabulary: %q is not a token of kind fields", written)
	}
	return text, nil
}

// readLine is the inverse of writeSpaced for kind line.
func readLine(written string) (string, error) {
	text := written
	if isSymbol(strings.TrimLeft(written, `\`)) {
		text = strings.TrimPrefix(written, `\`)
	}
	if text == "" || text != oneLine(text) || writeSpaced(text) != written {
		return "", fmt.Errorf("tokenize: vocabulary: %q is not a token of kind line", written)
	}
	return text, nil
}

// isSymbol reports whether text looks like a special symbol or a byte token.
func isSymbol(text string) bool {
	if len(text) < 3 || text[0] != '<' || text[len(text)-1] != '>' {
		return false
	}
	switch text {
	case "<pad>", "<unk>", "<s>", "</s>":
		return true
	}
	const hex = "0123456789ABCDEF"
	return len(text) == len("<0x00>") && text[1:3] == "0x" &&
		strings.IndexByte(hex, text[3]) >= 0 && strings.IndexByte(hex, text[4]) >= 0
}
