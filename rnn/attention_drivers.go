package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// attendStep computes the attentional vectors of one span. It serves decoding step by step and input feeding.
func (s *packedAttention) attendStep(tr *attentionTrace, sp span, sc scratch, mul product) []float32 {
	s.queries(tr, sp.at, sp.n, mul)
	for i := range sp.n {
		s.attend(tr, sp, i, sc)
	}
	s.outputs(tr, sp.at, sp.n, mul)
	return tr.out[sp.at*s.out:][:sp.n*s.out]
}

// attendStepBack differentiates attendStep. From dout, the gradient of the span's attentional vectors, it accumulates
// dstates, the gradient of the span's states.
func (s *packedAttention) attendStepBack(tr *attentionTrace, sp span, gr *attentionGrads, sc scratch, dout, dstates []float32) {
	s.outputsBack(tr, sp.at, sp.n, gr, dout, 1, dstates, (*kernel.Packed).Mul)
	for i := range sp.n {
		s.attendBack(tr, sp, i, gr, dstates[i*s.hidden:], sc)
	}
	s.queriesBack(sp.at, sp.n, gr, dstates, (*kernel.Packed).Mul)
}

// attendRows computes the decoder's output for all rows at once, which is possible when no step feeds it back. Products
// then have many rows. Queries run sequence by sequence, which keeps their source in the cache.
func (r *decoderRun) attendRows() {
	s, tr := &r.packed.att, r.tr.att
	out := r.tr.outs[r.Layers-1]
	if tr != nil {
		r.eachPart(func(at, n int, mul product) { s.queries(tr, at, n, mul) })
		r.eachQuery(false, func(sp span, i int, sc scratch) { s.attend(tr, sp, i, sc) })
		r.eachPart(func(at, n int, mul product) { s.outputs(tr, at, n, mul) })
		out = tr.out
	}
	r.masked(r.tr.out, out)
}

// attendRowsBack differentiates attendRows: it sets gr.top.
func (r *decoderRun) attendRowsBack(gr *decoderGrads) {
	s, tr := &r.packed.att, r.tr.att
	dout := gr.out
	if r.tr.drop[0] != nil {
		dout = r.mem.Take(r.lay.Rows() * r.Out)
		r.masked(dout, gr.out)
	}
	if tr == nil {
		gr.top = dout
		return
	}
	h, ag := r.Hidden, gr.att
	gr.top = r.mem.Take(r.lay.Rows() * h)
	r.eachPart(func(at, n int, mul product) {
		s.outputsBack(tr, at, n, ag, dout[at*r.Out:], 0, gr.top[at*h:], mul)
	})
	r.eachQuery(true, func(sp span, i int, sc scratch) { s.attendBack(tr, sp, i, ag, gr.top[(sp.at+i)*h:], sc) })
	r.eachPart(func(at, n int, mul product) { s.queriesBack(at, n, ag, gr.top[at*h:], mul) })
}

// masked sets y to x times the output's dropout mask, all [rows, Out]. Without a mask y and x are one buffer, and
// masked does nothing.
func (r *decoderRun) masked(y, x []float32) {
	if mask := r.tr.drop[0]; mask != nil {
		r.eachPart(func(at, n int, _ product) {
			lo, hi := at*r.Out, (at+n)*r.Out
			kernel.Mul(y[lo:hi], x[lo:hi], mask[lo:hi])
		})
	}
}

// eachPart divides the rows among the cores and calls do for each part, rows [at, at+n).
func (r *decoderRun) eachPart(do func(at, n int, mul product)) {
	parts, rows := len(r.pieces), r.lay.Rows()
	mul := productFor(parts)
	kernel.Tasks(parts, func(i int) {
		lo, hi := i*rows/parts, (i+1)*rows/parts
		do(lo, hi-lo, mul)
	})
}

// eachQuery calls do for each row i of each span, sequence by sequence, forwards or backwards in time.
func (r *decoderRun) eachQuery(backwards bool, do func(sp span, i int, sc scratch)) {
	kernel.Tasks(len(r.pieces), func(p int) {
		steps := r.pieces[p]
		for i := range steps[0].n {
			for t := range steps {
				if backwards {
					t = len(steps) - 1 - t
				}
				if i < steps[t].n {
					do(steps[t], i, r.scratch[p])
				}
			}
		}
	})
}
