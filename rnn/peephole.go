package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// newPeephole returns the cell of [Peephole]. Its own parameter holds p, q and s.
//
//	i = σ(W x + b + U h + b' + p·c),  f = σ(W x + b + U h + b' + q·c),  g = tanh(W x + b + U h + b')
//	c' = f·c + i·g,  o = σ(W x + b + U h + b' + s·c'),  h' = o·tanh(c')
//
// Layer normalization replaces W x by norm(W x)·gx and U h by norm(U h)·gh, over all gates together.
//
// Gers, Schraudolph and Schmidhuber, Learning Precise Timing with LSTM Recurrent Networks, 2002.
func newPeephole() *cell {
	return &cell{
		gates: 4, groups: []int{4}, forget: 1,
		states: 2, saved: 1, own: 3, ownName: "peephole",
		forward: peepholeForward, backward: peepholeBackward,
	}
}

// peepholeForward saves tanh(c').
func peepholeForward(r cellRows) {
	kernel.PeepholeForward(r.n, r.hidden, r.gx, r.own, r.before[1], r.after[1], r.saved, r.after[0])
}

func peepholeBackward(r cellRows) {
	kernel.PeepholeBackward(r.n, r.hidden, r.gx, r.own, r.before[1], r.after[1], r.saved, r.grad[0], r.grad[1], r.ownGrad)
}
