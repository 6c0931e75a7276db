package rnn

import (
	"fmt"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// Dropout sets each element to zero with probability rate, 0 to below 1, and scales the others by 1/(1−rate), so that
// evaluation needs no scaling. It returns x itself if the pass makes no random decisions.
//
// Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting, 2014.
func Dropout(p *Pass, x *gorgonia.Node, rate float64) *gorgonia.Node {
	if p.rng == nil || rate <= 0 || !p.matrix("dropout", x, -1, -1) {
		return x
	}
	return p.times(x, func() []float32 { return p.mask(shapeOf(x).len(), rate) })
}

// SequenceDropout is variational dropout: [Dropout] with one mask for all steps of a sequence. lay is x's layout.
//
// Gal and Ghahramani, A Theoretically Grounded Application of Dropout in Recurrent Neural Networks, 2016.
func SequenceDropout(p *Pass, x *gorgonia.Node, lay *Layout, rate float64) *gorgonia.Node {
	if p.rng == nil || rate <= 0 || !p.placed("dropout", lay) || !p.matrix("dropout", x, lay.Rows(), -1) {
		return x
	}
	return p.times(x, func() []float32 { return p.sequenceMask(lay, x.Shape()[1], rate) })
}

// TypeDropout is [Dropout] of whole rows of x, the embeddings of ids laid out by lay. Within a sequence it drops all
// tokens of an id or none (embedding dropout of Gal and Ghahramani 2016).
func TypeDropout(p *Pass, x *gorgonia.Node, lay *Layout, ids []int32, rate float64) *gorgonia.Node {
	if p.rng == nil || rate <= 0 || !p.placed("dropout of types", lay) || !p.matrix("dropout of types", x, lay.Rows(), -1) {
		return x
	}
	if len(ids) != lay.Rows() {
		p.fail(fmt.Errorf("rnn: dropout of types: %d ids of %d rows: want one a row", len(ids), lay.Rows()))
		return x
	}
	return p.times(x, func() []float32 { return p.typeMask(lay, ids, x.Shape()[1], rate) })
}

// typeMask draws a dropout mask, [rows, n], with equal rows for all tokens of one id in a sequence.
func (p *Pass) typeMask(lay *Layout, ids []int32, n int, rate float64) []float32 {
	mask := p.mem.Take(len(ids) * n)
	for s, length := range lay.lens {
		drawn := make(map[int32]float32, length)
		for t := range length {
			r := lay.Row(s, t)
			factor, ok := drawn[ids[r]]
			if !ok {
				if p.rng.Float64() >= rate {
					factor = float32(1 / (1 - rate))
				}
				drawn[ids[r]] = factor
			}
			row := mask[r*n:][:n]
			for i := range row {
				row[i] = factor
			}
		}
	}
	return mask
}

// times multiplies x by a mask of its size. Each run of the graph draws a new mask.
func (p *Pass) times(x *gorgonia.Node, draw func() []float32) *gorgonia.Node {
	mask := draw()
	times := func(v []float32) []float32 {
		out := p.mem.Take(len(v))
		kernel.Mul(out, v, mask)
		return out
	}
	return p.apply(&fused{
		name: "dropout",
		outs: []shape{shapeOf(x)},
		forward: func(in, out [][]float32) {
			if p.again() {
				mask = draw()
			}
			out[0] = times(in[0])
		},
		backward: func(gout, gin [][]float32) { gin[0] = times(gout[0]) },
	}, x)[0]
}

// DropTokens replaces each of ids, in place, by unknown with probability rate, 0 to 1. A decoder then learns to rely on
// its first state more than on the previous tokens. DropTokens does nothing if the pass makes no random decisions.
//
// Bowman et al., Generating Sentences from a Continuous Space, 2016.
func DropTokens(p *Pass, ids []int32, rate float64, unknown int32) {
	if p.rng == nil || rate <= 0 {
		return
	}
	for i := range ids {
		if p.rng.Float64() < rate {
			ids[i] = unknown
		}
	}
}

// DropBags replaces each of bags, in place, by an empty one with probability rate, 0 to 1. It does nothing if the pass
// makes no random decisions.
func DropBags(p *Pass, bags [][]int32, rate float64) {
	if p.rng == nil || rate <= 0 {
		return
	}
	for i := range bags {
		if p.rng.Float64() < rate {
			bags[i] = nil
		}
	}
}

// mask draws a dropout mask: 0 with probability rate, else 1/(1−rate). The rate is rounded down to a multiple of
// 1/65,536.
func (p *Pass) mask(n int, rate float64) []float32 {
	m := p.mem.Take(n)
	limit, keep := uint64(rate*65536), float32(1/(1-rate))
	var bits uint64
	for i := range m {
		if i%4 == 0 {
			bits = p.rng.Uint64()
		}
		m[i] = keep
		if bits&0xffff < limit {
			m[i] = 0
		}
		bits >>= 16
	}
	return m
}

// sequenceMask draws a dropout mask, [rows, n], with equal rows for all steps of a sequence.
func (p *Pass) sequenceMask(lay *Layout, n int, rate float64) []float32 {
	ranks := p.mask(lay.Batch()*n, rate)
	m := p.mem.Take(lay.Rows() * n)
	for t, size := range lay.sizes {
		copy(m[lay.start[t]*n:][:size*n], ranks)
	}
	return m
}
