package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// additiveScorer is v·tanh(query + key).
type additiveScorer struct {
	linearMaps
	v *Param // [1, key]
}

// newConcat returns the scorer of [Concat]. W is stored as two matrices, one for h and one for m.
func newConcat(ps *Params, name string, c DecoderConfig) scorer {
	return withCoverage(newAdditive(ps, name, c), ps, name, c)
}

// newBahdanau returns the scorer of [Bahdanau].
func newBahdanau(ps *Params, name string, c DecoderConfig) scorer {
	a := newAdditive(ps, name, c)
	a.query.b = ps.New(name+".query.bias", Zero(), c.Hidden)
	return withCoverage(a, ps, name, c)
}

func newAdditive(ps *Params, name string, c DecoderConfig) additiveScorer {
	var a additiveScorer
	a.key = newKeyMap(ps, name, c)
	a.query = &linearMap{w: ps.New(name+".query.weight", c.Init.matrix(1), c.Hidden, c.Hidden), in: c.Hidden, out: c.Hidden}
	a.v = ps.New(name+".v", c.Init.matrix(1), 1, c.Hidden)
	return a
}

func (a additiveScorer) vectors() []*Param { return []*Param{a.v} }

func (a additiveScorer) scores(q query, keys, scratch []float32) {
	for i, r := range q.rows {
		kernel.Add(scratch, q.vector, row(keys, r, len(scratch)))
		q.alpha[i] = a.score(scratch)
	}
}

// score returns v·tanh(sum). It overwrites sum with its tanh.
func (a additiveScorer) score(sum []float32) float32 {
	kernel.Tanh(sum, sum)
	return kernel.Dot(a.v.W, sum)
}

func (a additiveScorer) scoresBackward(q query, keys, ds []float32, gr queryGrads, scratch []float32) {
	for i, r := range q.rows {
		kernel.Add(scratch, q.vector, row(keys, r, len(scratch)))
		a.scoreBackward(ds[i], scratch, r, gr)
	}
}

// scoreBackward accumulates the gradients of score for the key in row r. It overwrites sum with the gradient of sum.
func (a additiveScorer) scoreBackward(ds float32, sum []float32, r int32, gr queryGrads) {
	kernel.Tanh(sum, sum)
	dv, dq, dkey := gr.vectors[:len(sum)], gr.vector[:len(sum)], row(gr.keys, r, len(sum))
	for j, th := range sum {
		dv[j] += ds * th
		d := ds * a.v.W[j] * (1 - th*th)
		sum[j] = d
		dq[j] += d
		dkey[j] += d
	}
}
