package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// attentionGrads are the gradients of an attention. The marked inputs come from the loss; attention computes the
// others.
type attentionGrads struct {
	alpha    []float32 // [rows, width], an input: of the weights, without the path through the context; nil means zero
	repeated float32   // an input: of the coverage loss

	out     []float32 // [rows, out]: of the attentional vectors before the tanh
	context []float32 // [rows, memory]
	q       []float32 // [rows, key]; nil if the states are the queries
	memory  []float32 // [source rows, memory]
	keys    []float32 // [source rows, key]; same buffer as memory if the encoder states are the keys
	vectors []float32 // [batch, len(own), key]: of the scorer's vectors, by sequence
	cov     []float32 // [batch, width] by rank: of the coverage after the current step
	dalpha  []float32 // [batch, width]: scratch of a step
}

func (a *attention) newGrads(mem *Buffers, rows int, tr *attentionTrace) *attentionGrads {
	batch, sourceRows := len(tr.rows), len(tr.memory)/a.memory
	gr := &attentionGrads{
		out:     mem.Take(rows * a.out),
		context: mem.Take(rows * a.memory),
		memory:  mem.zeros(sourceRows * a.memory),
		vectors: mem.zeros(batch * len(a.own) * a.key),
	}
	gr.keys = gr.memory
	if a.toKey != nil {
		gr.keys = mem.zeros(sourceRows * a.key)
	}
	if a.toQuery != nil {
		gr.q = mem.zeros(rows * a.key)
	}
	if tr.cov != nil {
		gr.cov, gr.dalpha = mem.zeros(batch*tr.width), mem.Take(batch*tr.width)
	}
	return gr
}

// outputsBack differentiates outputs. From dout, the gradient of the attentional vectors, it sets gr.out and
// gr.context, and sets dstates to beta·dstates plus the gradient of the states.
func (s *packedAttention) outputsBack(tr *attentionTrace, at, n int, gr *attentionGrads, dout []float32, beta float32, dstates []float32, mul product) {
	d := gr.out[at*s.out:][:n*s.out]
	for i, y := range tr.out[at*s.out:][:n*s.out] {
		d[i] = dout[i] * (1 - y*y)
	}
	mul(&s.wcMemory, n, d, s.out, 0, gr.context[at*s.memory:], s.memory)
	mul(&s.wcState, n, d, s.out, beta, dstates, s.hidden)
}

// attendBack differentiates attend. If the row's state is its query, attendBack accumulates the state's gradient in
// dstate.
func (s *packedAttention) attendBack(tr *attentionTrace, sp span, i int, gr *attentionGrads, dstate []float32, sc scratch) {
	q := s.query(tr, sp, i)
	qg := s.queryGrads(tr, sp, i, gr, q, dstate)
	ds := sc.alpha[:len(q.rows)]
	var mean float32
	for k, r := range q.rows {
		ds[k] = kernel.Dot(qg.context, row(tr.memory, r, s.memory))
		if qg.alpha != nil {
			ds[k] += qg.alpha[k]
		}
		mean += q.alpha[k] * ds[k]
		kernel.Axpy(q.alpha[k], qg.context, row(qg.memory, r, s.memory))
	}
	for k, a := range q.alpha {
		ds[k] = a * (ds[k] - mean)
	}
	s.scoresBackward(q, tr.keys, ds, qg, sc.key)
}

// queryGrads returns the gradients of row i of a span.
func (s *packedAttention) queryGrads(tr *attentionTrace, sp span, i int, gr *attentionGrads, q query, dstate []float32) queryGrads {
	at, rank := sp.at+i, sp.rank+i
	n := len(s.own) * s.key
	qg := queryGrads{
		context: gr.context[at*s.memory:][:s.memory],
		memory:  gr.memory,
		keys:    gr.keys,
		vectors: gr.vectors[rank*n:][:n],
	}
	if gr.q != nil {
		qg.vector = gr.q[at*s.key:][:s.key]
	} else {
		qg.vector = dstate[:s.key]
	}
	if gr.alpha != nil {
		qg.alpha = gr.alpha[at*tr.width:][:len(q.rows)]
	}
	if gr.cov != nil {
		gr.cover(&qg, q, tr.width, rank)
	}
	return qg
}

// queriesBack differentiates queries: it accumulates the gradients of the states in dstates [n, hidden].
func (s *packedAttention) queriesBack(at, n int, gr *attentionGrads, dstates []float32, mul product) {
	if gr.q != nil {
		mul(&s.wq, n, gr.q[at*s.key:], s.key, 1, dstates, s.hidden)
	}
}

// gradients accumulates the gradients of all parameters, each in one product over all rows, and adds the path through
// the keys to gr.memory.
func (a *attention) gradients(mem *Buffers, prec Precision, tr *attentionTrace, gr *attentionGrads) {
	rows, batch := len(tr.out)/a.out, len(tr.rows)
	grad, beta := a.wc.all()
	kernel.GemmEach(prec, true, a.out, rows, gr.out, a.out,
		kernel.Right{N: a.memory, B: tr.context, LDB: a.memory, Beta: beta, C: grad, LDC: a.memory + a.hidden},
		kernel.Right{N: a.hidden, B: tr.states, LDB: a.hidden, Beta: beta, C: grad[a.memory:], LDC: a.memory + a.hidden})
	if a.toQuery != nil {
		a.toQuery.gradients(mem, prec, rows, gr.q, tr.states)
	}
	if n := len(a.own); n > 0 {
		sums := mem.zeros(n * a.key)
		kernel.Parallel(n*a.key, func(lo, hi int) { kernel.ColSums(batch, hi-lo, gr.vectors[lo:], n*a.key, sums[lo:hi]) })
		for i, v := range a.own {
			kernel.Axpy(1, sums[i*a.key:][:a.key], v.vector())
		}
	}
	if m := a.toKey; m != nil {
		n := len(tr.memory) / a.memory
		m.gradients(mem, prec, n, gr.keys, tr.memory)
		kernel.GemmAs(prec, false, false, n, a.memory, a.key, 1, gr.keys, a.key, m.w.W, a.memory, 1, gr.memory, a.memory)
	}
}
