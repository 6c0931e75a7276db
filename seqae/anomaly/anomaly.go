// Package anomaly finds lines that are unlike the lines it was fitted to, by what an autoencoder makes of them.
//
//	error     −log p(line | vector of the line) / tokens, </s> included, in nats: how badly the line comes back
//	distance  1 − cosine, mean over the k nearest normal lines: how far from them its vector is
//	score     the sum of both in standard deviations from the mean of normal lines
//
// [Fit] makes a [Detector] of a model and of normal lines; [Detector.Score] scores others; [Detector.Evaluate] measures
// it on lines that are known to be normal or not. One file holds a detector: [Detector.Save] and [Load].
package anomaly

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gonum.org/v1/gonum/stat"

	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/seqae/probe"
)

// Options say how a detector is fitted. The zero value and a nil pointer mean the defaults.
type Options struct {
	Neighbors int // how many of the nearest normal lines count; 0 means 5
}

const defaultNeighbors = 5

// Distribution is where a figure lies for normal lines.
type Distribution struct {
	Mean      float64 `json:"mean"`
	Deviation float64 `json:"deviation"` // standard deviation, more than 0
}

// standard returns x in standard deviations from the mean.
func (d Distribution) standard(x float64) float64 { return (x - d.Mean) / d.Deviation }

// Detector scores lines. It does not change and is safe for concurrent use.
type Detector struct {
	model             *seqae.Model
	lines             []string     // normal ones
	vectors           *probe.Dense // theirs, at unit length
	neighbors         int
	errors, distances Distribution
}

// sample is how many of the normal lines, evenly spread, the distributions are taken from: their means are then known
// to a few hundredths of a standard deviation.
const sample = 4096

// Fit makes a detector of an autoencoder and of normal lines, of which blank ones are passed over. A line's own vector
// is no neighbor of it. Lines that the model was trained on come back better than others: fitting to lines that it has
// not seen gives truer means, and the order of scores is nearly the same.
func Fit(ctx context.Context, m *seqae.Model, lines []string, opts *Options) (*Detector, error) {
	d := &Detector{model: m, neighbors: defaultNeighbors}
	if opts != nil && opts.Neighbors != 0 {
		d.neighbors = opts.Neighbors
	}
	if d.neighbors < 1 {
		return nil, fmt.Errorf("anomaly: %d neighbors: want at least 1, or 0 for %d", d.neighbors, defaultNeighbors)
	}
	if m.Config().Objective.Next {
		return nil, errors.New("anomaly: the model writes the next sentence: want an autoencoder that writes its own back")
	}
	for i, line := range lines {
		if strings.Contains(line, "\n") {
			return nil, fmt.Errorf("anomaly: normal line %d holds a line break: want one line", i+1)
		}
		if len(m.Source().Encode(line)) > 0 {
			d.lines = append(d.lines, line)
		}
	}
	if n := len(d.lines); n <= d.neighbors || n < 3 {
		return nil, fmt.Errorf("anomaly: %d normal lines that are not blank: want at least %d", n, max(3, d.neighbors+1))
	}
	var err error
	if d.vectors, err = d.embed(ctx, d.lines); err != nil {
		return nil, err
	}
	return d, d.calibrate(ctx)
}

// embed returns the vectors of lines at unit length.
func (d *Detector) embed(ctx context.Context, lines []string) (*probe.Dense, error) {
	v, err := probe.Model("model", d.model.Network, nil).Embed(ctx, lines)
	if err != nil {
		return nil, fmt.Errorf("anomaly: %w", err)
	}
	return v.Unit().(*probe.Dense), nil
}

// calibrate finds the distributions of normal lines.
func (d *Detector) calibrate(ctx context.Context) error {
	n := min(sample, len(d.lines))
	at := make([]int, n)
	some := make([]string, n)
	for i := range at {
		at[i] = i * len(d.lines) / n
		some[i] = d.lines[at[i]]
	}
	var figures [2][]float64
	own := func(i int) int { return at[i] }
	s, err := d.measure(ctx, some, own)
	if err != nil {
		return err
	}
	for _, l := range s {
		figures[0], figures[1] = append(figures[0], l.Error), append(figures[1], l.Distance)
	}
	for i, to := range []*Distribution{&d.errors, &d.distances} {
		to.Mean, to.Deviation = stat.MeanStdDev(figures[i], nil)
		if to.Deviation < 1e-9 {
			return fmt.Errorf("anomaly: %s of %d normal lines: all are %.3g: want lines that differ", []string{"errors", "distances"}[i], n, to.Mean)
		}
	}
	return nil
}

// Unseen returns what the model's tokenizer lacks of a line; see [seq2seq.Network.Unseen].
func (d *Detector) Unseen(line string) []string { return d.model.Unseen(line) }

// Lines returns how many normal lines the detector was fitted to.
func (d *Detector) Lines() int { return len(d.lines) }

// Neighbors returns how many neighbors count.
func (d *Detector) Neighbors() int { return d.neighbors }

// Normal returns the distributions of the errors and of the distances of normal lines.
func (d *Detector) Normal() (errors, distances Distribution) { return d.errors, d.distances }
