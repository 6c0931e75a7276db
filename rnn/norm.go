package rnn

import (
	"math"

	"github.com/retell-rnn/retell/internal/kernel"
)

// norms are the parameters of layer normalisation inside a cell: the products of the input and of the state are each
// brought to mean 0 and variance 1 over all gates (of a GRU: over r and z, and over n) before their gain and the cell's
// bias, and so is an LSTM's cell before the tanh of its output.
//
//	LSTM: i, f, g, o = norm(W x)·gx + norm(U h)·gh + b,  h' = o·tanh(norm(c')·gc + bc)
//	GRU:  r, z = σ(norm(W x)·gx + norm(U h)·gh + b),  n = tanh(norm(W x)·gx + b + r·(norm(U h)·gh + b'))
//
// Ba, Kiros and Hinton, Layer Normalization, 2016.
type norms struct {
	gx, gh *Param // [gates·hidden]
	gc, bc *Param // [hidden]: LSTM
}

func newNorms(ps *Params, name, suffix string, cell Cell, hidden int) *norms {
	g := cell.gates() * hidden
	n := &norms{
		gx: ps.New(name+".norm_ih"+suffix, Constant(1), g),
		gh: ps.New(name+".norm_hh"+suffix, Constant(1), g),
	}
	if cell == LSTM {
		n.gc = ps.New(name+".norm_c"+suffix, Constant(1), hidden)
		n.bc = ps.New(name+".norm_c_bias"+suffix, Zero(), hidden)
	}
	return n
}

// groups are the sizes of the runs of gates that are normalised together.
func (c Cell) groups(hidden int) []int {
	if c == GRU {
		return []int{2 * hidden, hidden}
	}
	return []int{4 * hidden}
}

// normed is vectors after normalisation, one a row.
type normed struct {
	sizes []int     // of the groups of a vector
	y     []float32 // [rows, size]; backward turns it into the gradient of the gain, row by row
	r     []float32 // [rows, groups]: 1/deviation
	d     []float32 // [rows, size]: gradient of the vector after its gain and bias; nil where another has the same
	size  int
}

func newNormed(mem *Buffers, rows int, sizes ...int) *normed {
	n := &normed{sizes: sizes}
	for _, s := range sizes {
		n.size += s
	}
	n.y, n.r = mem.Take(rows*n.size), mem.Take(rows*len(sizes))
	return n
}

// epsilon keeps the deviation of a constant vector from being 0.
const epsilon = 1e-5

// row is a vector after normalisation.
func (n *normed) row(at int) []float32 { return n.y[at*n.size:][:n.size] }

// normalise brings the vector in row at to mean 0 and variance 1.
func (n *normed) normalise(at int) {
	x := n.row(at)
	for k, size := range n.sizes {
		part := x[:size]
		x = x[size:]
		mean := kernel.Sum(part) / float64(size)
		r := 1 / math.Sqrt(max(kernel.SumSquares(part)/float64(size)-mean*mean, 0)+epsilon)
		kernel.Affine(float32(r), float32(-mean*r), part)
		n.r[at*len(n.sizes)+k] = float32(r)
	}
}

// backward sets dx to the gradient of the vector in row at before normalisation from d, that of the vector after its
// gain and bias, and keeps what gain and, where there is room, bias need of it. dx may be d if there is room.
func (n *normed) backward(at int, d, gain, dx []float32) {
	y := n.row(at)
	if n.d != nil {
		kept := n.d[at*n.size:][:n.size]
		copy(kept, d)
		d = kept
	}
	kernel.Mul(dx, d, gain)
	from := 0
	for k, size := range n.sizes {
		dpart, ypart := dx[from:from+size], y[from:from+size]
		from += size
		r := n.r[at*len(n.sizes)+k]
		mean := float32(kernel.Sum(dpart) / float64(size))
		kernel.Axpy(-kernel.Dot(dpart, ypart)/float32(size), ypart, dpart)
		kernel.Affine(r, -mean*r, dpart)
	}
	kernel.Mul(y, y, d)
}

// normTrace is what normalisation computed for each row of a trace.
type normTrace struct{ x, h, c *normed }

func newNormTrace(mem *Buffers, cell Cell, hidden, rows int) *normTrace {
	sizes := cell.groups(hidden)
	n := &normTrace{x: newNormed(mem, rows, sizes...), h: newNormed(mem, rows, sizes...)}
	n.x.d = mem.Take(rows * n.x.size)
	if cell == GRU {
		n.h.d = mem.Take(rows * n.h.size)
	} else { // whose sides are added and have one gradient
		n.c = newNormed(mem, rows, hidden)
		n.c.d = mem.Take(rows * hidden)
	}
	return n
}

// forwardNormed is forward with layer normalisation.
func (u *unit) forwardNormed(tr *trace, s span, mul product) {
	h, g := u.hidden, u.cell.gates()*u.hidden
	h0, c0 := tr.before(s, h)
	nx, nh := tr.norm.x, tr.norm.h
	if h0 != nil {
		mul(&u.wh, s.n, tr.read(s, h0, h), h, 0, nh.y[s.at*g:], g)
	} else {
		clear(nh.y[s.at*g:][:s.n*g])
	}
	for at := s.at; at < s.at+s.n; at++ {
		gx, gh := tr.gx[at*g:][:g], tr.gh[at*g:][:g]
		copy(nx.row(at), gx)
		nx.normalise(at)
		nh.normalise(at)
		kernel.Mul(gx, nx.row(at), u.norm.gx.W)
		kernel.Add(gx, gx, u.bias)
		kernel.Mul(gh, nh.row(at), u.norm.gh.W)
		if u.cell == GRU {
			kernel.Add(gh, gh, u.bh.W)
		} else {
			kernel.Add(gx, gx, gh)
		}
	}
	gx, out := tr.gx[s.at*g:][:s.n*g], tr.h[s.at*h:][:s.n*h]
	if u.cell == GRU {
		kernel.GRUForward(s.n, h, gx, tr.gh[s.at*g:][:s.n*g], tr.orZero(h0, s.n*h), out)
		return
	}
	c, tc := tr.c[s.at*h:][:s.n*h], tr.tc[s.at*h:][:s.n*h]
	kernel.LSTMForward(s.n, h, gx, tr.orZero(c0, s.n*h), c, tc, out)
	for i := range s.n {
		at := s.at + i
		y, tc := tr.norm.c.row(at), tc[i*h:][:h]
		copy(y, c[i*h:])
		tr.norm.c.normalise(at)
		kernel.Mul(tc, y, u.norm.gc.W)
		kernel.Add(tc, tc, u.norm.bc.W)
		kernel.Tanh(tc, tc)
		kernel.Mul(out[i*h:][:h], gx[i*g+3*h:][:h], tc)
	}
}

// backwardNormed is backward with layer normalisation.
func (u *unit) backwardNormed(tr *trace, s span, dh, dc []float32) {
	h, g := u.hidden, u.cell.gates()*u.hidden
	h0, c0 := tr.before(s, h)
	gx, gh := tr.gx[s.at*g:][:s.n*g], tr.gh[s.at*g:][:s.n*g]
	nx, nh := tr.norm.x, tr.norm.h
	if u.cell == GRU {
		kernel.GRUBackward(s.n, h, gx, gh, tr.orZero(h0, s.n*h), dh)
	} else {
		c0 = tr.orZero(c0, s.n*h)
	}
	for i := range s.n {
		at, x, y := s.at+i, gx[i*g:][:g], gh[i*g:][:g]
		dy := y
		if u.cell == LSTM {
			u.lstmBackwardNormed(tr, at, c0[i*h:][:h], dh[i*h:][:h], dc[i*h:][:h])
			dy = x
		}
		nh.backward(at, dy, u.norm.gh.W, y)
		nx.backward(at, x, u.norm.gx.W, x)
	}
	if h0 == nil {
		return
	}
	beta := float32(0)
	if u.cell == GRU {
		beta = 1
	}
	u.readBackward(tr, s, gh, beta, dh)
}

// lstmBackwardNormed replaces the activations of a row's gates by the gradients of their pre-activations, and dc, the
// gradient of the cell from the steps after, by that of the cell before.
func (u *unit) lstmBackwardNormed(tr *trace, at int, c0, dh, dc []float32) {
	h := u.hidden
	gates, tc, zeros := tr.gx[4*at*h:][:4*h], tr.tc[at*h:][:h], tr.zeros[:h]
	free := tr.gh[4*at*h:][:4*h] // until it gets the gradient of the state's side
	o, do, d := gates[3*h:], free[:h], free[h:2*h]
	kernel.Mul(d, dh, o)
	kernel.Mul(do, d, tc)
	kernel.Affine(-1, 1, o)
	kernel.Mul(do, do, o) // dh·tc·o·(1−o)
	kernel.Mul(tc, tc, tc)
	kernel.Affine(-1, 1, tc)
	kernel.Mul(d, d, tc) // dh·o·(1−tc²)
	tr.norm.c.backward(at, d, u.norm.gc.W, tc)
	kernel.Add(dc, dc, tc)
	kernel.LSTMBackward(1, h, gates, c0, tc, zeros, dc) // of all gates but o, for dc has what comes by h
	copy(o, do)
}

// normGradients adds the gradients of gains and biases.
func (u *unit) normGradients(mem *Buffers, n *normTrace, rows int) {
	g := n.x.size
	addSums(mem, rows, n.x.y, g, u.norm.gx)
	addSums(mem, rows, n.h.y, g, u.norm.gh)
	if n.c == nil {
		addSums(mem, rows, n.x.d, g, u.bx)
		addSums(mem, rows, n.h.d, g, u.bh)
		return
	}
	addSums(mem, rows, n.x.d, g, u.bx, u.bh)
	addSums(mem, rows, n.c.y, n.c.size, u.norm.gc)
	addSums(mem, rows, n.c.d, n.c.size, u.norm.bc)
}
