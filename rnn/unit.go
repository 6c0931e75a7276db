package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// weights are the parameters of one layer in one direction.
type weights struct {
	cell       *cell
	in, hidden int
	wx, wh     *Param // [gates·hidden, in], [gates·hidden, hidden]
	bx, bh     *Param // [gates·hidden]
	own        *Param // [own·hidden]; nil if the cell has none
	norm       *norms // nil without layer normalization
}

func newWeights(ps *Params, name, suffix string, kind Cell, in, hidden int, norm bool, init Inits) weights {
	cell := kind.cell()
	g := cell.gates
	w := weights{
		cell: cell, in: in, hidden: hidden,
		wx: ps.New(name+".weight_ih"+suffix, init.matrix(g), g*hidden, in),
		wh: ps.New(name+".weight_hh"+suffix, init.recurrent(g), g*hidden, hidden),
		bx: ps.New(name+".bias_ih"+suffix, Zero(), g*hidden),
		bh: ps.New(name+".bias_hh"+suffix, Zero(), g*hidden),
	}
	if f := cell.forget; f >= 0 {
		for i := f * hidden; i < (f+1)*hidden; i++ {
			w.bx.W[i] = init.ForgetBias
		}
	}
	if cell.own > 0 {
		w.own = ps.New(name+"."+cell.ownName+suffix, init.matrix(1), cell.own*hidden)
	}
	if norm {
		w.norm = newNorms(ps, name, suffix, cell, hidden)
	}
	return w
}

// width returns the number of pre-activations of a row.
func (w *weights) width() int { return w.cell.gates * w.hidden }

func (w *weights) params() []*Param {
	all := []*Param{w.wx, w.wh, w.bx, w.bh}
	if w.own != nil {
		all = append(all, w.own)
	}
	if w.norm != nil {
		all = append(all, w.norm.params()...)
	}
	return all
}

// product multiplies rows by packed weights. [kernel.Packed.Mul] is for work whose rows the cores share, and
// [kernel.Packed.MulParallel] for work in one piece, such as decoding one sentence, whose columns the cores share. Both
// give the same bits.
type product func(p *kernel.Packed, m int, a []float32, lda int, beta float32, c []float32, ldc int)

// productFor returns the product for work in the given number of pieces.
func productFor(pieces int) product {
	if pieces == 1 {
		return (*kernel.Packed).MulParallel
	}
	return (*kernel.Packed).Mul
}

// unit is a layer's weights, packed for the products of its forward or its backward steps.
type unit struct {
	weights
	prec Precision
	wh   kernel.Packed // forward: Whᵀ [hidden, gates·hidden]; backward: Wh
	bias []float32     // of gx: both biases, or the input side's if the cell is apart
}

// packForward packs the weights for forward steps, reusing the memory.
func (u *unit) packForward(prec Precision, w weights) {
	u.weights, u.prec = w, prec
	u.wh.PackAs(prec, true, w.hidden, w.width(), w.wh.W, w.hidden)
	u.bias = append(u.bias[:0], w.bx.W...)
	if !w.cell.apart {
		kernel.Axpy(1, w.bh.W, u.bias)
	}
}

// packBackward packs the weights for backward steps, reusing the memory.
func (u *unit) packBackward(prec Precision, w weights) {
	u.weights, u.prec = w, prec
	u.wh.PackAs(prec, false, w.width(), w.hidden, w.wh.W, w.hidden)
}

// forward computes a span. Before it, gx holds the input side's products, without biases.
func (u *unit) forward(tr *trace, s span, mul product) {
	before := tr.before(s, u.hidden)
	if u.norm == nil {
		u.add(tr, s, before[0], mul)
	} else {
		u.addNormed(tr, s, before[0], mul)
	}
	r := u.rows(tr, s, before)
	u.cell.forward(r)
}

// add adds the biases and the recurrent product of h, nil for zeros, to a span's pre-activations.
func (u *unit) add(tr *trace, s span, h []float32, mul product) {
	g := u.width()
	gx := tr.gx[s.at*g:][:s.n*g]
	kernel.AddBias(s.n, g, gx, g, u.bias)
	if u.cell.apart {
		gx = tr.gh[s.at*g:][:s.n*g]
		kernel.SetRows(s.n, g, gx, g, u.bh.W)
	}
	if h != nil {
		mul(&u.wh, s.n, tr.read(s, h, u.hidden), u.hidden, 1, gx, g)
	}
}

// backward replaces a span's activations by the gradients of its pre-activations. It replaces grad, the gradient of the
// states after the span, by the gradient of the states before it.
func (u *unit) backward(tr *trace, s span, grad states) {
	before := tr.before(s, u.hidden)
	r := u.rows(tr, s, before)
	r.grad = grad
	u.cell.backward(r)
	d := r.gx
	if u.norm != nil {
		u.backwardNormed(tr, r)
	}
	if u.cell.apart || u.norm != nil {
		d = r.gh
	}
	if before[0] != nil {
		u.readBackward(tr, s, d, grad[0])
	}
}

// rows returns a span's rows for the cell.
func (u *unit) rows(tr *trace, s span, before states) cellRows {
	h, g := u.hidden, u.width()
	from, to := s.at*h, (s.at+s.n)*h
	r := cellRows{n: s.n, hidden: h, gx: tr.gx[s.at*g:][:s.n*g], after: tr.state.cut(from, to), at: s.at}
	for i := range u.cell.states {
		if r.before[i] = before[i]; before[i] == nil {
			r.before[i] = tr.zeros[:s.n*h]
		}
	}
	if tr.gh != nil {
		r.gh = tr.gh[s.at*g:][:s.n*g]
	}
	if k := u.cell.saved; k > 0 {
		r.saved = tr.saved[k*from : k*to]
	}
	if k := u.cell.own; k > 0 {
		r.own, r.ownGrad = u.own.W, tr.own[k*from:k*to]
	}
	if tr.norm != nil {
		r.norm = tr.norm.memory
	}
	return r
}

// readBackward differentiates the recurrent product of a span. From d, the product's gradient, it computes the gradient
// of the states that the product read. It adds this to dh if the cell is direct, otherwise it overwrites dh.
func (u *unit) readBackward(tr *trace, s span, d, dh []float32) {
	g, beta := u.width(), float32(0)
	if u.cell.direct {
		beta = 1
	}
	if tr.drop == nil {
		u.wh.Mul(s.n, d, g, beta, dh, u.hidden)
		return
	}
	kept := tr.kept[s.at*u.hidden:][:len(dh)]
	u.wh.Mul(s.n, d, g, 0, kept, u.hidden)
	kernel.Mul(kept, kept, tr.drop[s.rank*u.hidden:][:len(dh)])
	if u.cell.direct {
		kernel.Axpy(1, kept, dh)
	} else {
		copy(dh, kept)
	}
}

// gradients accumulates the gradients of the recurrent matrix, the biases and the given inputs from gx, the
// pre-activation gradients of all rows.
func (u *unit) gradients(mem *Buffers, tr *trace, rows int, spans []span, inputs ...kernel.Right) {
	h, g := u.hidden, u.width()
	before := mem.Take(rows * h)
	for _, s := range spans {
		dst := before[s.at*h:][:s.n*h]
		if h0 := tr.before(s, h)[0]; h0 != nil {
			copy(dst, tr.read(s, h0, h))
		} else {
			clear(dst)
		}
	}
	recurrent := gradientOf(u.weights.wh, before, h)
	if u.own != nil {
		addSums(mem, rows, tr.own, len(u.own.W), u.own)
	}
	if u.norm == nil && !u.cell.apart { // gx is the gradient of both sides
		kernel.GemmEach(u.prec, true, g, rows, tr.gx, g, append(inputs, recurrent)...)
		addSums(mem, rows, tr.gx, g, u.bx, u.bh)
		return
	}
	kernel.GemmEach(u.prec, true, g, rows, tr.gx, g, inputs...)
	kernel.GemmEach(u.prec, true, g, rows, tr.gh, g, recurrent)
	if u.norm != nil {
		u.normGradients(mem, tr.norm, rows)
		return
	}
	addSums(mem, rows, tr.gx, g, u.bx)
	addSums(mem, rows, tr.gh, g, u.bh)
}

// gradientOf returns the product that adds dᵀ·x to the gradient of a matrix w [out, in]; d is [rows, out], x is
// [rows, in].
func gradientOf(w *Param, x []float32, in int) kernel.Right {
	grad, beta := w.all()
	return kernel.Right{N: in, B: x, LDB: in, Beta: beta, C: grad, LDC: in}
}

// addProduct computes the product of gradientOf.
func addProduct(prec Precision, w *Param, rows int, d []float32, out int, x []float32, in int) {
	kernel.GemmEach(prec, true, out, rows, d, out, gradientOf(w, x, in))
}

// addSums adds the sums of d's columns to the gradients of vectors; d is [rows, n].
func addSums(mem *Buffers, rows int, d []float32, n int, vectors ...*Param) {
	sums := mem.zeros(n)
	kernel.Parallel(n, func(lo, hi int) { kernel.ColSums(rows, hi-lo, d[lo:], n, sums[lo:hi]) })
	for _, v := range vectors {
		kernel.Axpy(1, sums, v.vector())
	}
}
