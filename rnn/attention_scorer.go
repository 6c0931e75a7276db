package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// scorer is an attention score: it rates how well a query fits each of its keys. Its only state is its parameters.
//
// Linear maps make a query from a decoder state and a key from an encoder state. The attention applies the maps, many
// rows in one product, and computes the softmax and everything after it.
type scorer interface {
	// maps returns the linear maps to queries and to keys of the same size. A nil map is the identity.
	maps() (query, key *linearMap)

	// vectors returns the parameters outside the maps, each [1, key].
	vectors() []*Param

	// scores sets q.alpha to the score of each key. scratch is [key].
	scores(q query, keys, scratch []float32)

	// scoresBackward accumulates the gradients of the query, the keys, the coverage and the vectors from ds, the gradient
	// of each score. It may overwrite ds.
	scoresBackward(q query, keys, ds []float32, gr queryGrads, scratch []float32)
}

// query is one query and the tokens of its source.
type query struct {
	vector []float32 // [key]
	rows   []int32   // rows of the source's tokens in the memory and in the keys
	alpha  []float32 // [len(rows)]: scores, then weights
	cov    []float32 // [len(rows)]: sums of the weights over the previous steps; nil without coverage
}

// queryGrads are the gradients of one query. context and alpha are inputs; the others are accumulated.
type queryGrads struct {
	context []float32 // [memory]
	alpha   []float32 // [len(rows)]: of the weights, without the path through the context; nil means zero
	memory  []float32 // [source rows, memory]
	keys    []float32 // [source rows, key]; same buffer as memory if the encoder states are the keys
	vector  []float32 // [key]
	vectors []float32 // [len(vectors), key]: of the scorer's vectors
	cov     []float32 // [len(rows)]; nil without coverage
}

// row returns row r of x, [rows, size].
func row(x []float32, r int32, size int) []float32 { return x[int(r)*size:][:size] }

// linearMap is y = W x + b.
type linearMap struct {
	w, b    *Param // [out, in] and [out]; b may be nil
	in, out int
}

// params returns the map's parameters; a nil map has none.
func (m *linearMap) params() []*Param {
	switch {
	case m == nil:
		return nil
	case m.b == nil:
		return []*Param{m.w}
	}
	return []*Param{m.w, m.b}
}

// pack packs W for products with rows: transposed for forward steps, as stored for backward steps.
func (m *linearMap) pack(w *kernel.Packed, prec Precision, forward bool) {
	if forward {
		w.PackAs(prec, true, m.in, m.out, m.w.W, m.in)
	} else {
		w.PackAs(prec, false, m.out, m.in, m.w.W, m.in)
	}
}

// forward computes y [n, out] from x [n, in].
func (m *linearMap) forward(w *kernel.Packed, n int, x, y []float32, mul product) {
	var beta float32
	if m.b != nil {
		kernel.SetRows(n, m.out, y, m.out, m.b.W)
		beta = 1
	}
	mul(w, n, x, m.in, beta, y, m.out)
}

// gradients accumulates the gradients of the parameters from dy [rows, out] and x [rows, in].
func (m *linearMap) gradients(mem *Buffers, prec Precision, rows int, dy, x []float32) {
	addProduct(prec, m.w, rows, dy, m.out, x, m.in)
	if m.b != nil {
		addSums(mem, rows, dy, m.out, m.b)
	}
}

// linearMaps are the maps of a scorer.
type linearMaps struct{ query, key *linearMap }

func (m linearMaps) maps() (query, key *linearMap) { return m.query, m.key }
