package seq2seq

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/quote"
)

// ClassReport holds a classifier's scores on examples.
type ClassReport struct {
	Examples int           `json:"examples"` // number of examples
	Loss     float64       `json:"loss"`     // mean over the examples that have tokens, in nats
	Accuracy float64       `json:"accuracy"` // share of correctly labeled examples, 0 to 1
	F1       float64       `json:"macro_f1"` // mean of f1 over the labels, 0 to 1
	Labels   []LabelReport `json:"labels"`   // the classifier's labels in its order, then other labels of the examples
}

// LabelReport holds a classifier's scores for one label.
type LabelReport struct {
	Label     string  `json:"label"`     // label
	Examples  int     `json:"examples"`  // examples that have the label
	Predicted int     `json:"predicted"` // examples for which the label is predicted
	Right     int     `json:"right"`     // examples that have the label and for which it is predicted
	Precision float64 `json:"precision"` // Right / Predicted, 0 to 1; 0 if Predicted is 0
	Recall    float64 `json:"recall"`    // Right / Examples, 0 to 1; 0 if Examples is 0
	F1        float64 `json:"f1"`        // harmonic mean of precision and recall, 0 to 1
}

// Evaluate compares predictions with the examples' first targets. A label that the classifier does not have counts as
// never predicted. It is an error if the classifier has none of the labels.
func (c *Classifier) Evaluate(ctx context.Context, examples []corpora.Example) (ClassReport, error) {
	r := ClassReport{Examples: len(examples)}
	if len(examples) == 0 {
		return r, errors.New("seq2seq: evaluating: no examples")
	}
	at := map[string]int{}
	of := func(label string) *LabelReport {
		i, ok := at[label]
		if !ok {
			i = len(r.Labels)
			at[label] = i
			r.Labels = append(r.Labels, LabelReport{Label: label})
		}
		return &r.Labels[i]
	}
	for _, label := range c.Labels() {
		of(label)
	}
	known := false
	for i, e := range examples {
		if len(e.Targets) == 0 {
			return r, fmt.Errorf("seq2seq: evaluating: example %d (%s) has no label", i+1, quote.Text(e.Source))
		}
		_, ok := at[c.firstLabel(e)]
		known = known || ok
	}
	if !known {
		return r, fmt.Errorf("seq2seq: evaluating: no example has a label of the classifier (%s): the first has %q", strings.Join(c.Labels(), ", "), examples[0].Targets[0])
	}
	pairs, _ := lengthLimits{}.keep(c.encodePairs(examples, false, nil))
	for i := range pairs {
		pairs[i].weight = 0
	}
	stats, err := c.forced(ctx, pairs)
	if err != nil {
		return r, err
	}
	if stats.Tokens > 0 {
		r.Loss = stats.NLL / float64(stats.Tokens)
	}
	i, right := 0, 0
	for p, err := range c.Predict(ctx, corpora.Sources(corpora.Stream(examples)), nil) {
		if err != nil {
			return r, err
		}
		want := c.firstLabel(examples[i])
		of(want).Examples++
		if p.Label != "" {
			of(p.Label).Predicted++
		}
		if p.Label == want {
			of(want).Right++
			right++
		}
		i++
	}
	r.Accuracy = float64(right) / float64(len(examples))
	present := 0
	for i := range r.Labels {
		l := &r.Labels[i]
		l.Precision, l.Recall = share(l.Right, l.Predicted), share(l.Right, l.Examples)
		l.F1 = share(2*l.Right, l.Predicted+l.Examples)
		if l.Examples > 0 {
			present++
			r.F1 += l.F1
		}
	}
	r.F1 /= float64(present)
	return r, nil
}

// share returns n / all; 0 if all is 0.
func share(n, all int) float64 {
	if all == 0 {
		return 0
	}
	return float64(n) / float64(all)
}
