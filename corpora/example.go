package corpora

import (
	"strings"

	"github.com/retell-rnn/retell/tokenize"
)

// Example is a source and its acceptable targets. For sentence vectors it is a set: source and targets all mean the
// same.
type Example struct {
	Source string `json:"source"`
	// Targets holds the acceptable targets. Single-reference metrics use the first. With ReadOptions.SourceOnly, it is
	// empty.
	Targets []string `json:"targets,omitempty"`
	// Labels holds the further label columns of a labeled sequence, whose source has tokens and whose first target has a
	// label for each, separated by tabs. A column is like the target.
	Labels []string `json:"labels,omitempty"`
	// Weight multiplies the loss of each target in training; 0 means 1. Evaluation ignores it, and so does validation
	// except of classifiers.
	Weight float64 `json:"weight,omitempty"`
	// Alignment aligns the words of the source with those of the first target; nil means unknown.
	Alignment Alignment `json:"alignment,omitempty"`
	// Negatives holds texts that look like the source and mean something else; see [Triplets].
	Negatives []string `json:"negatives,omitempty"`
	// Judged is the similarity of the source and the first target by people's judgment, from 0 to 1; nil means that the
	// pair is not judged.
	Judged *float64 `json:"judged,omitempty"`
	// Corpus is the number of the example's corpus in a mixture, from 0.
	Corpus int `json:"corpus,omitempty"`
}

// OpenBox (U+2423, ␣) represents a space in text whose letters are separated by spaces.
const OpenBox = "\u2423"

// Letters returns the code points of text, separated by single spaces; a space in text becomes [OpenBox]. The text is
// cleaned first, see [tokenize.Config.Clean]: it is trimmed and in NFC, so that an accent is a separate letter only if
// no composed code point exists.
func Letters(text string) string {
	text = tokenize.Config{}.Clean(text)
	var b strings.Builder
	b.Grow(2 * len(text))
	for i, r := range text {
		if i > 0 {
			b.WriteByte(' ')
		}
		if r == ' ' {
			b.WriteString(OpenBox)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// JoinLetters is the inverse of [Letters] for clean text without [OpenBox]: it removes the spaces and turns every
// OpenBox into a space.
func JoinLetters(letters string) string {
	return strings.ReplaceAll(strings.ReplaceAll(letters, " ", ""), OpenBox, " ")
}
