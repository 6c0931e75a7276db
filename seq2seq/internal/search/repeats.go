package search

import "slices"

// NoRepeat is a [Rule]: no n-gram of this length, 1 or more, occurs twice in a translation.
//
// Paulus, Xiong and Socher, A Deep Reinforced Model for Abstractive Summarization, 2017.
type NoRepeat int

// Restrict makes each token impossible that would complete an n-gram a second time.
func (n NoRepeat) Restrict(tokens []int32, logits []float32) {
	before := int(n) - 1
	last := len(tokens) - before // start of the n-gram that the next token completes
	for i := range last {
		if slices.Equal(tokens[i:i+before], tokens[last:]) {
			logits[tokens[i+before]] = Impossible
		}
	}
}
