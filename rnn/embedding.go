package rnn

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/retell-rnn/retell/internal/kernel"
)

// Embedding maps ids to rows of a matrix.
type Embedding struct {
	Vocab, Size int
	Weight      *Param    // [Vocab, Size]
	Factors     []float32 // [Vocab]: fixed factor of each row; nil means 1
}

// NewEmbedding adds an embedding's parameter.
func NewEmbedding(ps *Params, name string, vocab, size int, init Inits) *Embedding {
	return &Embedding{Vocab: vocab, Size: size, Weight: ps.New(name+".weight", init.matrix(1), vocab, size)}
}

// Forward returns the rows of ids, [len(ids), Size]; an id outside 0 to Vocab-1 is an error. Only the rows that occur
// receive gradients. Forward keeps ids and every run of the graph reads them, so the caller may overwrite them between
// runs.
func (e *Embedding) Forward(p *Pass, ids []int32) *gorgonia.Node {
	if len(ids) == 0 {
		p.fail(fmt.Errorf("rnn: %s: no ids: want at least one", e.Weight.Name))
	} else if err := e.check(ids); err != nil {
		p.fail(err)
	}
	return p.apply(&fused{
		name:   "embedding",
		params: []*Param{e.Weight},
		outs:   []shape{{len(ids), e.Size}},
		forward: func(_, out [][]float32) {
			if err := e.check(ids); err != nil {
				p.reject(err)
				return
			}
			out[0] = p.mem.Take(len(ids) * e.Size)
			e.Pack().Forward(out[0], ids)
		},
		backward: func(gout, _ [][]float32) { e.Weight.addRows(ids, nil, gout[0], e.Factors, false) },
	})[0]
}

func (e *Embedding) check(ids []int32) error {
	for _, id := range ids {
		if id < 0 || int(id) >= e.Vocab {
			return fmt.Errorf("rnn: %s: id %d: want 0 to %d", e.Weight.Name, id, e.Vocab-1)
		}
	}
	return nil
}

// PackedEmbedding is an [Embedding] with no graph. It is safe for concurrent use.
type PackedEmbedding struct {
	Vocab, Size int
	rows        []float32 // [Vocab, Size]
	factors     []float32 // [Vocab]; nil means 1
}

// Pack returns the embedding for use with no graph. It shares the weights.
func (e *Embedding) Pack() *PackedEmbedding {
	return &PackedEmbedding{e.Vocab, e.Size, e.Weight.W, e.Factors}
}

// Forward copies the rows of ids, each from 0 to Vocab-1, to y [len(ids), Size].
func (q *PackedEmbedding) Forward(y []float32, ids []int32) {
	for i, id := range ids {
		row := y[i*q.Size:][:q.Size]
		copy(row, q.rows[int(id)*q.Size:])
		if q.factors != nil {
			kernel.Scale(q.factors[id], row)
		}
	}
}
