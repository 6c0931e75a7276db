package rnn

import (
	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// Dropout sets each element to zero with probability rate, in [0, 1), and scales the others by 1/(1−rate) ("inverted"
// dropout, so that evaluation changes nothing). It returns x itself where the pass makes no random decisions.
//
// Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting, 2014.
func Dropout(p *Pass, x *gorgonia.Node, rate float64) *gorgonia.Node {
	if p.rng == nil || rate <= 0 || !p.matrix("dropout", x, -1, -1) {
		return x
	}
	s := shapeOf(x)
	mask := p.mask(s.len(), rate)
	times := func(v []float32) []float32 {
		out := p.mem.Take(len(v))
		kernel.Mul(out, v, mask)
		return out
	}
	return p.apply(&fused{
		name:     "dropout",
		outs:     []shape{s},
		forward:  func(in, out [][]float32) { out[0] = times(in[0]) },
		backward: func(gout, gin [][]float32) { gin[0] = times(gout[0]) },
	}, x)[0]
}

// DropTokens replaces each of ids by unknown with probability rate, 0 to 1, so that a network learns to do without a token: a
// decoder, to rely on its first state more than on the words before. It does nothing where the pass makes no random decisions.
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

// mask draws a dropout mask: 0 with probability rate, else 1/(1−rate). The rate is rounded to a 65,536th.
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
