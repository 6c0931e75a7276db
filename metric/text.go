package metric

import (
	"strings"
	"unicode"
)

// isSpace is Python's str.isspace for a character: unicode.IsSpace and four ASCII separators.
func isSpace(r rune) bool {
	return r >= 0x1C && r <= 0x1F || unicode.IsSpace(r)
}

// fields splits s at white space, as Python's str.split does.
func fields(s string) []string {
	return strings.FieldsFunc(s, isSpace)
}

// trimRight removes white space at the end, as Python's str.rstrip does.
func trimRight(s string) string {
	return strings.TrimRightFunc(s, isSpace)
}

// lower returns s in lower case by Unicode's full mapping, as Python's str.lower does. It differs from strings.ToLower
// in a dotted capital I and a sigma at the end of a word.
func lower(s string) string {
	if !strings.ContainsAny(s, "İΣ") {
		return strings.ToLower(s)
	}
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		switch {
		case r == 'İ':
			b.WriteString("i\u0307")
		case r == 'Σ' && finalSigma(runes, i):
			b.WriteRune('ς')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// finalSigma reports Unicode's condition Final_Sigma for runes[i]: apart from case-ignorable characters, a cased letter
// precedes it and none follows (The Unicode Standard, section 3.13, table 3-17).
func finalSigma(runes []rune, i int) bool {
	before := i - 1
	for before >= 0 && caseIgnorable(runes[before]) {
		before--
	}
	if before < 0 || !cased(runes[before]) {
		return false
	}
	after := i + 1
	for after < len(runes) && caseIgnorable(runes[after]) {
		after++
	}
	return after == len(runes) || !cased(runes[after])
}

// cased reports Unicode's property Cased.
func cased(r rune) bool {
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}

// caseIgnorable reports Unicode's property Case_Ignorable.
func caseIgnorable(r rune) bool {
	switch r {
	case '\'', '.', ':', '·', '\u0387', '\u055F', '\u05F4', '‘', '’', '\u2024', '\u2027', // MidLetter, MidNumLet
		'\uFE13', '\uFE52', '\uFE55', '\uFF07', '\uFF0E', '\uFF1A':
		return true
	}
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}
