package corpora

import (
	"strings"
	"unicode"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/clipperhouse/uax29/v2/words"
)

// Token is a part of a line.
type Token struct {
	Text  string `json:"text"`  // the part
	Start int    `json:"start"` // offset of its first byte in the line
	End   int    `json:"end"`   // offset of the byte after it
}

// SplitWords returns the words and marks of a line by Unicode's rules (UAX 29), without white space and marks that
// cannot be seen.
func SplitWords(line string) []Token {
	var tokens []Token
	for it := words.FromString(line); it.Next(); {
		if text := it.Value(); !isBlank(text) {
			tokens = append(tokens, Token{text, it.Start(), it.End()})
		}
	}
	return tokens
}

// SplitCharacters returns the user-perceived characters of a line (UAX 29), without white space and marks that cannot
// be seen.
func SplitCharacters(line string) []Token {
	var tokens []Token
	for it := graphemes.FromString(line); it.Next(); {
		if text := it.Value(); !isBlank(text) {
			tokens = append(tokens, Token{text, it.Start(), it.End()})
		}
	}
	return tokens
}

// parseSegmented returns the characters of a line, each labeled B at the begin of a word and I within one.
func parseSegmented(line string, sourceOnly bool) Example {
	var tokens, labels []string
	end := 0 // of the character before
	for i, t := range SplitCharacters(line) {
		label := "I"
		if i == 0 || strings.ContainsFunc(line[end:t.Start], unicode.IsSpace) {
			label = "B"
		}
		tokens, labels, end = append(tokens, t.Text), append(labels, label), t.End
	}
	e := Example{Source: JoinFields(tokens)}
	if !sourceOnly && len(tokens) > 0 {
		e.Targets = []string{JoinFields(labels)}
	}
	return e
}
