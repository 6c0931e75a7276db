package linear

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/quote"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae/probe"
)

// Options say how a classifier is fitted. The zero value and a nil pointer mean the defaults.
type Options struct {
	Pool seq2seq.EmbedPooling // see [seq2seq.EmbedOptions]
	Size int                  // number of first numbers of each vector to read; 0 means all

	Words bool // read the TF-IDF of a line's words beside its vector

	Weights  map[string]float64 // weights of labels; a label without one has the weight 1
	Balanced bool               // weigh labels so that all count alike, whatever their numbers of lines
}

// Validate returns [seq2seq.Violations], or nil.
func (o *Options) Validate() error {
	if o == nil {
		return nil
	}
	var v setting.Check
	v.AtLeast("size", o.Size, 0)
	if o.Balanced && len(o.Weights) > 0 {
		v.Add("balanced", "with weights: want one or the other")
	}
	for _, label := range slices.Sorted(maps.Keys(o.Weights)) {
		if w := o.Weights[label]; !(w >= 1e-6 && w <= 1e6) {
			v.Add("weights", "%v of the label %q: want 1e-6 to 1e+06", w, label)
		}
	}
	return v.Err()
}

// Report describes a fit.
type Report struct {
	Examples int     `json:"examples"` // number of fitted lines
	Labels   int     `json:"labels"`   // number of labels
	Size     int     `json:"size"`     // length of the vectors
	Words    int     `json:"words"`    // number of words whose TF-IDF counts; 0 if words do not count
	HeldOut  int     `json:"held_out"` // number of lines that chose the penalty; without lines for it, a fifth of the others
	Accuracy float64 `json:"accuracy"` // share of these lines with the right label, 0 to 1
	Penalty  float64 `json:"penalty"`  // L2 penalty that was chosen
}

// Fit fits a classifier to the vectors of the examples' sources. Labels are the examples' first targets. The L2 penalty
// is chosen by the accuracy on the lines of valid or, if there are none, on a fifth of the lines, which are then fitted
// too. Lines without tokens, and lines of valid with a label that train lacks, are left out.
func Fit(ctx context.Context, m *seq2seq.Network, train, valid []corpora.Example, opts *Options) (*Classifier, error) {
	if err := opts.Validate(); err != nil {
		return nil, fmt.Errorf("linear: options: %w", err)
	}
	var o Options
	if opts != nil {
		o = *opts
	}
	c := &Classifier{model: m, embed: seq2seq.EmbedOptions{Pool: o.Pool, Size: o.Size}}
	var err error
	if c.size, err = m.EmbeddingSize(&c.embed); err != nil {
		return nil, err
	}
	if c.labels, err = labelsOf(train); err != nil {
		return nil, err
	}
	d, err := c.read(ctx, train, valid)
	if err != nil {
		return nil, err
	}
	weights, err := o.weights(c.labels, d.labels[:d.fitted])
	if err != nil {
		return nil, err
	}
	dense, err := probe.NewDense(c.size, d.vectors)
	if err != nil {
		return nil, err
	}
	var sparse *probe.Sparse
	if o.Words {
		c.words = probe.FitTFIDF(d.texts[:d.fitted])
		v, err := c.words.Embed(ctx, d.texts)
		if err != nil {
			return nil, err
		}
		sparse = v.(*probe.Sparse)
		c.report.Words = sparse.Size()
	}
	fitting := &probe.RegressionOptions{Weights: weights}
	for i := d.fitted; i < len(d.labels); i++ {
		fitting.Valid = append(fitting.Valid, i)
	}
	r, err := probe.FitRegression(ctx, dense, sparse, d.labels, len(c.labels), fitting)
	if err != nil {
		return nil, err
	}
	c.weights, c.biases = r.Weights, r.Biases
	c.report.Examples, c.report.Labels, c.report.Size = d.fitted, len(c.labels), c.size
	c.report.HeldOut, c.report.Accuracy, c.report.Penalty = r.HeldOut, r.Accuracy, r.Penalty
	return c, nil
}

// labelsOf returns the labels of examples in alphabetical order, at least two.
func labelsOf(examples []corpora.Example) ([]string, error) {
	found := map[string]bool{}
	for i, e := range examples {
		if len(e.Targets) == 0 || cleanLabel(e.Targets[0]) == "" {
			return nil, fmt.Errorf("linear: example %d (%s) has no label", i+1, quote.Text(e.Source))
		}
		found[cleanLabel(e.Targets[0])] = true
	}
	labels := slices.Sorted(maps.Keys(found))
	if len(labels) < 2 {
		return nil, fmt.Errorf("linear: %d examples with %d labels: want at least 2 labels", len(examples), len(labels))
	}
	return labels, nil
}

// data is lines with their vectors and labels.
type data struct {
	texts   []string
	vectors []float32 // [lines, size]
	labels  []int
	fitted  int // number of lines to fit; the others choose the penalty
}

// read returns the vectors and labels of examples.
func (c *Classifier) read(ctx context.Context, train, valid []corpora.Example) (*data, error) {
	number := numbered(c.labels)
	d := &data{}
	for part, examples := range [][]corpora.Example{train, valid} {
		i := -1
		for row, err := range c.model.Embed(ctx, corpora.Sources(corpora.Stream(examples)), &c.embed) {
			if i++; err != nil {
				return nil, err
			}
			if len(examples[i].Targets) == 0 {
				continue
			}
			label, known := number[cleanLabel(examples[i].Targets[0])]
			if !known || kernel.SumSquares(row.Vector) == 0 {
				continue
			}
			d.texts, d.labels, d.vectors = append(d.texts, row.Text), append(d.labels, label), append(d.vectors, row.Vector...)
		}
		if part == 0 {
			d.fitted = len(d.labels)
		}
	}
	if d.fitted == 0 {
		return nil, fmt.Errorf("linear: no line of %d has tokens of the model: want some", len(train))
	}
	return d, nil
}

// BalancedWeights returns a weight for each label of the examples' first targets, as
// [seq2seq.Classifier.BalancedWeights] does.
func (c *Classifier) BalancedWeights(examples []corpora.Example) map[string]float64 {
	number := numbered(c.labels)
	var of []int
	for _, e := range examples {
		if i, known := number[cleanLabel(e.Targets[0])]; known {
			of = append(of, i)
		}
	}
	weights := map[string]float64{}
	for i, w := range balanced(len(c.labels), of) {
		weights[c.labels[i]] = w
	}
	return weights
}

// balanced returns weights with which all labels count alike: examples / (labels · examples with the label).
func balanced(labels int, of []int) []float64 {
	weights := make([]float64, labels)
	for _, i := range of {
		weights[i]++
	}
	for i, n := range weights {
		weights[i] = float64(len(of)) / float64(labels) / max(n, 1)
	}
	return weights
}

// weights returns the weight of each label, or nil if all are 1.
func (o *Options) weights(labels []string, of []int) ([]float64, error) {
	if !o.Balanced && len(o.Weights) == 0 {
		return nil, nil
	}
	if o.Balanced {
		return balanced(len(labels), of), nil
	}
	weights := make([]float64, len(labels))
	for i := range weights {
		weights[i] = 1
	}
	number := numbered(labels)
	for label, w := range o.Weights {
		i, known := number[cleanLabel(label)]
		if !known {
			return nil, fmt.Errorf("linear: a weight for the label %q: want one of %s", label, strings.Join(labels, ", "))
		}
		weights[i] = w
	}
	return weights, nil
}
