package corpora

import (
	"strings"

	"github.com/retell-rnn/retell/tokenize"
)

// Example is one source and every acceptable target.
type Example struct {
	Source string `json:"source"`
	// Targets holds the acceptable targets; the first is the one that single-reference metrics use. It is empty where only
	// sources were read.
	Targets []string `json:"targets,omitempty"`
	// Weight multiplies the loss of each target in training; 0 means 1. Evaluation ignores it, as do validations but a
	// classifier's.
	Weight float64 `json:"weight,omitempty"`
	// Alignment says which words of the first target say what which words of the source do; nil is unknown.
	Alignment Alignment `json:"alignment,omitempty"`
}

// OpenBox (U+2423, ␣) stands for a space inside of a text whose letters are separated by spaces.
const OpenBox = "\u2423"

// Letters returns the code points of text, separated by single spaces; a space among them is written as [OpenBox]. The
// text is cleaned first, see [tokenize.Config.Clean]: it is in NFC, so that an accent is a letter of its own only where
// no code point has it composed, and has no white space at its ends.
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

// JoinLetters is the inverse of [Letters] for clean text: it drops the spaces and turns every [OpenBox] into a space. A
// text that held an OpenBox of its own comes back with a space in its place.
func JoinLetters(letters string) string {
	return strings.ReplaceAll(strings.ReplaceAll(letters, " ", ""), OpenBox, " ")
}
