package seq2seq

import (
	"context"
	"errors"
	"fmt"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/quote"
	"github.com/retell-rnn/retell/metric"
)

// EvalOptions are the options of [Model.Evaluate]. The zero value and a nil pointer mean the defaults.
type EvalOptions struct {
	Search  *SearchOptions
	Metrics []metric.Metric // further metrics of the translations
}

// Report holds a model's scores on examples.
type Report struct {
	Examples   int     `json:"examples"`       // number of examples
	Tokens     int     `json:"tokens"`         // tokens of the first targets, with </s>
	Loss       float64 `json:"loss"`           // mean over the tokens of the first targets by teacher forcing, in nats
	Perplexity float64 `json:"perplexity"`     // e to the loss, 1 or more
	Accuracy   float64 `json:"token_accuracy"` // share of tokens that the model ranks first by teacher forcing, 0 to 1
	Exact      float64 `json:"exact_match"`    // share of translations that equal a target, 0 to 1

	Scores       []metric.Score `json:"scores,omitempty"` // scores by the options' metrics
	Translations []string       `json:"-"`                // best translation of each example, in order
}

// Evaluate translates the examples' sources and compares the translations with the targets. An example whose source has
// no tokens has an empty translation and no loss.
func (m *Model) Evaluate(ctx context.Context, examples []corpora.Example, opts *EvalOptions) (Report, error) {
	return m.alone().Evaluate(ctx, examples, opts)
}

// Evaluate is [Model.Evaluate] with the ensemble's probabilities.
func (e *Ensemble) Evaluate(ctx context.Context, examples []corpora.Example, opts *EvalOptions) (Report, error) {
	if opts == nil {
		opts = &EvalOptions{}
	}
	r := Report{Examples: len(examples)}
	if len(examples) == 0 {
		return r, errors.New("seq2seq: evaluating: no examples")
	}
	refs := make([][]string, len(examples))
	pairs := make([][]pair, len(e.models))
	for i, x := range examples {
		if len(x.Targets) == 0 {
			return r, fmt.Errorf("seq2seq: evaluating: example %d (%s) has no target", i+1, quote.Text(x.Source))
		}
		refs[i] = x.Targets
		for k, r := range e.encode(x.Source) {
			pairs[k] = append(pairs[k], pair{sourceLine: r, tgt: encodeTarget(e.Target(), x.Targets[0], *r.oov)})
		}
	}
	stats, err := e.forced(ctx, pairs)
	if err != nil {
		return r, err
	}
	if r.Tokens = stats.Tokens; r.Tokens > 0 {
		r.Loss = stats.NLL / float64(stats.Tokens)
		r.Perplexity = metric.Perplexity(stats.NLL, stats.Tokens)
		r.Accuracy = float64(stats.Hits) / float64(stats.Tokens)
	}
	lines := func(yield func(string, error) bool) {
		for _, x := range examples {
			if !yield(x.Source, nil) {
				return
			}
		}
	}
	exact := 0
	for t, err := range e.Translate(ctx, lines, opts.Search) {
		if err != nil {
			return r, err
		}
		for _, ref := range refs[len(r.Translations)] {
			if t.Text == ref || t.Text == e.Target().Config().Clean(ref) {
				exact++
				break
			}
		}
		r.Translations = append(r.Translations, t.Text)
	}
	r.Exact = float64(exact) / float64(len(examples))
	for _, mt := range opts.Metrics {
		s, err := metric.Corpus(mt, r.Translations, refs)
		if err != nil {
			return r, fmt.Errorf("seq2seq: evaluating: %w", err)
		}
		r.Scores = append(r.Scores, s)
	}
	return r, nil
}
