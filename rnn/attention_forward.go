package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// source is a batch of encoder states that queries attend to.
type source struct {
	memory []float32 // [source rows, memory]
	keys   []float32 // [source rows, key]
	rows   [][]int32 // by rank: the rows of the source's tokens
}

// newSource computes the keys, once for all queries. order[rank] is a sequence of src.
func (s *packedAttention) newSource(mem *Buffers, memory []float32, src *Layout, order []int) source {
	keys := memory
	if m := s.toKey; m != nil {
		keys = mem.Take(src.Rows() * s.key)
		m.forward(&s.wk, src.Rows(), memory, keys, (*kernel.Packed).MulParallel)
	}
	return source{memory: memory, keys: keys, rows: src.rowsByRank(order)}
}

// attentionTrace holds the values that an attention computed for each row of its decoder.
type attentionTrace struct {
	source
	width   int       // tokens of the longest source
	states  []float32 // [rows, hidden]: the decoder's
	q       []float32 // [rows, key]: queries; same buffer as states if the states are the queries
	alpha   []float32 // [rows, width]: weights, 0 past the end of a source
	cov     []float32 // [rows, width]: sums of alpha over the previous steps; nil without coverage
	context []float32 // [rows, memory]
	out     []float32 // [rows, out]: attentional vectors
}

func (a *attention) newTrace(mem *Buffers, rows int, states []float32, coverage bool, src source) *attentionTrace {
	tr := &attentionTrace{source: src, states: states, q: states}
	for _, r := range src.rows {
		tr.width = max(tr.width, len(r))
	}
	if a.toQuery != nil {
		tr.q = mem.Take(rows * a.key)
	}
	tr.alpha = mem.zeros(rows * tr.width)
	if coverage {
		tr.cov = mem.zeros(rows * tr.width)
	}
	tr.context = mem.Take(rows * a.memory)
	tr.out = mem.Take(rows * a.out)
	return tr
}

// scratch is the working memory of one goroutine.
type scratch struct {
	key   []float32 // [key]
	alpha []float32 // [width]
}

// newScratch returns the scratch of one goroutine; a nil attention needs none.
func newScratch(mem *Buffers, tr *attentionTrace, a *attention) scratch {
	if a == nil {
		return scratch{}
	}
	return scratch{mem.Take(a.key), mem.Take(max(tr.width, 1))}
}

// query returns the query of row i of a span.
func (a *attention) query(tr *attentionTrace, sp span, i int) query {
	at, rows := sp.at+i, tr.rows[sp.rank+i]
	q := query{vector: tr.q[at*a.key:][:a.key], rows: rows, alpha: tr.alpha[at*tr.width:][:len(rows)]}
	if tr.cov != nil {
		q.cov = tr.cov[at*tr.width:][:len(rows)]
	}
	return q
}

// weights returns the weights of a row, which has the given rank, over its source's tokens.
func (tr *attentionTrace) weights(row, rank int) []float32 {
	return tr.alpha[row*tr.width:][:len(tr.rows[rank])]
}

// reorder makes ranks[i] the new rank i of the weights, the coverage and the sources. move reorders an array of n
// numbers a row.
func (tr *attentionTrace) reorder(ranks []int, move func(x []float32, n int)) {
	move(tr.alpha, tr.width)
	if tr.cov != nil {
		move(tr.cov, tr.width)
	}
	rows := make([][]int32, len(ranks))
	for i, r := range ranks {
		rows[i] = tr.rows[r]
	}
	tr.rows = rows
}

// queries computes the queries of rows [at, at+n).
func (s *packedAttention) queries(tr *attentionTrace, at, n int, mul product) {
	if m := s.toQuery; m != nil {
		m.forward(&s.wq, n, tr.states[at*s.hidden:], tr.q[at*s.key:], mul)
	}
}

// attend computes the weights and the context of row i of a span.
func (s *packedAttention) attend(tr *attentionTrace, sp span, i int, sc scratch) {
	q := s.query(tr, sp, i)
	if q.cov != nil && sp.prev >= 0 {
		before := (sp.prev + i) * tr.width
		kernel.Add(q.cov, tr.cov[before:][:len(q.rows)], tr.alpha[before:][:len(q.rows)])
	}
	s.scores(q, tr.keys, sc.key)
	kernel.Softmax(q.alpha)
	context := tr.context[(sp.at+i)*s.memory:][:s.memory]
	clear(context)
	for k, r := range q.rows {
		kernel.Axpy(q.alpha[k], row(tr.memory, r, s.memory), context)
	}
}

// outputs computes the attentional vectors of rows [at, at+n).
func (s *packedAttention) outputs(tr *attentionTrace, at, n int, mul product) {
	out := tr.out[at*s.out:][:n*s.out]
	mul(&s.wcMemory, n, tr.context[at*s.memory:], s.memory, 0, out, s.out)
	mul(&s.wcState, n, tr.states[at*s.hidden:], s.hidden, 1, out, s.out)
	kernel.Tanh(out, out)
}
