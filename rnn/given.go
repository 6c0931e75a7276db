package rnn

import (
	"fmt"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// Given returns Σ z·dz, a scalar whose gradient with respect to z, [rows, size], is dz, of z's length. A loss whose
// gradient was computed elsewhere, such as one over more vectors than memory holds activations for, trains the layers
// below z by it. Every run reads dz anew.
//
// Gao, Zhang, Han and Callan, Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup, 2021.
func Given(p *Pass, z *gorgonia.Node, dz []float32) *gorgonia.Node {
	if !p.matrix("given gradient", z, -1, -1) {
		return nil
	}
	s := shapeOf(z)
	if len(dz) != s.len() {
		p.fail(fmt.Errorf("rnn: given gradient of %d values: want %d×%d", len(dz), s.rows, s.columns))
		return nil
	}
	return p.apply(&fused{
		name: "given",
		outs: []shape{{}},
		forward: func(in, out [][]float32) {
			sum := 0.0
			for r := range s.rows {
				sum += float64(kernel.Dot(in[0][r*s.columns:][:s.columns], dz[r*s.columns:][:s.columns]))
			}
			out[0] = []float32{float32(sum)}
		},
		backward: func(gout, gin [][]float32) {
			gin[0] = p.mem.zeros(len(dz))
			kernel.Axpy(gout[0][0], dz, gin[0])
		},
	}, z)[0]
}
