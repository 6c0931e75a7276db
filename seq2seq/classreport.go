package seq2seq

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// ReportClasses compares predicted labels with the right ones. labels are those of the classifier; any other right
// label counts as never predicted. An empty prediction counts for no label. It is an error if no right label is one of
// labels. The loss is not set.
func ReportClasses(labels, right, predicted []string) (ClassReport, error) {
	r := ClassReport{Examples: len(right)}
	if len(right) == 0 || len(predicted) != len(right) {
		return r, fmt.Errorf("seq2seq: evaluating: %d examples and %d predictions: want one for each, and at least one", len(right), len(predicted))
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
	for _, label := range labels {
		of(label)
	}
	hits := 0
	for i, want := range right {
		of(want).Examples++
		if predicted[i] != "" {
			of(predicted[i]).Predicted++
		}
		if predicted[i] == want {
			of(want).Right++
			hits++
		}
	}
	r.Accuracy = share(hits, len(right))
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

// RightLabels returns the first target of each example. normalize brings a label to the form in which the classifier
// returns it. It is an error if an example has no label, or if none is one of labels.
func RightLabels(labels []string, examples []corpora.Example, normalize func(string) string) ([]string, error) {
	if len(examples) == 0 {
		return nil, errors.New("seq2seq: evaluating: no examples")
	}
	right := make([]string, len(examples))
	known := false
	for i, e := range examples {
		if len(e.Targets) == 0 {
			return nil, fmt.Errorf("seq2seq: evaluating: example %d (%s) has no label", i+1, quote.Text(e.Source))
		}
		right[i] = normalize(e.Targets[0])
		known = known || slices.Contains(labels, right[i])
	}
	if !known {
		return nil, fmt.Errorf("seq2seq: evaluating: no example has a label of the classifier (%s): the first has %q", strings.Join(labels, ", "), examples[0].Targets[0])
	}
	return right, nil
}

// Evaluate compares predictions with the examples' first targets. A label that the classifier does not have counts as
// never predicted. It is an error if the classifier has none of the labels.
func (c *Classifier) Evaluate(ctx context.Context, examples []corpora.Example) (ClassReport, error) {
	right, err := RightLabels(c.Labels(), examples, c.target.Normalize)
	if err != nil {
		return ClassReport{Examples: len(examples)}, err
	}
	pairs, _ := lengthLimits{}.keep(c.encodePairs(examples, false, nil))
	for i := range pairs {
		pairs[i].weight = 0
	}
	stats, err := c.forced(ctx, pairs)
	if err != nil {
		return ClassReport{Examples: len(examples)}, err
	}
	var predicted []string
	for p, err := range c.Predict(ctx, corpora.Sources(corpora.Stream(examples)), nil) {
		if err != nil {
			return ClassReport{Examples: len(examples)}, err
		}
		predicted = append(predicted, p.Label)
	}
	r, err := ReportClasses(c.Labels(), right, predicted)
	if err == nil && stats.Tokens > 0 {
		r.Loss = stats.NLL / float64(stats.Tokens)
	}
	return r, err
}

// share returns n / all; 0 if all is 0.
func share(n, all int) float64 {
	if all == 0 {
		return 0
	}
	return float64(n) / float64(all)
}
