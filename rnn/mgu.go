package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// newMGU returns the cell of [MGU]. Its gate acts after the recurrent product, like a [GRU]'s reset gate.
//
//	f = σ(W x + b + U h + b'),  n = tanh(W x + b + f·(U h + b'))
//	h' = (1 − f)·h + f·n
//
// Layer normalization replaces W x by norm(W x)·gx and U h by norm(U h)·gh, with f and n normalized separately.
//
// Zhou, Wu, Zhang and Zhou, Minimal Gated Unit for Recurrent Neural Networks, 2016.
func newMGU() *cell {
	return &cell{
		gates: 2, groups: []int{1, 1}, forget: -1, apart: true, direct: true,
		states:  1,
		forward: mguForward, backward: mguBackward,
	}
}

func mguForward(r cellRows) {
	kernel.MGUForward(r.n, r.hidden, r.gx, r.gh, r.before[0], r.after[0])
}

func mguBackward(r cellRows) {
	kernel.MGUBackward(r.n, r.hidden, r.gx, r.gh, r.before[0], r.grad[0])
}
