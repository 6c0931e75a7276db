package rnn

import (
	"fmt"
	"math"
	"slices"

	"gorgonia.org/gorgonia"
)

// leastAttention replaces smaller attention, so that its logarithm and inverse are finite.
const leastAttention = 1e-30

// GuidedAttention returns the cross-entropy between wanted attention and a decoder's attention [rows, tokens], summed
// over rows, as a scalar. wanted[r] lists the source tokens that share row r's attention equally, each once; an empty
// list adds nothing. weights are factors of the rows; nil means 1.
//
// Chen, Matusov, Khadivi and Peter, Guided Alignment Training for Topic-Aware Neural Machine Translation, 2016.
func GuidedAttention(p *Pass, attention *gorgonia.Node, wanted [][]int32, weights []float32) *gorgonia.Node {
	if !p.matrix("guided attention", attention, len(wanted), -1) {
		return nil
	}
	width := attention.Shape()[1]
	for r, tokens := range wanted {
		if slices.ContainsFunc(tokens, func(s int32) bool { return s < 0 || int(s) >= width }) {
			p.fail(fmt.Errorf("rnn: guided attention: row %d has wanted tokens %v: want 0 to %d", r, tokens, width-1))
			return nil
		}
	}
	if weights != nil && len(weights) != len(wanted) {
		p.fail(fmt.Errorf("rnn: guided attention: %d weights of %d rows: want one a row", len(weights), len(wanted)))
		return nil
	}
	each := func(f func(at int, share float64)) {
		for r, tokens := range wanted {
			share := 1 / float64(len(tokens))
			if weights != nil {
				share *= float64(weights[r])
			}
			for _, s := range tokens {
				f(r*width+int(s), share)
			}
		}
	}
	var alpha []float32
	return p.apply(&fused{
		name: "guide",
		outs: []shape{{}},
		forward: func(in, out [][]float32) {
			alpha = in[0]
			sum := 0.0
			each(func(at int, share float64) { sum -= share * math.Log(max(float64(alpha[at]), leastAttention)) })
			out[0] = []float32{float32(sum)}
		},
		backward: func(gout, gin [][]float32) {
			d := p.mem.zeros(len(alpha))
			each(func(at int, share float64) {
				d[at] -= float32(float64(gout[0][0]) * share / max(float64(alpha[at]), leastAttention))
			})
			gin[0] = d
		},
	}, attention)[0]
}
