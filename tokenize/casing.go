package tokenize

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// casing is the case of all letters of a text, to which other text is folded; "" if the letters have both cases or
// none. The dotless ı and the dotted İ identify Turkish text, in which i has another capital.
type casing string

const (
	lowerCase        casing = "lower"
	upperCase        casing = "upper"
	turkishLowerCase casing = "turkish lower"
	turkishUpperCase casing = "turkish upper"
)

// valid reports whether c is one of the casings.
func (c casing) valid() bool {
	switch c {
	case "", lowerCase, upperCase, turkishLowerCase, turkishUpperCase:
		return true
	}
	return false
}

// fold returns text folded to c.
func (c casing) fold(text string) string {
	switch c {
	case lowerCase:
		return finalSigmas(strings.ToLower(text), text)
	case turkishLowerCase:
		return strings.ToLowerSpecial(unicode.TurkishCase, text)
	case upperCase:
		return strings.ToUpper(strings.ReplaceAll(text, "ß", "SS"))
	case turkishUpperCase:
		return strings.ToUpperSpecial(unicode.TurkishCase, text)
	}
	return text
}

// finalSigmas replaces σ in lower by ς where text has a capital at the end of a word.
func finalSigmas(lower, text string) string {
	if !strings.Contains(text, "Σ") {
		return lower
	}
	was, is := []rune(text), []rune(lower) // of equal length
	letter := func(i int) bool { return i >= 0 && i < len(is) && (unicode.IsLetter(is[i]) || unicode.IsMark(is[i])) }
	for i, r := range was {
		if r == 'Σ' && letter(i-1) && !letter(i+1) {
			is[i] = 'ς'
		}
	}
	return string(is)
}

// caseCounts counts letters that have two cases, and the Turkish ones.
type caseCounts struct{ lower, upper, turkish int }

// add counts the letters of a text that occurs n times.
func (c *caseCounts) add(text string, n int) {
	for _, r := range text {
		switch {
		case 'a' <= r && r <= 'z':
			c.lower += n
		case 'A' <= r && r <= 'Z':
			c.upper += n
		case r < 0x80:
		case unicode.ToUpper(r) != r && unicode.IsLower(r):
			c.lower += n
		case unicode.ToLower(r) != r:
			c.upper += n
		}
		if r == 'ı' || r == 'İ' {
			c.turkish += n
		}
	}
}

// casing returns the case of the counted letters. More than one ı or İ in 200 letters means Turkish text; fewer may
// come from Turkish names in other text.
func (c *caseCounts) casing() casing {
	turkish := c.turkish*200 > c.lower+c.upper
	switch {
	case c.upper == 0 && c.lower > 0 && turkish:
		return turkishLowerCase
	case c.upper == 0 && c.lower > 0:
		return lowerCase
	case c.lower == 0 && c.upper > 0 && turkish:
		return turkishUpperCase
	case c.lower == 0 && c.upper > 0:
		return upperCase
	}
	return ""
}

// spelledCase counts the letters of tokens between spaces. If most tokens are single letters, as in spelled words,
// other tokens are symbols, such as features, and do not count.
func spelledCase(tokens map[string]int) caseCounts {
	var all, single caseCounts
	letters, total := 0, 0
	for token, n := range tokens {
		all.add(token, n)
		if total += n; utf8.RuneCountInString(token) == 1 {
			single.add(token, n)
			letters += n
		}
	}
	if 2*letters > total {
		return single
	}
	return all
}

// foldTokens folds each token of a line that s has only in folded form.
func (c casing) foldTokens(line string, s *spaceScheme) string {
	var tokens []string
	s.split(line, func(token string) {
		if _, known := s.ids[token]; !known {
			folded := norm.NFC.String(c.fold(token))
			if _, known := s.ids[folded]; known {
				token = folded
			}
		}
		tokens = append(tokens, token)
	})
	return strings.Join(tokens, s.sep)
}
