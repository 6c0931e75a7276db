package rnn

import (
	"math"
	"runtime"

	"github.com/retell-rnn/retell/internal/kernel"
)

// PackedCRF is a [CRF] with no graph. It is immutable and safe for concurrent use.
type PackedCRF struct{ chain *chain }

// Pack copies the parameters.
func (c *CRF) Pack() *PackedCRF { return &PackedCRF{c.chain()} }

// Labels returns the number of labels.
func (q *PackedCRF) Labels() int { return q.chain.n }

// Viterbi returns the most probable labels of each sequence, for emissions [rows, Labels]. If the constraint allows no
// labels of a sequence's length, its labels are nil.
func (q *PackedCRF) Viterbi(mem *Buffers, emissions []float32, lay *Layout) [][]int32 {
	return q.chain.viterbi(mem, emissions, lay)
}

// LogLikelihood returns log p of each sequence's labels; labels holds one of each row. It is -Inf for labels that the
// constraint forbids. A label of -1 is not known: log p is then that of the known labels.
func (q *PackedCRF) LogLikelihood(mem *Buffers, emissions []float32, lay *Layout, labels []int32) []float64 {
	t := newTrellis(mem, q.chain, emissions, lay)
	t.filter()
	out := make([]float64, lay.Batch())
	var partial []int
	for s, n := range lay.lens {
		known := true
		for k := range n {
			known = known && labels[lay.Row(s, k)] >= 0
		}
		if known {
			out[s] = -t.nll(s, labels)
		} else {
			partial = append(partial, s)
		}
	}
	for i, logZ := range q.chain.agreeing(mem, emissions, lay, labels, partial) {
		out[partial[i]] = logZ - t.logZ[partial[i]]
	}
	return out
}

// agreeing returns log Σ e^score over the label sequences that agree with the known labels, for some sequences.
func (h *chain) agreeing(mem *Buffers, x []float32, lay *Layout, labels []int32, sequences []int) []float64 {
	if len(sequences) == 0 {
		return nil
	}
	lens := make([]int, len(sequences))
	for i, s := range sequences {
		lens[i] = lay.lens[s]
	}
	part := NewLayout(lens)
	open := mem.Take(part.Rows() * h.n)
	for i, s := range sequences {
		for k := range lens[i] {
			from, to := lay.Row(s, k)*h.n, open[part.Row(i, k)*h.n:][:h.n]
			y := labels[lay.Row(s, k)]
			if copy(to, x[from:]); y < 0 {
				continue
			}
			for j := range to {
				if j != int(y) {
					to[j] = float32(math.Inf(-1))
				}
			}
		}
	}
	t := newTrellis(mem, h, open, part)
	t.filter()
	return t.logZ
}

// Marginals sets p [rows, Labels] to the probability of each label at each token. It may be emissions itself.
func (q *PackedCRF) Marginals(mem *Buffers, p, emissions []float32, lay *Layout) {
	t := newTrellis(mem, q.chain, emissions, lay)
	t.filter()
	t.smooth(mem, p, nil)
}

// viterbi returns the labels of the greatest score of each sequence; nil if none is allowed.
//
// Viterbi, Error Bounds for Convolutional Codes and an Asymptotically Optimum Decoding Algorithm, 1967.
func (h *chain) viterbi(mem *Buffers, x []float32, lay *Layout) [][]int32 {
	n := h.n
	best := mem.Take(lay.Rows() * n) // greatest score of the labels up to a token that end in each label, less a shift
	out := make([][]int32, lay.Batch())
	chunks := lay.chunks(runtime.GOMAXPROCS(0))
	kernel.Tasks(len(chunks), func(i int) {
		for rank := chunks[i][0]; rank < chunks[i][1]; rank++ {
			s := lay.order[rank]
			var before []float32
			for t := range lay.lens[s] {
				row := lay.start[t] + rank
				to := best[row*n:][:n]
				if t == 0 {
					copy(to, h.start)
				} else {
					kernel.MaxPlus(to, before, h.trans)
				}
				advance(to, x[row*n:][:n])
				before = to
			}
			out[s] = h.trace(best, lay, rank)
		}
	})
	return out
}

// advance adds a token's emissions to scores and shifts them so that the greatest is 0.
func advance(scores, x []float32) {
	top := math.Inf(-1)
	for j, v := range scores {
		if sum := float64(v) + float64(x[j]); sum > top {
			top = sum
		}
	}
	if math.IsInf(top, -1) {
		top = 0
	}
	for j, v := range scores {
		scores[j] = float32(float64(v) + float64(x[j]) - top)
	}
}

// trace returns the labels that lead to the best score of a rank.
func (h *chain) trace(best []float32, lay *Layout, rank int) []int32 {
	n := h.n
	labels := make([]int32, lay.lens[lay.order[rank]])
	next := h.end // scores of what follows a label, at a stride
	stride := 1
	for t := len(labels) - 1; t >= 0; t-- {
		label, top := -1, float32(math.Inf(-1))
		for i, v := range best[(lay.start[t]+rank)*n:][:n] {
			if sum := v + next[i*stride]; sum > top {
				label, top = i, sum
			}
		}
		if label < 0 {
			return nil
		}
		labels[t], next, stride = int32(label), h.trans[label:], n
	}
	return labels
}
