package rnn

import (
	"math"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// RMSNorm scales each row of x to a root mean square of 1. Rows of zeros stay zero. There are no gains.
//
// Zhang and Sennrich, Root Mean Square Layer Normalization, 2019.
func RMSNorm(p *Pass, x *gorgonia.Node) *gorgonia.Node {
	if !p.matrix("normalization", x, -1, -1) {
		return nil
	}
	return scaleRows(p, x, rootOf(shapeOf(x).columns))
}

// PackedRMSNorm is [RMSNorm] of x [rows, size] without a graph, in place.
func PackedRMSNorm(mem *Buffers, rows int, x []float32) {
	normalize(rows, x, mem.Take(rows), rootOf(len(x)/rows))
}

// rootOf is the length of a row of n numbers whose root mean square is 1.
func rootOf(n int) float32 { return float32(math.Sqrt(float64(n))) }

// scaleRows scales each row to the given Euclidean length. Rows of zeros stay zero.
func scaleRows(p *Pass, x *gorgonia.Node, length float32) *gorgonia.Node {
	if !p.matrix("length of rows", x, -1, -1) {
		return nil
	}
	s := shapeOf(x)
	var y, norms []float32
	return p.apply(&fused{
		name: "length",
		outs: []shape{s},
		forward: func(in, out [][]float32) {
			y, norms = p.mem.Take(s.len()), p.mem.Take(s.rows)
			copy(y, in[0])
			normalize(s.rows, y, norms, length)
			out[0] = y
		},
		backward: func(gout, gin [][]float32) {
			gin[0] = p.mem.zeros(s.len())
			for r, norm := range norms {
				at := r * s.columns
				row, d, dx := y[at:][:s.columns], gout[0][at:][:s.columns], gin[0][at:][:s.columns]
				if norm > 0 { // dx = (d − (d·y) y / length²) length / norm
					kernel.Axpy(length/norm, d, dx)
					kernel.Axpy(-kernel.Dot(d, row)/(length*norm), row, dx)
				}
			}
		},
	}, x)[0]
}

// normalize scales rows to the given length and sets norms to their previous lengths.
func normalize(rows int, x, norms []float32, length float32) {
	n := len(x) / rows
	for r := range rows {
		row := x[r*n:][:n]
		norms[r] = float32(math.Sqrt(kernel.SumSquares(row)))
		if norms[r] > 0 {
			kernel.Scale(length/norms[r], row)
		}
	}
}
