package metric

import (
	"strings"
	"unicode"

	"github.com/retell-rnn/retell/internal/setting"
)

// Tokenizer is a tokenizer of BLEU. The empty string means Tok13a.
type Tokenizer string

const (
	Tok13a  Tokenizer = "13a"  // mteval-v13a, for European languages
	TokIntl Tokenizer = "intl" // mteval-v14, by Unicode's punctuation and symbols
	TokZh   Tokenizer = "zh"   // Chinese: single characters, other text as in 13a
	TokChar Tokenizer = "char" // single characters
	TokNone Tokenizer = "none" // white space only
)

// MarshalText returns the name.
func (t Tokenizer) MarshalText() ([]byte, error) {
	return setting.Marshal(t, Tok13a, TokIntl, TokZh, TokChar, TokNone)
}

// UnmarshalText sets the tokenizer from its name.
func (t *Tokenizer) UnmarshalText(text []byte) error {
	return setting.Unmarshal(t, text, Tok13a, TokIntl, TokZh, TokChar, TokNone)
}

// function returns the function that separates the tokens of a line by white space. t must be valid.
func (t Tokenizer) function() func(line string) string {
	switch t {
	case TokIntl:
		return tokenizeIntl
	case TokZh:
		return tokenizeZh
	case TokChar:
		return tokenizeChar
	case TokNone:
		return func(line string) string { return line }
	}
	return tokenize13a
}

// tokenize13a is the tokenization of NIST's mteval-v13a.
func tokenize13a(line string) string {
	line = strings.ReplaceAll(line, "<skipped>", "")
	line = strings.ReplaceAll(line, "-\n", "")
	line = strings.ReplaceAll(line, "\n", " ")
	return string(splitWestern([]byte(" " + unescape(line) + " ")))
}

// tokenizeZh is sacreBLEU's tokenization of Chinese.
func tokenizeZh(line string) string {
	return string(splitWestern([]byte(spaceAround(strings.TrimFunc(line, isSpace), isChinese))))
}

// tokenizeIntl is the international tokenization of NIST's mteval-v14: it splits off punctuation except between
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

// unescape decodes four SGML entities, one entity after another as in sacreBLEU.
func unescape(line string) string {
	if !strings.Contains(line, "&") {
		return line
	}
	line = strings.ReplaceAll(line, "&quot;", `"`)
	line = strings.ReplaceAll(line, "&amp;", "&")
	line = strings.ReplaceAll(line, "&lt;", "<")
	return strings.ReplaceAll(line, "&gt;", ">")
}

// splitWestern is the language-dependent part of mteval-v13a. It splits off ASCII punctuation, except apostrophes,
// dashes that do not follow a digit, and full stops and commas between digits.
func splitWestern(line []byte) []byte {
	return splitNumbers(splitPunctuation(line))
}

// splitPunctuation puts spaces around ASCII punctuation that is a token in any context.
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

// splitNumbers splits full stops and commas from neighbors that are not digits, and dashes from a digit before them.
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

// Positions of the second space of splitPairs.
const (
	spaceAfter  = true
	spaceBefore = false
)

// splitPairs puts a space between adjacent characters of the two classes, and another after or before the pair. It
// matches from left to right without overlap, like a regular expression.
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

// isChinese reports whether sacreBLEU's zh treats r as a Chinese character. It repeats an error of sacreBLEU, because
// scores depend on it: two ranges of the supplementary planes become U+2001 to U+2A6D (punctuation, arrows,
// mathematics) and U+2F81 to U+2FA1.
func isChinese(r rune) bool {
	switch {
	case r >= 0x2001 && r <= 0x2A6D, // the error above; includes U+2600 to U+27BF, symbols and dingbats
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
