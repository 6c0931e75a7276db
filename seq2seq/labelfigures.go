package seq2seq

import (
	"context"
	"fmt"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
)

// Measures of validations beside the loss and the metrics.
const (
	byAccuracy  = "accuracy"
	byF1        = "f1"
	figureSpans = "spans.f1"
)

// measuringHead is a head with figures of its own.
type measuringHead interface {
	// measure returns the head's figures of a validation.
	measure(ctx context.Context, m *Network, examples []corpora.Example, o *TrainOptions) (Figures, error)
}

// measureHead adds the head's figures.
func (t *trainer) measureHead(ctx context.Context, v *Validation) error {
	h, ok := t.net.head.(measuringHead)
	if !ok {
		return nil
	}
	figures, err := h.measure(ctx, t.Network, t.valid.Examples, &t.o)
	v.Figures = append(v.Figures, figures...)
	return err
}

// measure returns the F1 of spans, if the labels have a scheme or validations are compared by it.
func (h *labeler) measure(ctx context.Context, m *Network, examples []corpora.Example, o *TrainOptions) (Figures, error) {
	if h.config.Labeler.Scheme == "" && o.ValidateBy != byF1 {
		return nil, nil
	}
	var lines []string
	var gold, predicted [][]string
	for _, e := range examples {
		if e.Source != "" {
			lines, gold = append(lines, e.Source), append(gold, fields(m.target.Normalize(e.Targets[0])))
		}
	}
	for p, err := range (&Labeler{m}).Predict(ctx, corpora.Stream(lines), nil) {
		if err != nil {
			return nil, err
		}
		predicted = append(predicted, p.Labels)
	}
	r, err := metric.ScoreSpans(gold, predicted, nil)
	if err != nil {
		return nil, fmt.Errorf("scoring spans: %w", err)
	}
	return Figures{{figureSpans, r.Micro.F1, "of 1"}}, nil
}
