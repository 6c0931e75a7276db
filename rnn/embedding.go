package rnn

import (
	"fmt"

	"gorgonia.org/gorgonia"
)

// Embedding maps ids to rows of a matrix.
type Embedding struct {
	Vocab, Size int
	Weight      *Param // [Vocab, Size]
}

// NewEmbedding adds an embedding's parameter.
func NewEmbedding(ps *Params, name string, vocab, size int, init Inits) *Embedding {
	return &Embedding{Vocab: vocab, Size: size, Weight: ps.New(name+".weight", init.matrix(1), vocab, size)}
}

// Forward returns the rows of ids, [len(ids), Size]. Only the rows that occur receive gradients.
func (e *Embedding) Forward(p *Pass, ids []int32) *gorgonia.Node {
	for _, id := range ids {
		if id < 0 || int(id) >= e.Vocab {
			p.fail(fmt.Errorf("rnn: %s: id %d: want 0 to %d", e.Weight.Name, id, e.Vocab-1))
			return nil
		}
	}
	return p.apply(&fused{
		name: "embedding",
		outs: []shape{{len(ids), e.Size}},
		forward: func(_, out [][]float32) {
			out[0] = p.mem.Take(len(ids) * e.Size)
			e.Lookup(out[0], ids)
		},
		backward: func(gout, _ [][]float32) {
			for i, id := range ids {
				e.Weight.addRow(id, gout[0][i*e.Size:][:e.Size])
			}
		},
	})[0]
}

// Lookup copies the rows of ids, which must be valid, to dst [len(ids), Size].
func (e *Embedding) Lookup(dst []float32, ids []int32) {
	for i, id := range ids {
		copy(dst[i*e.Size:][:e.Size], e.Weight.W[int(id)*e.Size:])
	}
}
