package rnn

import (
	"cmp"
	"fmt"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/setting"
)

// Cell is the kind of a recurrent unit. Empty means [LSTM].
type Cell string

const (
	// LSTM is the long short-term memory.
	//
	//	i, f, o = σ(W x + U h + b),  g = tanh(W x + U h + b)
	//	c' = f·c + i·g,  h' = o·tanh(c')
	//
	// Hochreiter and Schmidhuber, Long Short-Term Memory, 1997; forget gate by Gers, Schmidhuber and Cummins, 1999.
	LSTM Cell = "lstm"

	// GRU is the gated recurrent unit, its reset gate applied after the recurrent product as in cuDNN and PyTorch.
	//
	//	r, z = σ(W x + U h + b),  n = tanh(W x + b + r·(U h + b'))
	//	h' = (1 − z)·n + z·h
	//
	// Cho et al., Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation, 2014.
	GRU Cell = "gru"
)

// Cells returns all kinds.
func Cells() []Cell { return []Cell{LSTM, GRU} }

// MarshalText implements [encoding.TextMarshaler]. A kind that is none of [Cells] is an error.
func (c Cell) MarshalText() ([]byte, error) { return setting.Marshal(c, Cells()...) }

// UnmarshalText implements [encoding.TextUnmarshaler]. A text that is none of [Cells] is an error.
func (c *Cell) UnmarshalText(text []byte) error { return setting.Unmarshal(c, text, Cells()...) }

// check returns the kind, the default in place of an empty one.
func (c Cell) check() (Cell, error) {
	c = cmp.Or(c, LSTM)
	if err := setting.OneOf(c, Cells()...); err != nil {
		return c, fmt.Errorf("cell %w", err)
	}
	return c, nil
}

// gates is the number of pre-activations of a hidden unit.
func (c Cell) gates() int {
	if c == GRU {
		return 3
	}
	return 4
}

// weights are the parameters of one layer in one direction.
type weights struct {
	cell       Cell
	in, hidden int
	wx, wh     *Param // [gates·hidden, in], [gates·hidden, hidden]
	bx, bh     *Param // [gates·hidden]
	norm       *norms // nil without layer normalisation
}

func newWeights(ps *Params, name, suffix string, cell Cell, in, hidden int, norm bool, init Inits) weights {
	g := cell.gates()
	w := weights{
		cell: cell, in: in, hidden: hidden,
		wx: ps.New(name+".weight_ih"+suffix, init.matrix(g), g*hidden, in),
		wh: ps.New(name+".weight_hh"+suffix, init.recurrent(g), g*hidden, hidden),
		bx: ps.New(name+".bias_ih"+suffix, Zero(), g*hidden),
		bh: ps.New(name+".bias_hh"+suffix, Zero(), g*hidden),
	}
	if cell == LSTM {
		for i := hidden; i < 2*hidden; i++ {
			w.bx.W[i] = init.ForgetBias
		}
	}
	if norm {
		w.norm = newNorms(ps, name, suffix, cell, hidden)
	}
	return w
}

// params are the weights' parameters.
func (w weights) params() []*Param {
	all := []*Param{w.wx, w.wh, w.bx, w.bh}
	if n := w.norm; n != nil {
		all = append(all, n.gx, n.gh)
		if w.cell == LSTM {
			all = append(all, n.gc, n.bc)
		}
	}
	return all
}

// product multiplies rows by packed weights: [kernel.Packed.Mul] where cores share the rows,
// [kernel.Packed.MulParallel] where one piece of work has them all and cores can only share the columns, as in decoding
// one sentence. Both give the same bits.
type product func(p *kernel.Packed, m int, a []float32, lda int, beta float32, c []float32, ldc int)

// productFor chooses the product for work that is cut into so many pieces.
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
	bias []float32     // what is added to the input side: both biases of an LSTM, the input side's of a GRU
}

// packForward readies the unit for forward steps, reusing its memory.
func (u *unit) packForward(prec Precision, w weights) {
	u.weights, u.prec = w, prec
	gh := w.cell.gates() * w.hidden
	u.wh.PackAs(prec, true, w.hidden, gh, w.wh.W, w.hidden)
	u.bias = append(u.bias[:0], w.bx.W...)
	if w.cell == LSTM {
		kernel.Axpy(1, w.bh.W, u.bias)
	}
}

// packBackward readies the unit for backward steps, reusing its memory.
func (u *unit) packBackward(prec Precision, w weights) {
	u.weights, u.prec = w, prec
	u.wh.PackAs(prec, false, w.cell.gates()*w.hidden, w.hidden, w.wh.W, w.hidden)
}

// trace holds what a layer computed for each row, as its backward steps need it.
type trace struct {
	gx []float32 // [rows, gates·hidden] input side: pre-activations, then activations, then their gradients
	gh []float32 // [rows, gates·hidden] hidden side (GRU and layer normalisation)
	c  []float32 // [rows, hidden] cell (LSTM)
	tc []float32 // [rows, hidden] tanh of the cell (LSTM)
	h  []float32 // [rows, hidden]

	// States before the first step, by rank, [batch, hidden]; nil is zero.
	h0, c0 []float32
	zeros  []float32 // at least as long as a state

	// Dropout of what the recurrent product reads, nil without: the mask of each rank, [batch, hidden], the same at
	// every step, and what it leaves of each state, [rows, hidden].
	drop, kept []float32

	norm *normTrace // nil without layer normalisation
}

// newTrace lends the memory for so many rows of sequences in so many ranks.
func newTrace(mem *Buffers, w weights, rows, ranks int) *trace {
	hidden := w.hidden
	tr := &trace{
		gx:    mem.Take(rows * w.cell.gates() * hidden),
		h:     mem.Take(rows * hidden),
		zeros: mem.Zeros(ranks * hidden),
	}
	if w.cell == GRU || w.norm != nil {
		tr.gh = mem.Take(rows * w.cell.gates() * hidden)
	}
	if w.norm != nil {
		tr.norm = newNormTrace(mem, w.cell, hidden, rows)
	}
	if w.cell == LSTM {
		tr.c, tr.tc = mem.Take(rows*hidden), mem.Take(rows*hidden)
	}
	return tr
}

// span is a run of rows that one step computes: rows [at, at+n) of ranks [rank, rank+n), whose states before it are the
// rows from prev on, or the initial states where prev is negative.
type span struct{ at, n, prev, rank int }

// before returns the states before a span; h is nil where they are zero.
func (tr *trace) before(s span, hidden int) (h, c []float32) {
	from, hs, cs := s.prev*hidden, tr.h, tr.c
	if s.prev < 0 {
		from, hs, cs = s.rank*hidden, tr.h0, tr.c0
	}
	to := from + s.n*hidden
	if hs != nil {
		h = hs[from:to]
	}
	if cs != nil {
		c = cs[from:to]
	}
	return h, c
}

// read returns what the recurrent product reads of h0, the states before a span: all, or what dropout leaves of it.
func (tr *trace) read(s span, h0 []float32, hidden int) []float32 {
	if tr.drop == nil || h0 == nil {
		return h0
	}
	kept := tr.kept[s.at*hidden:][:len(h0)]
	kernel.Mul(kept, h0, tr.drop[s.rank*hidden:][:len(h0)])
	return kept
}

// dropRecurrent draws the masks of the recurrent product for a batch, if p, which may be nil, makes random decisions.
// Gal and Ghahramani, A Theoretically Grounded Application of Dropout in Recurrent Neural Networks, 2016.
func (tr *trace) dropRecurrent(p *Pass, rate float64, rows, ranks, hidden int) {
	if p != nil && p.rng != nil && rate > 0 {
		tr.drop, tr.kept = p.mask(ranks*hidden, rate), p.mem.Take(rows*hidden)
	}
}

func (tr *trace) orZero(state []float32, n int) []float32 {
	if state == nil {
		return tr.zeros[:n]
	}
	return state
}

// forward computes a span whose gx holds the input side's products, without biases.
func (u *unit) forward(tr *trace, s span, mul product) {
	if u.norm != nil {
		u.forwardNormed(tr, s, mul)
		return
	}
	h, n := u.hidden, s.n*u.hidden
	h0, c0 := tr.before(s, h)
	g := u.cell.gates() * h
	gx := tr.gx[s.at*g:][:s.n*g]
	kernel.AddBias(s.n, g, gx, g, u.bias)
	out := tr.h[s.at*h:][:n]
	if u.cell == GRU {
		gh := tr.gh[s.at*g:][:s.n*g]
		kernel.SetRows(s.n, g, gh, g, u.bh.W)
		if h0 != nil {
			mul(&u.wh, s.n, tr.read(s, h0, h), h, 1, gh, g)
		}
		kernel.GRUForward(s.n, h, gx, gh, tr.orZero(h0, n), out)
		return
	}
	if h0 != nil {
		mul(&u.wh, s.n, tr.read(s, h0, h), h, 1, gx, g)
	}
	kernel.LSTMForward(s.n, h, gx, tr.orZero(c0, n), tr.c[s.at*h:][:n], tr.tc[s.at*h:][:n], out)
}

// backward replaces a span's activations by the gradients of its pre-activations. dh and dc, [n, hidden], hold the
// gradient of the state after the span and receive that of the state before it.
func (u *unit) backward(tr *trace, s span, dh, dc []float32) {
	if u.norm != nil {
		u.backwardNormed(tr, s, dh, dc)
		return
	}
	h, n := u.hidden, s.n*u.hidden
	h0, c0 := tr.before(s, h)
	g := u.cell.gates() * h
	gx := tr.gx[s.at*g:][:s.n*g]
	if u.cell == GRU {
		gh := tr.gh[s.at*g:][:s.n*g]
		kernel.GRUBackward(s.n, h, gx, gh, tr.orZero(h0, n), dh)
		if h0 != nil {
			u.readBackward(tr, s, gh, 1, dh)
		}
		return
	}
	kernel.LSTMBackward(s.n, h, gx, tr.orZero(c0, n), tr.tc[s.at*h:][:n], dh, dc)
	if h0 != nil {
		u.readBackward(tr, s, gx, 0, dh)
	}
}

// readBackward adds to beta·dh the gradient of the states that a span's recurrent product reads, from d, that of what
// it gives.
func (u *unit) readBackward(tr *trace, s span, d []float32, beta float32, dh []float32) {
	g := u.cell.gates() * u.hidden
	if tr.drop == nil {
		u.wh.Mul(s.n, d, g, beta, dh, u.hidden)
		return
	}
	kept := tr.kept[s.at*u.hidden:][:len(dh)]
	u.wh.Mul(s.n, d, g, 0, kept, u.hidden)
	kernel.Mul(kept, kept, tr.drop[s.rank*u.hidden:][:len(dh)])
	if beta == 0 {
		copy(dh, kept)
	} else {
		kernel.Axpy(1, kept, dh)
	}
}

// gradients adds the gradients of the recurrent matrix, of the biases and of what else meets the gradients of the
// pre-activations gx, all rows of them.
func (u *unit) gradients(mem *Buffers, tr *trace, rows int, spans []span, inputs ...kernel.Right) {
	h, g := u.hidden, u.cell.gates()*u.hidden
	before := mem.Take(rows * h)
	for _, s := range spans {
		dst := before[s.at*h:][:s.n*h]
		if h0, _ := tr.before(s, h); h0 != nil {
			copy(dst, tr.read(s, h0, h))
		} else {
			clear(dst)
		}
	}
	recurrent := gradientOf(u.weights.wh, before, h)
	if u.norm == nil && u.cell == LSTM { // whose gx and gh are one
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

// gradientOf is the product that adds dᵀ·x to the gradient of a matrix w [out, in]: d is [rows, out], x is [rows, in].
func gradientOf(w *Param, x []float32, in int) kernel.Right {
	grad, beta := w.all()
	return kernel.Right{N: in, B: x, LDB: in, Beta: beta, C: grad, LDC: in}
}

// addProduct computes that product.
func addProduct(prec Precision, w *Param, rows int, d []float32, out int, x []float32, in int) {
	kernel.GemmEach(prec, true, out, rows, d, out, gradientOf(w, x, in))
}

// addSums adds the sums of d's columns to the gradients of vectors; d is [rows, n].
func addSums(mem *Buffers, rows int, d []float32, n int, vectors ...*Param) {
	sums := mem.Zeros(n)
	kernel.Parallel(n, func(lo, hi int) { kernel.ColSums(rows, hi-lo, d[lo:], n, sums[lo:hi]) })
	for _, v := range vectors {
		kernel.Axpy(1, sums, v.vector())
	}
}
