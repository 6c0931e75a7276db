package rnn

import (
	"math"

	"github.com/retell-rnn/retell/internal/kernel"
)

// labelTarget is what a [CRF] is trained towards: a distribution q of each sequence's labels, and a weight for each
// token. The loss is Σ weight[t]·E_q[−log p(yₜ | yₜ₋₁)], the cross-entropy of q if all weights are 1.
type labelTarget struct {
	gold    []int32
	weights []float32 // nil means 1

	// With label smoothing; nil if q is gold alone.
	labels []float32 // probabilities of each row's labels, [rows, n]
	pairs  []float32 // expected transitions, each with its second token's weight, [n, n]
}

func newLabelTarget(gold []int32, weights []float32) *labelTarget {
	return &labelTarget{gold: gold, weights: weights}
}

// soften makes q independent draws of labels, from gold with probability 1−eps and else from all labels, on condition
// that the constraint allows them. These are the labels of a field without transition scores.
func (q *labelTarget) soften(mem *Buffers, lay *Layout, n int, allowed func(from, to int) bool, eps float64) {
	x := mem.Take(lay.Rows() * n)
	other, own := float32(math.Log(eps/float64(n))), float32(math.Log(1-eps+eps/float64(n)))
	for r, y := range q.gold {
		row := x[r*n:][:n]
		for j := range row {
			row[j] = other
		}
		row[y] = own
	}
	t := newTrellis(mem, newChain(n, allowed, nil, nil, nil), x, lay)
	t.filter()
	q.labels, q.pairs = mem.Take(len(x)), mem.zeros(n*n)
	t.smooth(mem, q.labels, nil)
	t.weigh(q.weight)
	t.pairs(q.pairs)
}

// weight returns a row's weight.
func (q *labelTarget) weight(row int) float32 {
	if q.weights == nil {
		return 1
	}
	return q.weights[row]
}

// change returns how much the weight of a row's next one differs.
func (q *labelTarget) change(row, next int) float32 {
	if q.weights == nil {
		return 0
	}
	return q.weights[next] - q.weights[row]
}

// each calls f for the labels of a row that q can have.
func (q *labelTarget) each(row, n int, f func(label int, p float64)) {
	if q.labels == nil {
		f(int(q.gold[row]), 1)
		return
	}
	for j, p := range q.labels[row*n:][:n] {
		if p > 0 {
			f(j, float64(p))
		}
	}
}

// renew adds q's labels of a row to expected labels e, so that the total becomes the next row's weight.
func (q *labelTarget) renew(e []float32, row, next int) {
	switch by := q.change(row, next); {
	case by == 0:
	case q.labels == nil:
		e[q.gold[row]] += by
	default:
		kernel.Axpy(by, q.labels[row*len(e):][:len(e)], e)
	}
}

// loss returns the loss of a sequence, after filter; with label smoothing, without the transitions.
func (q *labelTarget) loss(t *trellis, s int) float64 {
	n := t.lay.lens[s]
	first, last := t.lay.Row(s, 0), t.lay.Row(s, n-1)
	loss := float64(q.weight(first)) * t.logZ[s]
	q.each(first, t.n, func(y int, p float64) { loss -= p * float64(q.weight(first)) * float64(t.chain.start[y]) })
	q.each(last, t.n, func(y int, p float64) { loss -= p * float64(q.weight(last)) * float64(t.end[y]) })
	for k := range n {
		row := t.lay.Row(s, k)
		w, gold := float64(q.weight(row)), float64(t.x[row*t.n+int(q.gold[row])])
		loss -= w * gold
		q.each(row, t.n, func(y int, p float64) { loss -= w * p * (float64(t.x[row*t.n+y]) - gold) })
		if k+1 == n {
			break
		}
		next := t.lay.Row(s, k+1)
		if q.labels == nil {
			loss -= float64(q.weight(next)) * float64(t.trans[int(q.gold[row])*t.n+int(q.gold[next])])
		}
		if by := float64(q.change(row, next)); by != 0 {
			q.each(row, t.n, func(y int, p float64) { loss += by * p * (t.beta(row, next, y) + t.shift[next]) })
		}
	}
	return loss
}

// transitions returns the scores of the transitions that loss leaves out.
func (q *labelTarget) transitions(h *chain) float64 {
	sum := 0.0
	for i, c := range q.pairs {
		if c != 0 {
			sum += float64(c) * float64(h.trans[i])
		}
	}
	return sum
}

// subtract subtracts q from expected labels [rows, n] and transitions [n, n].
func (q *labelTarget) subtract(labels, pairs []float32, lay *Layout) {
	n := len(labels) / lay.Rows()
	for r, y := range q.gold {
		if row := labels[r*n:][:n]; q.labels == nil {
			row[y] -= q.weight(r)
		} else {
			kernel.Axpy(-q.weight(r), q.labels[r*n:][:n], row)
		}
	}
	if q.labels != nil {
		kernel.Axpy(-1, q.pairs, pairs)
		return
	}
	for s, steps := range lay.lens {
		for k := 1; k < steps; k++ {
			from, to := lay.Row(s, k-1), lay.Row(s, k)
			pairs[int(q.gold[from])*n+int(q.gold[to])] -= q.weight(to)
		}
	}
}
