package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// coveredScorer is an additive score with coverage, v·tanh(query + key + c w). The coverage c of a key is the sum of
// its weights over the previous steps.
//
// See, Liu and Manning, Get To The Point: Summarization with Pointer-Generator Networks, 2017; Tu et al., Modeling
// Coverage for Neural Machine Translation, 2016.
type coveredScorer struct {
	additiveScorer
	w *Param // [1, key]
}

// withCoverage wraps an additive score if the decoder has coverage.
func withCoverage(a additiveScorer, ps *Params, name string, c DecoderConfig) scorer {
	if !c.Coverage {
		return a
	}
	return coveredScorer{a, ps.New(name+".coverage.weight", c.Init.matrix(1), 1, c.Hidden)}
}

func (c coveredScorer) vectors() []*Param { return []*Param{c.v, c.w} }

// sum sets y to query + key + c w for key i.
func (c coveredScorer) sum(q query, i int, keys, y []float32) {
	kernel.Add(y, q.vector, row(keys, q.rows[i], len(y)))
	kernel.Axpy(q.cov[i], c.w.W, y)
}

func (c coveredScorer) scores(q query, keys, scratch []float32) {
	for i := range q.rows {
		c.sum(q, i, keys, scratch)
		q.alpha[i] = c.score(scratch)
	}
}

func (c coveredScorer) scoresBackward(q query, keys, ds []float32, gr queryGrads, scratch []float32) {
	dw := gr.vectors[len(scratch):]
	for i, r := range q.rows {
		c.sum(q, i, keys, scratch)
		c.scoreBackward(ds[i], scratch, r, gr)
		gr.cov[i] += kernel.Dot(scratch, c.w.W)
		kernel.Axpy(q.cov[i], scratch, dw)
	}
}

// repeated returns the coverage loss: the sum of min(attention, coverage) over all rows and source tokens.
func (tr *attentionTrace) repeated() float32 {
	sum := 0.0
	for i, a := range tr.alpha { // both are 0 past the end of a source
		sum += float64(min(a, tr.cov[i]))
	}
	return float32(sum)
}

// cover adds the coverage's part to the gradients of a query of the given rank. The query's weights enter the coverage
// of all later steps, and both weights and coverage enter the coverage loss.
func (gr *attentionGrads) cover(qg *queryGrads, q query, width, rank int) {
	qg.cov = gr.cov[rank*width:][:len(q.rows)]
	d := gr.dalpha[rank*width:][:len(q.rows)]
	copy(d, qg.cov)
	for i, a := range q.alpha {
		if qg.alpha != nil {
			d[i] += qg.alpha[i]
		}
		if a < q.cov[i] {
			d[i] += gr.repeated
		} else {
			qg.cov[i] += gr.repeated
		}
	}
	qg.alpha = d
}
