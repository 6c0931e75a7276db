package metric

import (
	"math"
	"slices"
)

// ExactMatch is the percentage of sentences that equal one of their references, token by token, or, from [NewSER], of
// those that equal none. Tokens are separated by white space.
//
// Its statistics are: sentences counted, all sentences.
type ExactMatch struct {
	errors bool
}

// NewExactMatch returns the percentage of correct sentences.
func NewExactMatch() *ExactMatch { return &ExactMatch{} }

// NewSER returns the sentence error rate, the percentage of wrong sentences. Papers call it the word error rate if
// lines are pronunciations or inflections of words.
func NewSER() *ExactMatch { return &ExactMatch{errors: true} }

// Name returns "exact" or "SER".
func (m *ExactMatch) Name() string { return choose(m.errors, "SER", "exact") }

// HigherIsBetter returns true for exact and false for SER.
func (m *ExactMatch) HigherIsBetter() bool { return !m.errors }

// Signature returns the settings, such as nrefs:1|tok:space|version:….
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

// Score computes the percentage, 0 to 100.
func (m *ExactMatch) Score(sum Stats) Score { return share(m.Name(), sum) }

// TokenAccuracy is the percentage of tokens of the first reference that the hypothesis has at the same position. Tokens
// are separated by white space. Other references and additional tokens of the hypothesis do not count.
//
// Its statistics are: equal tokens, tokens of the reference.
type TokenAccuracy struct{}

// NewTokenAccuracy returns the token accuracy.
func NewTokenAccuracy() *TokenAccuracy { return &TokenAccuracy{} }

// Name returns accuracy.
func (m *TokenAccuracy) Name() string { return "accuracy" }

// HigherIsBetter returns true.
func (m *TokenAccuracy) HigherIsBetter() bool { return true }

// Signature returns the settings, such as nrefs:1|tok:space|version:….
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

// Score computes the percentage, 0 to 100.
func (m *TokenAccuracy) Score(sum Stats) Score { return share(m.Name(), sum) }

// share computes the percentage of a count, sum[0], in a total, sum[1]. It is 0 if the total is 0.
func share(name string, sum Stats) Score {
	return Score{Metric: name, Value: 100 * sum[0] / max(1, sum[1]), Ratio: &Ratio{sum[0], sum[1]}}
}

// Perplexity returns e^(nll/tokens), where nll is the total negative log-likelihood of the tokens in nats. tokens must
// be positive. The result is at most math.MaxFloat64, so that JSON can represent it.
func Perplexity(nll float64, tokens int) float64 {
	return min(math.Exp(nll/float64(tokens)), math.MaxFloat64)
}
