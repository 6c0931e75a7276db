package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// newLSTM returns the cell of [LSTM].
//
//	i, f, o = σ(W x + b + U h + b'),  g = tanh(W x + b + U h + b')
//	c' = f·c + i·g,  h' = o·tanh(c')
//
// Layer normalization enters in three places:
//
//	i, f, g, o = norm(W x)·gx + b + norm(U h)·gh + b',  h' = o·tanh(norm(c')·gc + bc)
//
// Hochreiter and Schmidhuber, Long Short-Term Memory, 1997; forget gate by Gers, Schmidhuber and Cummins, 1999.
func newLSTM() *cell {
	return &cell{
		gates: 4, groups: []int{4}, forget: 1,
		states: 2, saved: 1, normMemory: true,
		forward: lstmForward, backward: lstmBackward,
	}
}

// lstmForward saves tanh(c') or, under layer normalization, tanh(norm(c')·gc + bc).
func lstmForward(r cellRows) {
	h, out, c := r.hidden, r.after[0], r.after[1]
	kernel.LSTMForward(r.n, h, r.gx, r.before[1], c, r.saved, out)
	if r.norm == nil {
		return
	}
	for i := range r.n {
		tc, o := r.saved[i*h:][:h], r.gx[(4*i+3)*h:][:h]
		r.norm.forward(r.at+i, c[i*h:][:h], tc)
		kernel.Tanh(tc, tc)
		kernel.Mul(out[i*h:][:h], o, tc)
	}
}

func lstmBackward(r cellRows) {
	if r.norm == nil {
		kernel.LSTMBackward(r.n, r.hidden, r.gx, r.before[1], r.saved, r.grad[0], r.grad[1])
		return
	}
	for i := range r.n {
		lstmBackwardNormed(r, i)
	}
}

// lstmBackwardNormed computes row i. It computes o's gradient itself and leaves the other gates to the kernel, which
// receives only the gradient of c'.
func lstmBackwardNormed(r cellRows, i int) {
	h := r.hidden
	row := func(x []float32) []float32 { return x[i*h:][:h] }
	gates, free := r.gx[4*i*h:][:4*h], r.gh[4*i*h:][:4*h]
	o, do, d, zeros := gates[3*h:], free[:h], free[h:2*h], free[2*h:3*h]
	tc, dc := row(r.saved), row(r.grad[1])
	clear(zeros)
	kernel.Mul(d, row(r.grad[0]), o)
	kernel.Mul(do, d, tc)
	kernel.Affine(-1, 1, o)
	kernel.Mul(do, do, o) // dh·tc·o·(1−o)
	kernel.Mul(tc, tc, tc)
	kernel.Affine(-1, 1, tc)
	kernel.Mul(d, d, tc) // dh·o·(1−tc²)
	r.norm.backward(r.at+i, d, tc)
	kernel.Add(dc, dc, tc)
	kernel.LSTMBackward(1, h, gates, row(r.before[1]), tc, zeros, dc)
	copy(o, do)
}
