package seq2seq

import (
	"context"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/rnn"
)

// validationMetric is the metric that validations are compared by, nil for their loss.
func (o *TrainOptions) validationMetric() (metric.Metric, error) {
	if o.ValidateBy == "" || o.ValidateBy == "loss" {
		return nil, nil
	}
	return metric.Parse(o.ValidateBy)
}

// Sample is a validation example and what the model makes of it, by greedy search.
type Sample struct {
	Source    string `json:"source"`
	Text      string `json:"text"`
	Reference string `json:"reference"` // the first
}

// ValidationSet is a set of examples with a name.
type ValidationSet struct {
	Name     string
	Examples []corpora.Example
}

// SetScore is a model's score on a [ValidationSet]; its fields are those of [Validation].
type SetScore struct {
	Name     string        `json:"name"`
	Loss     float64       `json:"loss"`
	Accuracy float64       `json:"accuracy"`
	Score    *metric.Score `json:"score,omitempty"`
}

// perToken is the mean loss of the target tokens, in nats, and the share of them that were predicted right.
func perToken(s rnn.LossStats) (loss, accuracy float64) {
	return s.NLL / float64(s.Tokens), float64(s.Hits) / float64(s.Tokens)
}

// answers scores what the model makes of the validation sources, nil if validations are compared by their loss, and
// returns some of it.
func (t *trainer) answers(ctx context.Context) (*metric.Score, []Sample, error) {
	m, err := t.o.validationMetric()
	if err != nil {
		return nil, nil, err
	}
	if m != nil {
		texts, err := t.answer(ctx, t.validExamples)
		if err != nil {
			return nil, nil, err
		}
		score, err := t.scored(m, texts, t.validExamples)
		return score, samples(spread(t.validExamples, t.o.Samples), spread(texts, t.o.Samples)), err
	}
	some := spread(t.validExamples, t.o.Samples)
	texts, err := t.answer(ctx, some)
	return nil, samples(some, texts), err
}

// answer returns what the model makes of the sources of examples: translations by greedy search, or labels.
func (t *trainer) answer(ctx context.Context, examples []corpora.Example) ([]string, error) {
	texts := make([]string, 0, len(examples))
	if t.net.pool != nil {
		for _, e := range examples {
			texts = append(texts, t.predict([]string{e.Source})[0].Label)
		}
		return texts, nil
	}
	for translation, err := range t.Translate(ctx, corpora.Sources(corpora.Stream(examples)), &SearchOptions{Beam: 1}) {
		if err != nil {
			return nil, err
		}
		texts = append(texts, translation.Text)
	}
	return texts, nil
}

// scored scores the model's answers to examples. Labels are compared as the model writes them.
func (t *trainer) scored(m metric.Metric, texts []string, examples []corpora.Example) (*metric.Score, error) {
	refs := make([][]string, len(examples))
	for i, e := range examples {
		refs[i] = e.Targets
		if t.net.pool == nil {
			continue
		}
		refs[i] = make([]string, len(e.Targets))
		for k, label := range e.Targets {
			refs[i][k] = t.target.Normalize(label)
		}
	}
	score, err := metric.Corpus(m, texts, refs)
	return &score, err
}

// spread returns n of the items, or all of them if they are fewer, at even distances.
func spread[T any](items []T, n int) []T {
	n = min(n, len(items))
	out := make([]T, n)
	for i := range out {
		out[i] = items[i*len(items)/n]
	}
	return out
}

func samples(examples []corpora.Example, texts []string) []Sample {
	var out []Sample
	for i, e := range examples {
		s := Sample{Source: e.Source, Text: texts[i]}
		if len(e.Targets) > 0 {
			s.Reference = e.Targets[0]
		}
		out = append(out, s)
	}
	return out
}

// alsoMeasured measures the further sets.
func (t *trainer) alsoMeasured(ctx context.Context) ([]SetScore, error) {
	m, err := t.o.validationMetric()
	if err != nil {
		return nil, err
	}
	var out []SetScore
	for i, set := range t.o.Also {
		stats, err := t.forced(ctx, t.also[i])
		if err != nil {
			return nil, err
		}
		s := SetScore{Name: set.Name}
		s.Loss, s.Accuracy = perToken(stats)
		if m != nil {
			texts, err := t.answer(ctx, set.Examples)
			if err != nil {
				return nil, err
			}
			if s.Score, err = t.scored(m, texts, set.Examples); err != nil {
				return nil, err
			}
		}
		out = append(out, s)
	}
	return out, nil
}

// cost is what validations are compared by: the less, the better.
func (t *trainer) cost(v *Validation) float64 {
	m, err := t.o.validationMetric()
	switch {
	case err != nil || m == nil:
		return v.Loss
	case m.HigherIsBetter():
		return -v.Score.Value
	default:
		return v.Score.Value
	}
}
