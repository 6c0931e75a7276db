package seqae

import (
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"
)

// variation is [Noise.Vary] of the words of texts, for a model whose source and target have different tokens. Its JSON
// is that of the rate.
type variation struct {
	Vary  float64  `json:"vary"`
	words []string // words of the corpus, with repetitions, without those that begin a line
}

// newVariation returns the variation of lines.
func newVariation(rate float64, lines []string) *variation {
	v := &variation{Vary: rate}
	for _, line := range lines {
		first := true
		for _, word := range words(line) {
			if isWord(word) && !first {
				v.words = append(v.words, word)
			}
			first = first && !isWord(word)
		}
	}
	return v
}

// CorruptText implements [seq2seq.TextNoise]. The target is the source, as in a model that learns to write its source.
func (v *variation) CorruptText(rng *rand.Rand, source, _ string) (s, t string) {
	parts := words(source)
	first := true
	for i, word := range parts {
		if !isWord(word) {
			continue
		}
		if len(v.words) > 0 && rng.Float64() < v.Vary {
			parts[i] = v.words[rng.IntN(len(v.words))]
			if r, _ := utf8.DecodeRuneInString(word); first && unicode.IsUpper(r) {
				parts[i] = capital(parts[i])
			}
		}
		first = false
	}
	s = strings.Join(parts, "")
	return s, s
}

// words cuts a text into words, with the apostrophes inside them, and what is between.
func words(text string) []string {
	var parts []string
	at, letters := 0, false
	for i, r := range text {
		is := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
		if letters && (r == '\'' || r == '’') {
			next, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
			is = unicode.IsLetter(next)
		}
		if is != letters && i > at {
			parts, at = append(parts, text[at:i]), i
		}
		letters = is
	}
	if at < len(text) {
		parts = append(parts, text[at:])
	}
	return parts
}

// isWord reports whether a part of words is a word.
func isWord(part string) bool {
	r, _ := utf8.DecodeRuneInString(part)
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// capital returns a word with a capital letter.
func capital(word string) string {
	r, n := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(r)) + word[n:]
}
