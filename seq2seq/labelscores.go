package seq2seq

import (
	"math"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/rnn"
)

// packedLabeler is a labeler that runs without a graph.
type packedLabeler struct {
	output *rnn.PackedLinear
	chains []*rnn.PackedCRF // fields of each column; nil for labels predicted by themselves
	size   int              // of the target vocabulary
	head   *labeler
}

func (h *labeler) pack(prec rnn.Precision) packedHead {
	f := &packedLabeler{output: h.output.Pack(prec), size: h.output.Out, head: h}
	for k := range h.columns {
		var chain *rnn.PackedCRF
		if h.columns[k].crf != nil || h.columns[k].allowed != nil {
			chain = h.chain(k)
		}
		f.chains = append(f.chains, chain)
	}
	return f
}

// chain returns the field of a column. Without transitions, they are zeros: labels depend on each other only by what
// the scheme allows.
func (h *labeler) chain(column int) *rnn.PackedCRF {
	c := h.columns[column]
	if c.crf != nil {
		return c.crf.Pack()
	}
	zeros := rnn.Inits{Matrix: func(int) rnn.Init { return rnn.Zero() }}
	crf := rnn.NewCRF(rnn.NewParams(nil), "labels", len(c.ids), zeros)
	crf.Constrain(c.allowed)
	return crf.Pack()
}

// scores returns the scores of the labels of each column at each row, [rows, labels of the column].
func (f *packedLabeler) scores(mem *rnn.Buffers, e packedEncoderOutput) [][]float32 {
	rows := e.layout.Rows()
	all := mem.Take(rows * f.size)
	states := e.memory
	if f.head.config.Labeler.Cloze {
		states = rnn.PackedBeside(mem, states, e.layout)
	}
	f.output.Forward(rows, all, states)
	out := make([][]float32, len(f.head.columns))
	for k, c := range f.head.columns {
		out[k] = mem.Take(rows * len(c.ids))
		rnn.PickColumns(out[k], all, f.size, c.ids)
	}
	return out
}

// decode returns the most probable labels of each line in a column. A line so short that the scheme allows none of its
// sequences has the most probable label of each token.
func (f *packedLabeler) decode(mem *rnn.Buffers, lay *rnn.Layout, column int, scores []float32) [][]int32 {
	n := len(f.head.columns[column].ids)
	out := make([][]int32, lay.Batch())
	if chain := f.chains[column]; chain != nil {
		out = chain.Viterbi(mem, scores, lay)
	}
	for i := range out {
		if out[i] != nil {
			continue
		}
		out[i] = make([]int32, lay.Length(i))
		for t := range out[i] {
			out[i][t] = int32(kernel.ArgMax(scores[lay.Row(i, t)*n:][:n]))
		}
	}
	return out
}

// losses implements packedLosses. A label that training lacks is an error of the model; its loss is that of the label
// predicted in its place.
func (f *packedLabeler) losses(mem *rnn.Buffers, e packedEncoderOutput, pairs []pair) []rnn.LossStats {
	out := make([]rnn.LossStats, len(pairs))
	for k, scores := range f.scores(mem, e) {
		gold := f.head.gold(e.layout, pairs, k)
		best := f.decode(mem, e.layout, k, scores)
		guessed := make([]bool, len(pairs))
		for i, labels := range best {
			for t, label := range labels {
				row := e.layout.Row(i, t)
				if gold[row] == label {
					out[i].Hits++
				}
				if gold[row] < 0 {
					gold[row], guessed[i] = label, true
				}
			}
			out[i].Tokens += len(labels)
		}
		for i, nll := range f.nll(mem, e.layout, k, scores, gold) {
			if guessed[i] && math.IsInf(nll, 1) { // a guess may not go with its neighbors
				nll = f.nll(mem, e.layout, k, scores, e.layout.Place(best))[i]
			}
			out[i].NLL += nll
		}
	}
	return out
}

// nll returns −log p of each line's labels in a column; gold has the label of each row.
func (f *packedLabeler) nll(mem *rnn.Buffers, lay *rnn.Layout, column int, scores []float32, gold []int32) []float64 {
	out := make([]float64, lay.Batch())
	if f.head.columns[column].crf != nil {
		for i, p := range f.chains[column].LogLikelihood(mem, scores, lay, gold) {
			out[i] = -p
		}
		return out
	}
	n := len(f.head.columns[column].ids)
	for i := range out {
		for t := range lay.Length(i) {
			row := lay.Row(i, t)
			nll, _, _ := kernel.CrossEntropyLoss(scores[row*n:][:n], int(gold[row]), 0)
			out[i] += float64(nll)
		}
	}
	return out
}

// probabilities sets p [rows, labels of the column] to the probability of each label.
func (f *packedLabeler) probabilities(mem *rnn.Buffers, p, scores []float32, lay *rnn.Layout, column int) {
	if chain := f.chains[column]; chain != nil {
		chain.Marginals(mem, p, scores, lay)
		return
	}
	copy(p, scores)
	n := len(f.head.columns[column].ids)
	for at := 0; at < len(p); at += n {
		kernel.Softmax(p[at:][:n])
	}
}

// labels returns the labels of each line in a column.
func (f *packedLabeler) labels(mem *rnn.Buffers, lay *rnn.Layout, column int, scores []float32, o *LabelOptions) []ColumnLabels {
	c := f.head.columns[column]
	n := len(c.ids)
	p := mem.Take(len(scores))
	f.probabilities(mem, p, scores, lay, column)
	out := make([]ColumnLabels, lay.Batch())
	for i, labels := range f.decode(mem, lay, column, scores) {
		r := &out[i]
		r.Labels, r.Probabilities = c.text(labels), make([]float64, len(labels))
		for t, label := range labels {
			row := p[lay.Row(i, t)*n:][:n]
			r.Probabilities[t] = float64(row[label])
			if o.Distribution {
				r.Distribution = append(r.Distribution, slices.Clone(row))
			}
		}
	}
	if o.NBest > 0 {
		chain := f.chains[column]
		if chain == nil {
			chain = f.head.chain(column)
		}
		for i, best := range chain.KBest(mem, scores, lay, o.NBest) {
			for _, b := range best {
				out[i].NBest = append(out[i].NBest, LabelSequence{c.text(b.Labels), b.LogProb})
			}
		}
	}
	return out
}

// text returns labels given by their numbers.
func (c *labelColumn) text(labels []int32) []string {
	out := make([]string, len(labels))
	for t, label := range labels {
		out[t] = c.names[label]
	}
	return out
}
