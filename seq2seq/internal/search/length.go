package search

import "github.com/retell-rnn/retell/tokenize"

// Length bounds the length of a translation, in tokens without </s>. As a [Rule] it enforces Min. Searches themselves
// stop at the upper limit.
type Length struct {
	Ratio    float64 // at most Ratio · length of the source + Constant
	Constant int
	Min      int // at least Min
}

// Restrict makes </s> impossible before Min tokens.
func (l Length) Restrict(tokens []int32, logits []float32) {
	if len(tokens) < l.Min {
		logits[tokenize.EOS] = Impossible
	}
}

// limit returns the largest number of tokens of a sentence's translation. It always has room for Min tokens, for the
// prefix and the wanted phrases, and for </s>.
func (l Length) limit(s *Sentence) int {
	needed := len(s.Prefix)
	for _, w := range s.Wants {
		needed += max(len(w.First), len(w.Later))
	}
	return max(int(l.Ratio*float64(s.Source))+l.Constant, max(l.Min, needed)+1)
}
