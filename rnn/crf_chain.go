package rnn

import (
	"math"

	"github.com/retell-rnn/retell/internal/kernel"
)

// chain holds a CRF's scores, with -Inf for what is not allowed. It is immutable and safe for concurrent use.
type chain struct {
	n                 int
	trans, start, end []float32 // trans is [n, n]: from, to

	top         []float64     // greatest transition from each label; 0 if none is allowed
	ratio       []float32     // e^(trans − top), [n, n]
	back, forth kernel.Packed // products with ratio: over the labels after, and over the labels before
	dead        []bool        // labels that no transition leaves
	most        float64       // greatest of top, without dead labels
	scale       []float32     // e^(top − most)
}

// least is the logarithm below which a factor of a product counts as 0, so that the product has no subnormal factors.
const least = -85

// floor is the least sum of products that factors taken as 0 leave precise. Lesser sums are computed in log space.
const floor = 1e-25

// enough is the least maximum of a row's products that leaves its lesser products precise: they are at least 1e-38.
const enough = 1e-5

// chain returns the current scores.
func (c *CRF) chain() *chain {
	return newChain(c.Labels, c.allowed, c.Transitions.W, c.Start.W, c.End.W)
}

// newChain copies the scores of a field of n labels; nil scores are zeros.
func newChain(n int, allowed func(from, to int) bool, trans, start, end []float32) *chain {
	h := &chain{
		n: n, trans: make([]float32, n*n), start: make([]float32, n), end: make([]float32, n),
		top: make([]float64, n), ratio: make([]float32, n*n), scale: make([]float32, n), dead: make([]bool, n), most: math.Inf(-1),
	}
	copy(h.trans, trans)
	copy(h.start, start)
	copy(h.end, end)
	forbid := func(score *float32, from, to int) {
		if allowed != nil && !allowed(from, to) {
			*score = float32(math.Inf(-1))
		}
	}
	for i := range n {
		forbid(&h.start[i], -1, i)
		forbid(&h.end[i], i, -1)
		row := h.trans[i*n:][:n]
		for j := range row {
			forbid(&row[j], i, j)
		}
		if h.top[i] = float64(kernel.Max(row)); math.IsInf(h.top[i], -1) {
			h.top[i], h.dead[i] = 0, true
		}
		for j, v := range row {
			h.ratio[i*n+j] = power(float64(v) - h.top[i])
		}
	}
	kernel.Exp(h.ratio, h.ratio)
	for i, v := range h.top {
		if !h.dead[i] {
			h.most = max(h.most, v)
		}
	}
	h.most = max(h.most, -math.MaxFloat64) // all may be dead
	for i, v := range h.top {
		h.scale[i] = power(v - h.most)
	}
	kernel.Exp(h.scale, h.scale)
	h.back.Pack(true, n, n, h.ratio, n)
	h.forth.Pack(false, n, n, h.ratio, n)
	return h
}

// power returns x for [kernel.Exp], or -Inf if e^x counts as 0.
func power(x float64) float32 {
	if x < least {
		return float32(math.Inf(-1))
	}
	return float32(x)
}

// after returns log Σ e^(trans[label, j] + u[j]) over the labels j, in float64.
func (h *chain) after(label int, u []float32) float64 {
	return logSum(h.trans[label*h.n:][:h.n], u)
}
