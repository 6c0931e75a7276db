package metric

import (
	"fmt"
	"strings"
	"unicode"
)

// Names of BLEU's tokenisers.
const (
	Tok13a  = "13a"  // mteval-v13a, for European languages; the default
	TokIntl = "intl" // mteval-v14, by Unicode's punctuation and symbols
	TokZh   = "zh"   // Chinese: single characters, the rest as 13a
	TokChar = "char" // single characters
	TokNone = "none" // white space only
)

// tokenizer puts white space between the tokens of a line.
type tokenizer func(line string) string

// newTokenizer returns the tokeniser of that name.
func newTokenizer(name string) (tokenizer, error) {
	switch name {
	case Tok13a:
		return tokenize13a, nil
	case TokIntl:
		return tokenizeIntl, nil
	case TokZh:
		return tokenizeZh, nil
	case TokChar:
		return tokenizeChar, nil
	case TokNone:
		return func(line string) string { return line }, nil
	}
	return nil, fmt.Errorf("metric: tokenizer %q: want %s, %s, %s, %s or %s", name, Tok13a, TokIntl, TokZh, TokChar, TokNone)
}

// tokenize13a is the tokenisation of NIST's mteval-v13a.
func tokenize13a(line string) string {
	line = strings.ReplaceAll(line, "<skipped>", "")
	line = strings.ReplaceAll(line, "-\n", "")
	line = strings.ReplaceAll(line, "\n", " ")
	return string(splitWestern([]byte(" " + unescape(line) + " ")))
}

// tokenizeZh is sacreBLEU's tokenisation of Chinese.
func tokenizeZh(line string) string {
	return string(splitWestern([]byte(spaceAround(strings.TrimFunc(line, isSpace), isChinese))))
}

// tokenizeIntl is the international tokenisation of NIST's mteval-v14: punctuation stands alone unless it is between
// numbers.
func tokenizeIntl(line string) string {
	notNumber := func(r rune) bool { return !unicode.IsNumber(r) }
	runes := splitPairs([]rune(line), notNumber, unicode.IsPunct, spaceAfter)
	runes = splitPairs(runes, unicode.IsPunct, notNumber, spaceBefore)
	return spaceAround(string(runes), unicode.IsSymbol)
}

// tokenizeChar makes every character a token.
func tokenizeChar(line string) string {
	return spaceAround(line, func(rune) bool { return true })
}

// unescape undoes the four entities of SGML, one after the other.
func unescape(line string) string {
	if !strings.Contains(line, "&") {
		return line
	}
	line = strings.ReplaceAll(line, "&quot;", `"`)
	line = strings.ReplaceAll(line, "&amp;", "&")
	line = strings.ReplaceAll(line, "&lt;", "<")
	return strings.ReplaceAll(line, "&gt;", ">")
}

// splitWestern is the language-dependent part of mteval-v13a: ASCII punctuation stands alone, except apostrophes and
// dashes (unless after a digit), and full stops and commas between digits.
func splitWestern(line []byte) []byte {
	return splitNumbers(splitPunctuation(line))
}

// splitPunctuation puts spaces around the ASCII punctuation that is a token wherever it stands.
func splitPunctuation(line []byte) []byte {
	out := make([]byte, 0, len(line)+len(line)/2)
	for _, c := range line {
		if isPunctuation(c) {
			out = append(out, ' ', c, ' ')
		} else {
			out = append(out, c)
		}
	}
	return out
}

// splitNumbers splits full stops and commas from what is no digit, and dashes from a digit before them.
func splitNumbers(line []byte) []byte {
	isDigit := func(c byte) bool { return c >= '0' && c <= '9' }
	notDigit := func(c byte) bool { return c < '0' || c > '9' }
	isStop := func(c byte) bool { return c == '.' || c == ',' }
	isDash := func(c byte) bool { return c == '-' }
	line = splitPairs(line, notDigit, isStop, spaceAfter)
	line = splitPairs(line, isStop, notDigit, spaceBefore)
	return splitPairs(line, isDigit, isDash, spaceAfter)
}

// isPunctuation reports whether c is printable ASCII other than letters, digits, apostrophe, comma, dash, full stop and
// space.
func isPunctuation(c byte) bool {
	switch {
	case c >= '!' && c <= '&', c >= '(' && c <= '+', c == '/', c >= ':' && c <= '@', c >= '[' && c <= '`', c >= '{' && c <= '~':
		return true
	}
	return false
}

// Where splitPairs puts its other space.
const (
	spaceAfter  = true
	spaceBefore = false
)

// splitPairs separates neighbours of the two classes by a space, and puts another after (or before) the pair. Pairs are
// found from left to right and do not overlap, as a regular expression would find them.
func splitPairs[C byte | rune](line []C, first, second func(C) bool, after bool) []C {
	out := make([]C, 0, len(line)+len(line)/2)
	for i := 0; i < len(line); i++ {
		if i+1 == len(line) || !first(line[i]) || !second(line[i+1]) {
			out = append(out, line[i])
			continue
		}
		if after {
			out = append(out, line[i], ' ', line[i+1], ' ')
		} else {
			out = append(out, ' ', line[i], ' ', line[i+1])
		}
		i++
	}
	return out
}

// spaceAround puts spaces before and after every character of a class.
func spaceAround(line string, class func(rune) bool) string {
	var b strings.Builder
	b.Grow(2 * len(line))
	for _, r := range line {
		if class(r) {
			b.WriteByte(' ')
			b.WriteRune(r)
			b.WriteByte(' ')
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isChinese reports whether sacreBLEU's zh takes r for a Chinese character. Two of its ranges, meant for the
// supplementary planes, are read as U+2001 to U+2A6D (general punctuation, arrows, mathematics) and U+2F81 to U+2FA1;
// scores depend on it.
func isChinese(r rune) bool {
	switch {
	case r >= 0x2001 && r <= 0x2A6D, // read so, see above; with U+2600 to U+27BF, symbols and dingbats
		r >= 0x2E80 && r <= 0x2FDF, // radicals
		r >= 0x2FF0 && r <= 0x303F, // description characters, punctuation
		r >= 0x3100 && r <= 0x312F, // Bopomofo
		r >= 0x31A0 && r <= 0x31EF, // Bopomofo extended, strokes
		r >= 0x3200 && r <= 0x4DB5, // enclosed letters, compatibility, ideographs of extension A
		r >= 0x4E00 && r <= 0x9FBB, // ideographs
		r >= 0xF900 && r <= 0xFA2D, // compatibility ideographs
		r >= 0xFA30 && r <= 0xFA6A,
		r >= 0xFA70 && r <= 0xFAD9,
		r >= 0xFE10 && r <= 0xFE1F, // vertical forms
		r >= 0xFE30 && r <= 0xFE4F, // compatibility forms
		r >= 0xFF00 && r <= 0xFFEF: // half and full width forms
		return true
	}
	return false
}
