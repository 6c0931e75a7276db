package rnn

import (
	"container/heap"
	"math"

	"github.com/retell-rnn/retell/internal/kernel"
)

// Labeling is a sequence of labels and its log-probability.
type Labeling struct {
	Labels  []int32
	LogProb float64
}

// KBest returns the k most probable labelings of each sequence, best first, for emissions [rows, Labels]; fewer if
// there are not as many. Among equally probable ones, the lesser last label that differs comes first. Sums are float64,
// so the first labeling may differ from [PackedCRF.Viterbi] where two are equal in float32.
//
// Huang and Chiang, Better k-best Parsing, 2005.
func (q *PackedCRF) KBest(mem *Buffers, emissions []float32, lay *Layout, k int) [][]Labeling {
	t := newTrellis(mem, q.chain, emissions, lay)
	t.filter()
	out := make([][]Labeling, lay.Batch())
	kernel.Tasks(len(out), func(s int) {
		l := newLists(q.chain, emissions, lay, s)
		for r := range k {
			d, ok := l.get(len(l.rows), 0, r)
			if !ok {
				break
			}
			out[s] = append(out[s], Labeling{Labels: l.labels(d), LogProb: d.score - t.logZ[s]})
		}
	})
	return out
}

// lists finds the best labelings of a sequence that end in a label at a token, one after the other.
type lists struct {
	*chain
	x     []float32
	rows  []int            // of the tokens
	best  []float64        // greatest score up to a token that ends in a label, [tokens, n]
	nodes map[int]*labeled // by token·n + label, as far as they are asked for
}

// labeled holds the labelings that end in a label at a token: those found, best first, and the candidates for the next.
type labeled struct {
	found []derivation
	next  derivations
}

// derivation is a labeling that extends the one of a rank that ends in a label at the token before.
type derivation struct {
	score      float64
	from, rank int
}

func newLists(h *chain, x []float32, lay *Layout, s int) *lists {
	n := h.n
	l := &lists{chain: h, x: x, nodes: map[int]*labeled{}, best: make([]float64, lay.lens[s]*n)}
	for t := range lay.lens[s] {
		l.rows = append(l.rows, lay.Row(s, t))
		to := l.best[t*n:][:n]
		for j := range to {
			if to[j] = math.Inf(-1); t == 0 {
				to[j] = float64(h.start[j])
			}
		}
		if t > 0 {
			for i, score := range l.best[(t-1)*n:][:n] {
				for j, v := range h.trans[i*n:][:n] {
					if sum := score + float64(v); sum > to[j] {
						to[j] = sum
					}
				}
			}
		}
		for j, v := range x[l.rows[t]*n:][:n] {
			to[j] += float64(v)
		}
	}
	return l
}

// get returns the labeling of a rank that ends in a label at token t. Token len(rows) is the end of the sequence, with
// one label, 0.
func (l *lists) get(t, label, rank int) (d derivation, ok bool) {
	if t == 0 {
		return derivation{score: l.best[label]}, rank == 0
	}
	node := l.nodes[t*l.n+label]
	if node == nil {
		node = &labeled{next: make(derivations, 0, l.n)}
		for i, score := range l.best[(t-1)*l.n:][:l.n] {
			if score = l.extend(score, t, i, label); score > math.Inf(-1) {
				node.next = append(node.next, derivation{score: score, from: i})
			}
		}
		heap.Init(&node.next)
		l.nodes[t*l.n+label] = node
	}
	for len(node.found) <= rank {
		if n := len(node.found); n > 0 { // the last one found has a successor
			d := node.found[n-1]
			if from, ok := l.get(t-1, d.from, d.rank+1); ok {
				heap.Push(&node.next, derivation{score: l.extend(from.score, t, d.from, label), from: d.from, rank: d.rank + 1})
			}
		}
		if len(node.next) == 0 {
			return derivation{}, false
		}
		node.found = append(node.found, heap.Pop(&node.next).(derivation))
	}
	return node.found[rank], true
}

// extend adds what a label at token t scores after another. It rounds as newLists does.
func (l *lists) extend(score float64, t, from, label int) float64 {
	if t == len(l.rows) {
		return score + float64(l.end[from])
	}
	score += float64(l.trans[from*l.n+label])
	return score + float64(l.x[l.rows[t]*l.n+label])
}

// labels returns the labels of a whole sequence.
func (l *lists) labels(d derivation) []int32 {
	out := make([]int32, len(l.rows))
	for t := len(out) - 1; t >= 0; t-- {
		out[t] = int32(d.from)
		d, _ = l.get(t, d.from, d.rank)
	}
	return out
}

// derivations is a heap, best first.
type derivations []derivation

func (d derivations) Len() int      { return len(d) }
func (d derivations) Swap(i, j int) { d[i], d[j] = d[j], d[i] }
func (d derivations) Less(i, j int) bool {
	a, b := &d[i], &d[j]
	if a.score != b.score {
		return a.score > b.score
	}
	return a.from < b.from || a.from == b.from && a.rank < b.rank
}
func (d *derivations) Push(x any) { *d = append(*d, x.(derivation)) }
func (d *derivations) Pop() any {
	last := (*d)[len(*d)-1]
	*d = (*d)[:len(*d)-1]
	return last
}
