package search

import "github.com/retell-rnn/retell/tokenize"

// Length bounds the lengths of translations, in tokens without </s>. As a [Rule] it keeps Min; the limit ends searches.
type Length struct {
	Ratio    float64 // at most Ratio × the source's length + Constant,
	Constant int
	Min      int // and at least Min
}

// Restrict lets no translation end before Min tokens.
func (l Length) Restrict(tokens []int32, logits []float32) {
	if len(tokens) < l.Min {
		logits[tokenize.EOS] = Impossible
	}
}

// limit returns the most tokens that a sentence's translation may have. Min, the prefix and wanted phrases have room
// in any case, and </s> after them.
func (l Length) limit(s *Sentence) int {
	needed := len(s.Prefix)
	for _, w := range s.Wants {
		needed += max(len(w.First), len(w.Later))
	}
	return max(int(l.Ratio*float64(s.Source))+l.Constant, max(l.Min, needed)+1)
}
