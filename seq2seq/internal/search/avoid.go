package search

import "slices"

// Avoid is a [Rule]: the translation must not contain the phrase.
type Avoid Phrase

// Restrict makes each token impossible that would complete the phrase.
func (a Avoid) Restrict(tokens []int32, logits []float32) {
	p := Phrase(a)
	for _, want := range [...][]int32{p.First, p.Later} {
		n := len(want) - 1
		begin := len(tokens) - n
		if begin >= 0 && slices.Equal(tokens[begin:], want[:n]) && slices.Equal(p.at(begin), want) {
			logits[want[n]] = Impossible
		}
	}
}
