package rnn

import (
	"cmp"
	"fmt"

	"github.com/retell-rnn/retell/internal/setting"
	"gorgonia.org/gorgonia"
)

// ContrastKind names a loss that draws vectors of one meaning together and others apart. Empty means [InfoNCE].
type ContrastKind string

const (
	// InfoNCE is the cross-entropy of finding a vector's partner among all candidates, where softmax takes the cosines
	// divided by a temperature. van den Oord, Li and Vinyals, Representation Learning with Contrastive Predictive Coding,
	// 2018. A margin is subtracted from the partner's cosine: Yang et al., Improving Multilingual Sentence Embedding using
	// Bi-directional Dual Encoder with Additive Margin Softmax, 2019.
	InfoNCE ContrastKind = "infonce"
	// MarginLoss is max(0, margin − cosine of the partner + cosine of the most similar other candidate). Wieting and
	// Gimpel, ParaNMT-50M, 2018.
	MarginLoss ContrastKind = "margin"
)

// ContrastKinds returns all kinds of contrast.
func ContrastKinds() []ContrastKind { return []ContrastKind{InfoNCE, MarginLoss} }

// MarshalText implements [encoding.TextMarshaler]. A kind outside [ContrastKinds] is an error.
func (k ContrastKind) MarshalText() ([]byte, error) { return setting.Marshal(k, ContrastKinds()...) }

// UnmarshalText implements [encoding.TextUnmarshaler]. A text outside [ContrastKinds] is an error.
func (k *ContrastKind) UnmarshalText(text []byte) error {
	return setting.Unmarshal(k, text, ContrastKinds()...)
}

// defaultTemperature replaces a temperature of 0.
const defaultTemperature = 0.05

// ContrastLoss is a contrastive loss over a batch: the partners of the other anchors are an anchor's negatives. It is
// symmetric: half of it finds each anchor's positive, half each positive's anchor. Vectors of any length serve, because
// only their cosines count; a vector of zeros has the cosine 0 with all and no gradient.
type ContrastLoss struct {
	Kind        ContrastKind
	Temperature float64 // of InfoNCE, above 0; 0 means 0.05
	Margin      float64 // 0 to 2; see the kinds

	// Sizes are prefixes of a vector that are vectors too. The loss is the mean over them, each scaled to length 1 by
	// itself. Each is 1 to the whole size; empty means the whole vector. Kusupati et al., Matryoshka Representation
	// Learning, 2022.
	Sizes []int
}

// ContrastRows names the vectors of a batch, rows of z.
type ContrastRows struct {
	// Positives[i] means the same as Anchors[i]. For an anchor the other positives are negatives, and for a positive the
	// other anchors.
	Anchors, Positives []int32

	Negatives []int32 // further negatives of every anchor; may be empty

	// Sentences gives each row of z the number of its sentence. Rows of equal numbers are copies. Two pairs that share a
	// sentence are no negatives of each other, and a copy of a pair's sentence in Negatives is none of the pair. Nil
	// means that all differ.
	Sentences []int32
}

// ContrastStats are sums over the anchors of a batch.
type ContrastStats struct {
	Anchors int
	Loss    float64
	Hits    int     // anchors whose positive is the most similar of all candidates, by the last of Sizes
	Cosine  float64 // of anchors with their positives, by the last of Sizes
}

// Add adds the sums of another batch.
func (s *ContrastStats) Add(o ContrastStats) {
	s.Anchors += o.Anchors
	s.Loss += o.Loss
	s.Hits += o.Hits
	s.Cosine += o.Cosine
}

// Forward returns the loss, summed over anchors, as a scalar. z is [rows, size].
//
// stats, if not nil, is set when the graph runs. Every run reads rows anew, so the caller may overwrite them between
// runs.
func (l ContrastLoss) Forward(p *Pass, z *gorgonia.Node, rows ContrastRows, stats *ContrastStats) *gorgonia.Node {
	if !p.matrix("contrast", z, -1, -1) {
		return nil
	}
	s := shapeOf(z)
	if err := l.check(s, rows); err != nil {
		p.fail(err)
		return nil
	}
	var dz []float32
	f := &fused{name: "contrast", outs: []shape{{}}}
	f.forward = func(in, out [][]float32) {
		if err := l.check(s, rows); err != nil {
			p.reject(err)
			return
		}
		if dz = nil; f.differentiated {
			dz = p.mem.zeros(s.len())
		}
		var sums ContrastStats
		f.early(func() { sums = l.run(&p.mem, in[0], s.columns, rows, dz) })
		if stats != nil {
			*stats = sums
		}
		out[0] = []float32{float32(sums.Loss)}
	}
	f.backward = func(gout, gin [][]float32) {
		f.late(gout[0][0], dz)
		gin[0] = dz
	}
	return p.apply(f, z)[0]
}

// Gradient is [ContrastLoss.Forward] with no graph. It sets dz, of z's length, to the loss's gradient with respect to
// z, [rows, size]; nil computes the loss alone.
func (l ContrastLoss) Gradient(z []float32, size int, rows ContrastRows, dz []float32) (ContrastStats, error) {
	if size < 1 || len(z)%size != 0 || dz != nil && len(dz) != len(z) {
		return ContrastStats{}, fmt.Errorf("rnn: contrast: %d values and %d gradients of size %d: want rows of that size", len(z), len(dz), size)
	}
	if err := l.check(shape{len(z) / size, size}, rows); err != nil {
		return ContrastStats{}, err
	}
	clear(dz)
	var mem Buffers
	return l.run(&mem, z, size, rows, dz), nil
}

// check returns an error if settings are outside their ranges or rows are not rows of z.
func (l ContrastLoss) check(z shape, rows ContrastRows) error {
	if err := setting.OneOf(cmp.Or(l.Kind, InfoNCE), ContrastKinds()...); err != nil {
		return fmt.Errorf("rnn: contrast: kind %w", err)
	}
	if !(l.Temperature >= 0) || !(l.Margin >= 0 && l.Margin <= 2) {
		return fmt.Errorf("rnn: contrast: temperature %g and margin %g: want a temperature above 0 and a margin of 0 to 2", l.Temperature, l.Margin)
	}
	if err := checkSizes("contrast", l.Sizes, z.columns); err != nil {
		return err
	}
	if len(rows.Anchors) == 0 || len(rows.Anchors) != len(rows.Positives) {
		return fmt.Errorf("rnn: contrast: %d anchors and %d positives: want at least one, and one positive an anchor", len(rows.Anchors), len(rows.Positives))
	}
	if rows.Sentences != nil && len(rows.Sentences) != z.rows {
		return fmt.Errorf("rnn: contrast: sentences of %d rows: want %d", len(rows.Sentences), z.rows)
	}
	return checkRows("contrast", z.rows, rows.Anchors, rows.Positives, rows.Negatives)
}

// run computes the loss. If dz is not nil, it adds the gradient.
func (l ContrastLoss) run(mem *Buffers, z []float32, size int, rows ContrastRows, dz []float32) ContrastStats {
	c := newContrast(l, rows)
	sums := ContrastStats{Anchors: c.anchors}
	sizes := prefixes(l.Sizes, size)
	for _, n := range sizes {
		a := newUnits(mem, z, size, n, rows.Anchors)
		b := newUnits(mem, z, size, n, rows.Positives, rows.Negatives)
		cosines := a.cosines(mem, b)
		sums.Hits, sums.Cosine = c.figures(cosines)
		sums.Loss += c.loss(mem, cosines, dz != nil) / float64(len(sizes))
		if dz != nil {
			a.backward(mem, b, float32(1/float64(len(sizes))), cosines, dz)
		}
	}
	return sums
}
