package search

import (
	"context"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/tokenize"
)

// greedy takes the most probable token at each step, the lowest id among equals.
func greedy(ctx context.Context, s Stepper, sentences []Sentence, o *Options) ([][]Hypothesis, error) {
	likeliest := func(_ int, logits []float32) int32 { return int32(max(0, kernel.ArgMax(logits))) }
	hyps, err := walk(ctx, s, sentences, o, likeliest)
	if err != nil {
		return nil, err
	}
	found := make([][]Hypothesis, len(hyps))
	for i := range hyps {
		found[i] = hyps[i : i+1]
	}
	return found, nil
}

// walk extends one hypothesis for each sentence by one token at a time. choose picks the token from the row's logits,
// where impossible tokens have -Inf; h is the hypothesis's index. choose is called for several hypotheses concurrently.
func walk(ctx context.Context, s Stepper, sentences []Sentence, o *Options, choose func(h int, logits []float32) int32) ([]Hypothesis, error) {
	n := len(sentences)
	w := &walker{
		Options: o, stepper: s, sentences: sentences, choose: choose,
		hyps: make([]Hypothesis, n), rules: make([]*rules, n), covered: make([][]float32, n), picks: make([]pick, n),
	}
	for i := range sentences {
		w.rules[i] = newRules(o, &sentences[i])
	}
	return w.hyps, Rollout(ctx, s, w.look, w.next)
}

// walker is the state of a walk. Its slices are indexed by hypothesis.
type walker struct {
	*Options
	stepper   Stepper
	sentences []Sentence
	choose    func(h int, logits []float32) int32

	hyps    []Hypothesis
	rules   []*rules    // nil if there are none
	covered [][]float32 // attention that each source token has received; nil without a penalty
	picks   []pick
}

// pick is the token chosen at a step.
type pick struct {
	token      int32
	logit, lse float32 // the token's logit, and the log-sum-exp of all logits
}

// look picks a row's token.
func (w *walker) look(at Row) {
	x, h := at.Logits, at.Hypothesis
	p := pick{lse: kernel.LogSumExp(x)}
	Forbid(x)
	if w.rules[h] != nil {
		w.rules[h].restrict(w.hyps[h].Tokens, x)
	}
	p.token = w.choose(h, x)
	p.logit = x[p.token]
	w.picks[h] = p
}

// next adds a row's token to its hypothesis.
func (w *walker) next(at Row) (token int32, more bool, err error) {
	i := at.Hypothesis
	h, p := &w.hyps[i], w.picks[i]
	if !isFinite(p.logit) || !isFinite(p.lse) {
		return 0, false, errNumbers(len(h.Tokens))
	}
	h.LogProb = h.LogProb - float64(p.lse) + float64(p.logit)
	h.LogProbs = append(h.LogProbs, p.logit-p.lse)
	if w.covered[i], err = w.Scoring.cover(w.covered[i], w.stepper, at.Row); err != nil {
		return 0, false, err
	}
	h.Finished = p.token == tokenize.EOS
	if !h.Finished {
		h.Tokens = append(h.Tokens, p.token)
	}
	if !h.Finished && len(h.Tokens) < w.Length.limit(&w.sentences[i]) {
		return p.token, true, nil
	}
	h.Score = w.Scoring.Score(h.LogProb, len(h.LogProbs), w.covered[i])
	return p.token, false, nil
}
