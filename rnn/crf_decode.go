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
// constraint forbids.
func (q *PackedCRF) LogLikelihood(mem *Buffers, emissions []float32, lay *Layout, labels []int32) []float64 {
	t := newTrellis(mem, q.chain, emissions, lay)
	t.filter()
	out := make([]float64, lay.Batch())
	for s := range out {
		out[s] = -t.nll(s, labels)
	}
	return out
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
	into := make([]float32, n*n) // trans, [to, from]
	for i := range n {
		for j := range n {
			into[j*n+i] = h.trans[i*n+j]
		}
	}
	best := mem.Take(lay.Rows() * n) // greatest score of the labels up to a token that end in each label, less a shift
	out := make([][]int32, lay.Batch())
	chunks := lay.chunks(runtime.GOMAXPROCS(0))
	kernel.Tasks(len(chunks), func(i int) {
		sums := make([]float32, n)
		for rank := chunks[i][0]; rank < chunks[i][1]; rank++ {
			s := lay.order[rank]
			for t := range lay.lens[s] {
				row := lay.start[t] + rank
				to := best[row*n:][:n]
				if t == 0 {
					copy(to, h.start)
				} else {
					before := best[(lay.start[t-1]+rank)*n:][:n]
					for j := range to {
						kernel.Add(sums, before, into[j*n:][:n])
						to[j] = kernel.Max(sums)
					}
				}
				advance(to, x[row*n:][:n])
			}
			out[s] = h.trace(best, into, lay, rank, sums)
		}
	})
	return out
}

// advance adds a token's emissions to scores and shifts them so that the greatest is 0.
func advance(scores, x []float32) {
	top := math.Inf(-1)
	for j, v := range scores {
		top = max(top, float64(v)+float64(x[j]))
	}
	if math.IsInf(top, -1) {
		top = 0
	}
	for j, v := range scores {
		scores[j] = float32(float64(v) + float64(x[j]) - top)
	}
}

// trace returns the labels that lead to the best score of a rank.
func (h *chain) trace(best, into []float32, lay *Layout, rank int, sums []float32) []int32 {
	n := h.n
	labels := make([]int32, lay.lens[lay.order[rank]])
	last := h.end
	for t := len(labels) - 1; t >= 0; t-- {
		kernel.Add(sums, best[(lay.start[t]+rank)*n:][:n], last)
		top := kernel.Max(sums)
		j := kernel.ArgMax(sums)
		if j < 0 || math.IsInf(float64(top), -1) {
			return nil
		}
		labels[t], last = int32(j), into[j*n:][:n]
	}
	return labels
}
