package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// newGRU returns the cell of [GRU]. Its reset gate acts after the recurrent product, as in cuDNN and PyTorch.
//
//	r, z = σ(W x + b + U h + b'),  n = tanh(W x + b + r·(U h + b'))
//	h' = (1 − z)·n + z·h
//
// Layer normalization replaces W x by norm(W x)·gx and U h by norm(U h)·gh, with r and z normalized together and n
// alone.
//
// Cho et al., Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation, 2014.
func newGRU() *cell {
	return &cell{
		gates: 3, groups: []int{2, 1}, forget: -1, apart: true, direct: true,
		states:  1,
		forward: gruForward, backward: gruBackward,
	}
}

func gruForward(r cellRows) {
	kernel.GRUForward(r.n, r.hidden, r.gx, r.gh, r.before[0], r.after[0])
}

func gruBackward(r cellRows) {
	kernel.GRUBackward(r.n, r.hidden, r.gx, r.gh, r.before[0], r.grad[0])
}
