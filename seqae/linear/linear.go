// Package linear labels lines by a logistic regression on the vectors of a model, which stays as it is. A regression is
// fitted in seconds, and often needs fewer labeled lines than the training of a whole classifier
// ([seq2seq.BeginClassifier]).
//
// [Fit] makes a [Classifier] from a model and labeled lines. It has the methods of [seq2seq.Classifier]: Labels,
// Predict and Evaluate. One file holds the model and the regression: [Classifier.Save] writes it and [Load] reads it.
//
//	c, report, err := linear.Fit(ctx, network, train, valid, nil)
//	for p, err := range c.Predict(ctx, lines, nil) { ... } // p.Label, p.Probability
//
// With [Options].Words, the regression also reads the TF-IDF of a line's words (see [probe.TFIDF]), which dense vectors
// blur.
//
// Errors of Load are those of package seq2seq: [seq2seq.ErrKind], [seq2seq.ErrVersion] and [seq2seq.ErrDamaged].
package linear

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae/probe"
	"github.com/retell-rnn/retell/tokenize"
)

// Classifier labels lines. It is immutable and safe for concurrent use.
type Classifier struct {
	model  *seq2seq.Network
	embed  seq2seq.EmbedOptions
	size   int // of the vectors
	labels []string
	words  *probe.TFIDF // nil if words do not count
	report Report

	weights []float32 // [labels, size + number of words]
	biases  []float32 // [labels]
}

// Labels returns the labels in alphabetical order. [seq2seq.Prediction].Probabilities has the same order.
func (c *Classifier) Labels() []string { return append([]string(nil), c.labels...) }

// Report returns the report of the fit.
func (c *Classifier) Report() Report { return c.report }

// Model returns the model whose vectors the classifier reads.
func (c *Classifier) Model() *seq2seq.Network { return c.model }

// Unseen returns the words and characters of a line that the model's tokenizer lacks; see [seq2seq.Network.Unseen].
func (c *Classifier) Unseen(line string) []string { return c.model.Unseen(line) }

// cleanLabel returns a label without white space around it, and with single spaces in it.
func cleanLabel(label string) string { return tokenize.Config{Kind: tokenize.Line}.Clean(label) }

// Predict yields the label of each line, in order. It reads a batch of lines at a time; a line's label does not depend
// on the others. A line without tokens has no label and the probability 0. An error about one line takes its place; see
// [corpora.IsLineError].
func (c *Classifier) Predict(ctx context.Context, lines iter.Seq2[string, error], opts *seq2seq.PredictOptions) iter.Seq2[seq2seq.Prediction, error] {
	o := c.embed
	if opts != nil {
		o.BatchSentences, o.MaxWait = opts.BatchSentences, opts.MaxWait
	}
	return func(yield func(seq2seq.Prediction, error) bool) {
		for row, err := range c.model.Embed(ctx, lines, &o) {
			var p seq2seq.Prediction
			if err == nil {
				p, err = c.predict(ctx, row)
			}
			if !yield(p, err) {
				return
			}
		}
	}
}

// predict labels a line with its vector.
func (c *Classifier) predict(ctx context.Context, row seq2seq.Embedding) (seq2seq.Prediction, error) {
	p := seq2seq.Prediction{Text: row.Text}
	if kernel.SumSquares(row.Vector) == 0 {
		return p, nil
	}
	var columns []int32
	var values []float32
	if c.words != nil {
		v, err := c.words.Embed(ctx, []string{row.Text})
		if err != nil {
			return p, err
		}
		columns, values = v.(*probe.Sparse).Row(0)
	}
	scores := make([]float32, len(c.labels))
	wide := len(c.weights) / len(c.labels)
	for i := range scores {
		w := c.weights[i*wide:][:wide]
		sum := float64(kernel.Dot(w[:c.size], row.Vector)) + float64(c.biases[i])
		for k, column := range columns {
			sum += float64(w[c.size+int(column)]) * float64(values[k])
		}
		scores[i] = float32(sum)
	}
	kernel.Softmax(scores)
	best := kernel.ArgMax(scores)
	p.Label, p.Probability, p.Probabilities = c.labels[best], float64(scores[best]), scores
	return p, nil
}

// Evaluate compares predictions with the examples' first targets, as [seq2seq.Classifier.Evaluate] does. The loss is
// the mean over the lines that have tokens and a label of the classifier.
func (c *Classifier) Evaluate(ctx context.Context, examples []corpora.Example) (seq2seq.ClassReport, error) {
	right, err := seq2seq.RightLabels(c.labels, examples, cleanLabel)
	if err != nil {
		return seq2seq.ClassReport{Examples: len(examples)}, err
	}
	number := numbered(c.labels)
	var predicted []string
	loss, counted := 0.0, 0
	for p, err := range c.Predict(ctx, corpora.Sources(corpora.Stream(examples)), nil) {
		if err != nil {
			return seq2seq.ClassReport{Examples: len(examples)}, err
		}
		if of, known := number[right[len(predicted)]]; known && p.Label != "" {
			loss -= math.Log(max(float64(p.Probabilities[of]), 1e-30))
			counted++
		}
		predicted = append(predicted, p.Label)
	}
	r, err := seq2seq.ReportClasses(c.labels, right, predicted)
	if err != nil {
		return r, fmt.Errorf("linear: %w", err)
	}
	if counted > 0 {
		r.Loss = loss / float64(counted)
	}
	return r, nil
}

// numbered returns the number of each label.
func numbered(labels []string) map[string]int {
	number := make(map[string]int, len(labels))
	for i, label := range labels {
		number[label] = i
	}
	return number
}
