package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// dotScorer is query·key.
type dotScorer struct{ linearMaps }

// newDot returns the scorer of [Dot].
func newDot(*Params, string, DecoderConfig) scorer { return dotScorer{} }

// newGeneral returns the scorer of [General].
func newGeneral(ps *Params, name string, c DecoderConfig) scorer {
	return dotScorer{linearMaps{key: newKeyMap(ps, name, c)}}
}

// newKeyMap adds the matrix that maps encoder states to keys of the decoder states' size.
func newKeyMap(ps *Params, name string, c DecoderConfig) *linearMap {
	return &linearMap{w: ps.New(name+".memory.weight", c.Init.matrix(1), c.Hidden, c.Memory), in: c.Memory, out: c.Hidden}
}

func (dotScorer) vectors() []*Param { return nil }

func (dotScorer) scores(q query, keys, _ []float32) {
	for i, r := range q.rows {
		q.alpha[i] = kernel.Dot(q.vector, row(keys, r, len(q.vector)))
	}
}

func (dotScorer) scoresBackward(q query, keys, ds []float32, gr queryGrads, _ []float32) {
	for i, r := range q.rows {
		kernel.Axpy(ds[i], row(keys, r, len(q.vector)), gr.vector)
		kernel.Axpy(ds[i], q.vector, row(gr.keys, r, len(q.vector)))
	}
}
