package metric

import (
	"math"
	"slices"
)

// ExactMatch is the share of sentences whose tokens, between white space, are those of one of the references, in per
// cent; or the share of the others.
//
// Its statistics are: sentences counted, sentences.
type ExactMatch struct {
	errors bool
}

// NewExactMatch returns the share of right sentences.
func NewExactMatch() *ExactMatch { return &ExactMatch{} }

// NewSER returns the sentence error rate, the share of wrong sentences. Where a line is a word's pronunciation or
// inflection, it is what papers call the word error rate.
func NewSER() *ExactMatch { return &ExactMatch{errors: true} }

// Name returns exact or SER.
func (m *ExactMatch) Name() string { return choose(m.errors, "SER", "exact") }

// HigherIsBetter reports whether right sentences are counted.
func (m *ExactMatch) HigherIsBetter() bool { return !m.errors }

// Signature is nrefs:1|tok:space|version:….
func (m *ExactMatch) Signature(nrefs int) string { return signature(nrefs, "tok", "space") }

// Stats returns the statistics of one sentence.
func (m *ExactMatch) Stats(hyp string, refs []string) Stats {
	h := fields(hyp)
	right := slices.ContainsFunc(refs, func(ref string) bool { return slices.Equal(h, fields(ref)) })
	if right != m.errors {
		return Stats{1, 1}
	}
	return Stats{0, 1}
}

// Score computes the share, 0 to 100.
func (m *ExactMatch) Score(sum Stats) Score { return share(m.Name(), sum) }

// TokenAccuracy is the share of the first reference's tokens, between white space, that the hypothesis has at the same
// position, in per cent. Further references and further tokens of the hypothesis do not count.
//
// Its statistics are: tokens that are the same, tokens of the reference.
type TokenAccuracy struct{}

// NewTokenAccuracy returns the token accuracy.
func NewTokenAccuracy() *TokenAccuracy { return &TokenAccuracy{} }

// Name returns accuracy.
func (m *TokenAccuracy) Name() string { return "accuracy" }

// HigherIsBetter returns true.
func (m *TokenAccuracy) HigherIsBetter() bool { return true }

// Signature is nrefs:1|tok:space|version:….
func (m *TokenAccuracy) Signature(nrefs int) string { return signature(nrefs, "tok", "space") }

// Stats returns the statistics of one sentence.
func (m *TokenAccuracy) Stats(hyp string, refs []string) Stats {
	h, r := fields(hyp), fields(refs[0])
	same := 0
	for i := range min(len(h), len(r)) {
		if h[i] == r[i] {
			same++
		}
	}
	return Stats{float64(same), float64(len(r))}
}

// Score computes the share, 0 to 100.
func (m *TokenAccuracy) Score(sum Stats) Score { return share(m.Name(), sum) }

// share computes the score of a count and what it is a part of. Nothing of nothing is 0.
func share(name string, sum Stats) Score {
	return Score{Metric: name, Value: 100 * sum[0] / max(1, sum[1]), Ratio: &Ratio{sum[0], sum[1]}}
}

// Perplexity returns e to the mean negative log-likelihood (natural logarithm) of a number of tokens, which must be
// positive. What overflows is math.MaxFloat64, which is finite, so that JSON can hold it.
func Perplexity(nll float64, tokens int) float64 {
	return min(math.Exp(nll/float64(tokens)), math.MaxFloat64)
}
