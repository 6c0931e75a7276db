package rnn

import (
	"math"

	"github.com/retell-rnn/retell/internal/kernel"
)

// norms are the parameters of layer normalization in a cell. W x and U h are each brought to mean 0 and variance 1 over
// the cell's groups of gates and multiplied by a gain; the cell's biases are added last. A cell may also normalize its
// memory c before the output reads it.
//
// Ba, Kiros and Hinton, Layer Normalization, 2016.
type norms struct {
	gx, gh *Param // [gates·hidden]: gains
	gc, bc *Param // [hidden]: gain and bias of the memory; nil for cells that do not normalize it
}

func newNorms(ps *Params, name, suffix string, cell *cell, hidden int) *norms {
	g := cell.gates * hidden
	n := &norms{
		gx: ps.New(name+".norm_ih"+suffix, Constant(1), g),
		gh: ps.New(name+".norm_hh"+suffix, Constant(1), g),
	}
	if cell.normMemory {
		n.gc = ps.New(name+".norm_c"+suffix, Constant(1), hidden)
		n.bc = ps.New(name+".norm_c_bias"+suffix, Zero(), hidden)
	}
	return n
}

func (n *norms) params() []*Param {
	if n.gc == nil {
		return []*Param{n.gx, n.gh}
	}
	return []*Param{n.gx, n.gh, n.gc, n.bc}
}

// normed holds vectors after normalization, one a row.
type normed struct {
	sizes []int     // of the groups of a vector
	y     []float32 // [rows, size]; backward overwrites each row with its part of the gain's gradient
	r     []float32 // [rows, groups]: 1/standard deviation
	d     []float32 // [rows, size]: gradient after gain and bias; nil if another normed holds the same
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

// epsilon is added to variances, so that a constant vector has a standard deviation above 0.
const epsilon = 1e-5

// row returns a normalized vector.
func (n *normed) row(at int) []float32 { return n.y[at*n.size:][:n.size] }

// normalize brings each group of the vector in row at to mean 0 and variance 1.
func (n *normed) normalize(at int) {
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

// backward differentiates the normalization of row at. From d, the gradient after gain and bias, it sets dx to the
// gradient before normalization. It stores the row's part of the gain's gradient in y and, unless n.d is nil, d in n.d;
// only then may dx be d.
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

// normTrace holds the values that normalization computed for each row of a trace.
type normTrace struct {
	x, h   *normed
	memory *memoryNorm // nil for cells that do not normalize their memory
}

func newNormTrace(mem *Buffers, w weights, rows int) *normTrace {
	var sizes []int
	for _, gates := range w.cell.groups {
		sizes = append(sizes, gates*w.hidden)
	}
	n := &normTrace{x: newNormed(mem, rows, sizes...), h: newNormed(mem, rows, sizes...)}
	n.x.d = mem.Take(rows * n.x.size)
	if w.cell.apart { // otherwise both sides are added and share one gradient
		n.h.d = mem.Take(rows * n.h.size)
	}
	if w.cell.normMemory {
		n.memory = &memoryNorm{newNormed(mem, rows, w.hidden), w.norm.gc, w.norm.bc}
		n.memory.d = mem.Take(rows * w.hidden)
	}
	return n
}

// memoryNorm normalizes the memory of a cell.
type memoryNorm struct {
	*normed
	gain, bias *Param
}

// forward sets y to norm(c)·gain + bias.
func (n *memoryNorm) forward(at int, c, y []float32) {
	row := n.row(at)
	copy(row, c)
	n.normalize(at)
	kernel.Mul(y, row, n.gain.W)
	kernel.Add(y, y, n.bias.W)
}

// backward sets dc to the gradient of c from dy, the gradient of y.
func (n *memoryNorm) backward(at int, dy, dc []float32) { n.normed.backward(at, dy, n.gain.W, dc) }

// addNormed is [unit.add] with layer normalization.
func (u *unit) addNormed(tr *trace, s span, h []float32, mul product) {
	g := u.width()
	nx, nh := tr.norm.x, tr.norm.h
	if h != nil {
		mul(&u.wh, s.n, tr.read(s, h, u.hidden), u.hidden, 0, nh.y[s.at*g:], g)
	} else {
		clear(nh.y[s.at*g:][:s.n*g])
	}
	for at := s.at; at < s.at+s.n; at++ {
		gx, gh := tr.gx[at*g:][:g], tr.gh[at*g:][:g]
		copy(nx.row(at), gx)
		nx.normalize(at)
		nh.normalize(at)
		kernel.Mul(gx, nx.row(at), u.norm.gx.W)
		kernel.Add(gx, gx, u.bias)
		kernel.Mul(gh, nh.row(at), u.norm.gh.W)
		if u.cell.apart {
			kernel.Add(gh, gh, u.bh.W)
		} else {
			kernel.Add(gx, gx, gh)
		}
	}
}

// backwardNormed differentiates layer normalization. r.gx and, if the cell is apart, r.gh hold the gradients of a
// span's pre-activations. It sets r.gx to the gradient of W x and r.gh to the gradient of U h.
func (u *unit) backwardNormed(tr *trace, r cellRows) {
	g := u.width()
	for i := range r.n {
		x, h := r.gx[i*g:][:g], r.gh[i*g:][:g]
		d := x
		if u.cell.apart {
			d = h
		}
		tr.norm.h.backward(r.at+i, d, u.norm.gh.W, h)
		tr.norm.x.backward(r.at+i, x, u.norm.gx.W, x)
	}
}

// normGradients accumulates the gradients of gains and biases.
func (u *unit) normGradients(mem *Buffers, n *normTrace, rows int) {
	g := n.x.size
	addSums(mem, rows, n.x.y, g, u.norm.gx)
	addSums(mem, rows, n.h.y, g, u.norm.gh)
	if u.cell.apart {
		addSums(mem, rows, n.x.d, g, u.bx)
		addSums(mem, rows, n.h.d, g, u.bh)
	} else {
		addSums(mem, rows, n.x.d, g, u.bx, u.bh)
	}
	if m := n.memory; m != nil {
		addSums(mem, rows, m.y, m.size, m.gain)
		addSums(mem, rows, m.d, m.size, m.bias)
	}
}
