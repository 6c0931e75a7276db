package seq2seq

import (
	"context"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
)

// validationMetric is the metric that validations are compared by, nil for their loss.
func (o *TrainOptions) validationMetric() (metric.Metric, error) {
	if o.ValidateBy == "" || o.ValidateBy == "loss" {
		return nil, nil
	}
	return metric.Parse(o.ValidateBy)
}

// translated scores what greedy search makes of the validation sources, nil if validations are compared by their loss.
func (t *trainer) translated(ctx context.Context) (*metric.Score, error) {
	m, err := t.o.validationMetric()
	if m == nil || err != nil {
		return nil, err
	}
	var texts []string
	var refs [][]string
	if t.net.pool != nil {
		for _, e := range t.validExamples {
			texts = append(texts, t.predict([]string{e.Source})[0].Label)
			var labels []string
			for _, label := range e.Targets {
				labels = append(labels, t.target.Normalize(label))
			}
			refs = append(refs, labels)
		}
		score, err := metric.Corpus(m, texts, refs)
		return &score, err
	}
	for translation, err := range t.Translate(ctx, corpora.Sources(corpora.Stream(t.validExamples)), &SearchOptions{Beam: 1}) {
		if err != nil {
			return nil, err
		}
		refs = append(refs, t.validExamples[len(refs)].Targets)
		texts = append(texts, translation.Text)
	}
	score, err := metric.Corpus(m, texts, refs)
	return &score, err
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
