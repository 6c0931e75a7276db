package rnn

import (
	"fmt"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// Columns returns columns of x [rows, n], [rows, len(columns)]. No column occurs twice.
func Columns(p *Pass, x *gorgonia.Node, columns []int32) *gorgonia.Node {
	if !p.matrix("columns", x, -1, -1) {
		return nil
	}
	s, size := shapeOf(x), len(columns)
	for _, c := range columns {
		if c < 0 || int(c) >= s.columns {
			p.fail(fmt.Errorf("rnn: columns: %d of a matrix of %d: want 0 to %d", c, s.columns, s.columns-1))
			return nil
		}
	}
	return p.apply(&fused{
		name: "columns",
		outs: []shape{{s.rows, size}},
		forward: func(in, out [][]float32) {
			out[0] = p.mem.Take(s.rows * size)
			PickColumns(out[0], in[0], s.columns, columns)
		},
		backward: func(gout, gin [][]float32) {
			gin[0] = p.mem.zeros(s.len())
			for r := range s.rows {
				to, from := gin[0][r*s.columns:][:s.columns], gout[0][r*size:][:size]
				for k, c := range columns {
					to[c] = from[k]
				}
			}
		},
	}, x)[0]
}

// PickColumns sets y [rows, len(columns)] to columns of x [rows, n].
func PickColumns(y, x []float32, n int, columns []int32) {
	for at := 0; at < len(y); at += len(columns) {
		row := x[at/len(columns)*n:][:n]
		for k, c := range columns {
			y[at+k] = row[c]
		}
	}
}

// CrossEntropy returns the cross-entropy between softmax(x) and the targets, summed over rows, as a scalar; x is [rows,
// classes]. Arguments are as in [Output.WeightedLoss], which is faster if x is the product of a large matrix.
func CrossEntropy(p *Pass, x *gorgonia.Node, targets []int32, weights []float32, eps float64, stats *LossStats) *gorgonia.Node {
	if !p.matrix("cross-entropy", x, len(targets), -1) {
		return nil
	}
	if weights != nil && len(weights) != len(targets) {
		p.fail(fmt.Errorf("rnn: cross-entropy: %d weights of %d targets: want one a target", len(weights), len(targets)))
		return nil
	}
	n := shapeOf(x).columns
	check := func() error {
		for _, t := range targets {
			if t < 0 || int(t) >= n {
				return fmt.Errorf("rnn: cross-entropy: target %d: want 0 to %d", t, n-1)
			}
		}
		return nil
	}
	if err := check(); err != nil {
		p.fail(err)
		return nil
	}
	var dx []float32
	f := &fused{name: "cross-entropy", outs: []shape{{}}}
	f.forward = func(ins, outs [][]float32) {
		if err := check(); err != nil {
			p.reject(err)
			return
		}
		dx = p.mem.Take(len(ins[0]))
		copy(dx, ins[0])
		sum := lossSums{LossStats: LossStats{Tokens: len(targets)}}
		for r, t := range targets {
			w := float32(1)
			if weights != nil {
				w = weights[r]
			}
			nll, smooth, hit := kernel.CrossEntropy(dx[r*n:][:n], int(t), float32(eps), w)
			sum.NLL += float64(nll)
			sum.smooth += float64(smooth) * float64(w)
			if hit {
				sum.Hits++
			}
		}
		if stats != nil {
			*stats = sum.LossStats
		}
		outs[0] = []float32{float32(sum.smooth)}
	}
	f.backward = func(gout, gin [][]float32) {
		if g := gout[0][0]; g != 1 {
			kernel.Scale(g, dx)
		}
		gin[0] = dx
	}
	return p.apply(f, x)[0]
}
