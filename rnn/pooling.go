package rnn

import (
	"math"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// pool is the arithmetic of pooling.
type pool struct {
	kinds []Pooling // single kinds; their vectors lie side by side
	n     int       // size of a state

	// Only PoolAttention uses these.
	key   int       // size of a token's key
	v     *Param    // [1, key]
	alpha []float32 // [rows]: weights
}

func (q *pool) width() int { return len(q.kinds) * q.n }

func (q *pool) has(kind Pooling) bool { return slices.Contains(q.kinds, kind) }

// part returns a sequence's vector of the k-th kind in x, [batch, width].
func (q *pool) part(x []float32, seq, k int) []float32 { return x[seq*q.width()+k*q.n:][:q.n] }

// eachRow calls f with the rows of a sequence's tokens, in order.
func (q *pool) eachRow(lay *Layout, seq int, f func(row int)) {
	for t := range lay.lens[seq] {
		f(lay.Row(seq, t))
	}
}

// forward pools states [rows, n]; keys are [rows, key], last is [batch, n].
func (q *pool) forward(out, states, keys, last []float32, lay *Layout) {
	kernel.Tasks(lay.Batch(), func(s int) {
		for k, kind := range q.kinds {
			dst := q.part(out, s, k)
			switch kind {
			case PoolLast:
				copy(dst, last[s*q.n:])
			case PoolMean:
				clear(dst)
				q.eachRow(lay, s, func(r int) { kernel.Axpy(1, states[r*q.n:][:q.n], dst) })
				kernel.Scale(1/float32(lay.lens[s]), dst)
			case PoolMax:
				copy(dst, states[lay.Row(s, 0)*q.n:])
				q.eachRow(lay, s, func(r int) {
					for j, v := range states[r*q.n:][:q.n] {
						dst[j] = max(dst[j], v)
					}
				})
			case PoolMin:
				copy(dst, states[lay.Row(s, 0)*q.n:])
				q.eachRow(lay, s, func(r int) {
					for j, v := range states[r*q.n:][:q.n] {
						dst[j] = min(dst[j], v)
					}
				})
			case PoolAttention:
				q.weigh(keys, lay, s)
				clear(dst)
				q.eachRow(lay, s, func(r int) { kernel.Axpy(q.alpha[r], states[r*q.n:][:q.n], dst) })
			}
		}
	})
}

// weigh sets the weights of a sequence in alpha.
func (q *pool) weigh(keys []float32, lay *Layout, seq int) {
	top := math.Inf(-1)
	q.eachRow(lay, seq, func(r int) {
		q.alpha[r] = kernel.Dot(q.v.W, keys[r*q.key:][:q.key])
		top = max(top, float64(q.alpha[r]))
	})
	sum := 0.0
	q.eachRow(lay, seq, func(r int) { sum += math.Exp(float64(q.alpha[r]) - top) })
	q.eachRow(lay, seq, func(r int) { q.alpha[r] = float32(math.Exp(float64(q.alpha[r])-top) / sum) })
}

// poolGrads are the gradients of a pooling's inputs: states [rows, n], keys [rows, key] and last [batch, n]. v [batch,
// key] are the sequences' parts of the gradient of pool.v. keys and v are nil without PoolAttention, last without
// PoolLast.
type poolGrads struct{ states, keys, last, v []float32 }

// backward sets the gradients from dout, the gradient of out.
func (q *pool) backward(dout, out, states, keys []float32, g poolGrads, lay *Layout) {
	kernel.Tasks(lay.Batch(), func(s int) {
		if q.kinds[0] != PoolMean {
			q.eachRow(lay, s, func(r int) { clear(g.states[r*q.n:][:q.n]) })
		}
		for k, kind := range q.kinds {
			d := q.part(dout, s, k)
			switch kind {
			case PoolLast:
				copy(g.last[s*q.n:][:q.n], d)
			case PoolMean:
				q.spread(d, k == 0, g.states, lay, s)
			case PoolMax, PoolMin:
				chosen := q.part(out, s, k)
				given := make([]bool, q.n) // the first of equal extremes gets the gradient
				q.eachRow(lay, s, func(r int) {
					for j, v := range states[r*q.n:][:q.n] {
						if v == chosen[j] && !given[j] {
							g.states[r*q.n+j] += d[j]
							given[j] = true
						}
					}
				})
			case PoolAttention:
				q.attend(d, q.part(out, s, k), states, keys, g, lay, s)
			}
		}
	})
}

// spread is the part of backward for PoolMean. It sets the gradients of a sequence's states if none are there yet, and
// otherwise adds to them.
func (q *pool) spread(d []float32, set bool, dstates []float32, lay *Layout, seq int) {
	each := 1 / float32(lay.lens[seq])
	if !set {
		q.eachRow(lay, seq, func(r int) { kernel.Axpy(each, d, dstates[r*q.n:][:q.n]) })
		return
	}
	first := dstates[lay.Row(seq, 0)*q.n:][:q.n]
	copy(first, d)
	kernel.Scale(each, first)
	q.eachRow(lay, seq, func(r int) { copy(dstates[r*q.n:][:q.n], first) })
}

// attend is the part of backward for PoolAttention. d is the gradient of a sequence's vector out.
func (q *pool) attend(d, out, states, keys []float32, g poolGrads, lay *Layout, seq int) {
	dv := g.v[seq*q.key:][:q.key]
	clear(dv)
	mean := kernel.Dot(d, out) // Σ α (d·m)
	q.eachRow(lay, seq, func(r int) {
		key, dkey := keys[r*q.key:][:q.key], g.keys[r*q.key:][:q.key]
		ds := q.alpha[r] * (kernel.Dot(d, states[r*q.n:][:q.n]) - mean)
		kernel.Axpy(q.alpha[r], d, g.states[r*q.n:][:q.n])
		clear(dkey)
		kernel.Axpy(ds, q.v.W, dkey)
		kernel.Axpy(ds, key, dv)
	})
}

// apply adds the pooling of states to the graph; keys is nil without PoolAttention, last may be nil without PoolLast.
func (q pool) apply(p *Pass, states, keys, last *gorgonia.Node, lay *Layout) *gorgonia.Node {
	if !p.placed("pooling", lay) || !p.matrix("pooling", states, lay.Rows(), q.n) {
		return nil
	}
	batch, rows := lay.Batch(), lay.Rows()
	inputs := []*gorgonia.Node{states}
	var params []*Param
	if keys != nil {
		inputs, params = append(inputs, keys), []*Param{q.v}
	}
	reads := q.has(PoolLast)
	if reads {
		if !p.matrix("pooling", last, batch, q.n) {
			return nil
		}
		inputs = append(inputs, last)
	}
	var x, key, out []float32
	return p.apply(&fused{
		name:   "pool",
		params: params,
		outs:   []shape{{batch, q.width()}},
		forward: func(in, outs [][]float32) {
			x, out = in[0], p.mem.Take(batch*q.width())
			if keys != nil {
				key, q.alpha = in[1], p.mem.Take(rows)
			}
			q.forward(out, x, key, in[len(in)-1], lay)
			outs[0] = out
		},
		backward: func(gout, gin [][]float32) {
			g := poolGrads{states: p.mem.Take(rows * q.n)}
			gin[0] = g.states
			if keys != nil {
				g.keys, g.v = p.mem.Take(rows*q.key), p.mem.Take(batch*q.key)
				gin[1] = g.keys
			}
			if reads {
				g.last = p.mem.Take(batch * q.n)
				gin[len(gin)-1] = g.last
			}
			q.backward(gout[0], out, x, key, g, lay)
			if keys != nil {
				addSums(&p.mem, batch, g.v, q.key, q.v)
			}
		},
	}, inputs...)[0]
}
