package rnn

import (
	"math"

	"github.com/retell-rnn/retell/internal/kernel"
)

// hinge is the loss of [MarginLoss]. With gradient, it replaces the cosines by their gradients.
func (c *contrast) hinge(x []float32, gradient bool) float64 {
	n := c.anchors
	forth, back, of := make([]int, n), make([]int, n), make([]float32, n)
	kernel.Parallel(n, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := c.row(x, i)
			of[i], row[i] = row[i], float32(math.Inf(-1))
			forth[i] = kernel.ArgMax(row)
		}
	})
	c.hardest(x, back)
	type part struct{ at, pair int }
	var parts []part // costs above 0
	loss := 0.0
	cost := func(pair, at int) {
		if v := float64(c.margin) - float64(of[pair]) + float64(x[at]); !(v <= 0) { // NaN counts
			loss += v / 2
			parts = append(parts, part{at, pair})
		}
	}
	for i := range n {
		cost(i, i*c.candidates+forth[i])
		cost(i, back[i]*c.candidates+i)
	}
	if !gradient {
		return loss
	}
	kernel.Parallel(len(x), func(lo, hi int) { clear(x[lo:hi]) })
	for _, p := range parts {
		x[p.at] += 0.5
		x[p.pair*c.candidates+p.pair] -= 0.5
	}
	return loss
}

// hardest sets out to the most similar anchor of each positive, by cosines whose own pairs are -Inf.
func (c *contrast) hardest(x []float32, out []int) {
	kernel.Tasks((c.anchors+columnBlock-1)/columnBlock, func(block int) {
		lo := block * columnBlock
		n := min(columnBlock, c.anchors-lo)
		var top [columnBlock]float32
		for j := range n {
			top[j], out[lo+j] = float32(math.Inf(-1)), lo+j
		}
		for i := range c.anchors {
			for j, v := range c.row(x, i)[lo:][:n] {
				if v > top[j] {
					top[j], out[lo+j] = v, i
				}
			}
		}
	})
}
