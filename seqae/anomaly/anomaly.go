// Package anomaly finds lines that differ from normal lines. An autoencoder reconstructs each line, and its vector is
// compared with those of the normal lines.
//
//	error     −log p(line | vector of the line) / number of tokens, with </s>, in nats: how badly the line comes back
//	distance  1 − cosine, mean over the k nearest normal lines: how far the vector is from theirs
//	score     error + distance, each in standard deviations from the mean of normal lines
//
// With a model that writes no lines back, such as an embedder, the distance alone makes the score.
//
// [Fit] makes a [Detector] from an autoencoder and normal lines, [FitVectors] from any other model. [Detector.Score]
// scores other lines, and [Detector.Evaluate] measures the scores on labeled lines. One file holds a detector:
// [Detector.Save] writes it and [Load] reads it.
//
//	detector, err := anomaly.Fit(ctx, model, normal, nil)
//	for s, err := range detector.Score(ctx, lines, nil) { ... } // s.Score, s.Surprising, s.Nearest
//
// Errors of Load are those of package seq2seq: [seq2seq.ErrKind], [seq2seq.ErrVersion] and [seq2seq.ErrDamaged].
package anomaly

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gonum.org/v1/gonum/stat"

	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/seqae/probe"
)

// Options say how a detector is fitted. The zero value and a nil pointer mean the defaults.
type Options struct {
	Neighbors int // number of nearest normal lines whose distances count; 0 means 5
}

const defaultNeighbors = 5

// Validate returns [seq2seq.Violations], or nil.
func (o *Options) Validate() error {
	var v setting.Check
	if o != nil {
		v.AtLeast("neighbors", o.Neighbors, 0)
	}
	return v.Err()
}

// Distribution holds the mean and the standard deviation of a figure over normal lines.
type Distribution struct {
	Mean      float64 `json:"mean"`      // mean
	Deviation float64 `json:"deviation"` // standard deviation, above 0
}

// standard returns x in standard deviations from the mean.
func (d Distribution) standard(x float64) float64 { return (x - d.Mean) / d.Deviation }

// Detector scores lines. It is immutable and safe for concurrent use.
type Detector struct {
	net               *seq2seq.Network
	model             *seqae.Model // network as an autoencoder; nil if vectors alone count
	lines             []string     // normal lines
	vectors           *probe.Dense // vectors of the normal lines, of length 1
	neighbors         int
	errors, distances Distribution
}

// sample is the maximum number of normal lines, evenly spread, that measure the distributions. It determines their
// means to a few hundredths of a standard deviation.
const sample = 4096

// Fit makes a detector from an autoencoder and normal lines. It skips blank lines and needs more lines than neighbors,
// and at least 3. A line does not count as its own neighbor.
//
// A model reconstructs the lines that it was trained on better than others. Normal lines that it has not seen therefore
// give more accurate means, though the order of the scores hardly changes.
func Fit(ctx context.Context, m *seqae.Model, lines []string, opts *Options) (*Detector, error) {
	if m.Config().Objective.Next {
		return nil, errors.New("anomaly: the model writes the next sentence: want an autoencoder that writes its source")
	}
	return fit(ctx, &Detector{net: m.Network, model: m}, lines, opts)
}

// FitVectors is [Fit] for a network that writes no lines back, such as an embedder. The distance alone makes the score,
// and errors, tokens and reconstructions are empty.
func FitVectors(ctx context.Context, net *seq2seq.Network, lines []string, opts *Options) (*Detector, error) {
	return fit(ctx, &Detector{net: net}, lines, opts)
}

// fit sets the normal lines of a detector and their distributions.
func fit(ctx context.Context, d *Detector, lines []string, opts *Options) (*Detector, error) {
	if err := opts.Validate(); err != nil {
		return nil, fmt.Errorf("anomaly: options: %w", err)
	}
	d.neighbors = defaultNeighbors
	if opts != nil && opts.Neighbors != 0 {
		d.neighbors = opts.Neighbors
	}
	for i, line := range lines {
		if strings.Contains(line, "\n") {
			return nil, fmt.Errorf("anomaly: normal line %d contains a line break: want one line", i+1)
		}
		if len(d.net.Source().Encode(line)) > 0 {
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
	if err := d.dropBlank(); err != nil {
		return nil, err
	}
	return d, d.calibrate(ctx)
}

// dropBlank drops the normal lines whose vectors are zeros, such as lines without words of a model that reads words.
func (d *Detector) dropBlank() error {
	var lines []string
	var data []float32
	for i, line := range d.lines {
		if d.vectors.Dot(i, i) > 0 {
			lines, data = append(lines, line), append(data, d.vectors.Row(i)...)
		}
	}
	if n := len(lines); n <= d.neighbors || n < 3 {
		return fmt.Errorf("anomaly: %d normal lines with a vector that is not all zeros: want at least %d", n, max(3, d.neighbors+1))
	}
	var err error
	d.lines = lines
	d.vectors, err = probe.NewDense(d.vectors.Size(), data)
	return err
}

// embed returns the vectors of lines, scaled to length 1.
func (d *Detector) embed(ctx context.Context, lines []string) (*probe.Dense, error) {
	v, err := probe.Model("model", d.net, nil).Embed(ctx, lines)
	if err != nil {
		return nil, fmt.Errorf("anomaly: %w", err)
	}
	return v.Unit().(*probe.Dense), nil
}

// calibrate measures the distributions of normal lines.
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
		if i == 0 && d.model == nil {
			continue
		}
		to.Mean, to.Deviation = stat.MeanStdDev(figures[i], nil)
		if to.Deviation < 1e-9 {
			return fmt.Errorf("anomaly: %s of %d normal lines are all %.3g: want lines that differ", []string{"errors", "distances"}[i], n, to.Mean)
		}
	}
	return nil
}

// Unseen returns the parts of a line that the model's tokenizer cannot represent; see [seq2seq.Network.Unseen].
func (d *Detector) Unseen(line string) []string { return d.net.Unseen(line) }

// Lines returns the number of normal lines.
func (d *Detector) Lines() int { return len(d.lines) }

// Neighbors returns the number of nearest normal lines whose distances count.
func (d *Detector) Neighbors() int { return d.neighbors }

// Normal returns the distributions of the errors and the distances of normal lines. That of the errors is empty if
// vectors alone count.
func (d *Detector) Normal() (errors, distances Distribution) { return d.errors, d.distances }
