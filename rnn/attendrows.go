package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// attendRows computes what the decoder returns, for all rows at once, as it can where no step reads it: in products of
// many rows, and for one sequence after the other, so that what it looks at stays in the cache.
func (r *decoderRun) attendRows() {
	s, tr := &r.steps, r.tr
	out := tr.outs[r.Layers-1]
	if r.att != nil {
		r.eachPart(func(at, n int, mul product) { s.queries(tr, at, n, mul) })
		r.eachLook(false, func(sp span, i int, sc scratch) { s.look(tr, sp, i, sc) })
		r.eachPart(func(at, n int, mul product) { s.vectors(tr, at, n, mul) })
		out = tr.att
	}
	r.masked(tr.out, out)
}

// attendRowsBack is the gradient of attendRows: it fills gr.top.
func (r *decoderRun) attendRowsBack(gr *decoderGrads) {
	s, tr := &r.steps, r.tr
	dout := gr.out
	if tr.drop[0] != nil {
		dout = r.mem.Take(r.lay.Rows() * r.Out)
		r.masked(dout, gr.out)
	}
	if r.att == nil {
		gr.top = dout
		return
	}
	h := r.Hidden
	gr.top = r.mem.Take(r.lay.Rows() * h)
	r.eachPart(func(at, n int, mul product) {
		s.vectorsBack(tr, at, n, gr, dout[at*r.Out:], 0, gr.top[at*h:], mul)
	})
	r.eachLook(true, func(sp span, i int, sc scratch) { s.lookBack(tr, sp, i, gr, gr.top[(sp.at+i)*h:], sc) })
	r.eachPart(func(at, n int, mul product) { s.queriesBack(tr, at, n, gr, gr.top[at*h:], mul) })
}

// masked sets y to x, both [rows, Out], under the dropout mask of what is returned, if there is one.
func (r *decoderRun) masked(y, x []float32) {
	if mask := r.tr.drop[0]; mask != nil {
		r.eachPart(func(at, n int, _ product) {
			lo, hi := at*r.Out, (at+n)*r.Out
			kernel.Mul(y[lo:hi], x[lo:hi], mask[lo:hi])
		})
	}
}

// eachPart divides the rows among the cores: n of them from the at-th.
func (r *decoderRun) eachPart(do func(at, n int, mul product)) {
	parts, rows := len(r.pieces), r.lay.Rows()
	mul := productFor(parts)
	kernel.Tasks(parts, func(i int) {
		lo, hi := i*rows/parts, (i+1)*rows/parts
		do(lo, hi-lo, mul)
	})
}

// eachLook calls look for row i of each span, all of one sequence after the other, forwards or backwards in time.
func (r *decoderRun) eachLook(backwards bool, look func(sp span, i int, sc scratch)) {
	kernel.Tasks(len(r.pieces), func(p int) {
		steps := r.pieces[p]
		for i := range steps[0].n {
			for t := range steps {
				if backwards {
					t = len(steps) - 1 - t
				}
				if i < steps[t].n {
					look(steps[t], i, r.scratch[p])
				}
			}
		}
	})
}
