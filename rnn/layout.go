package rnn

import "sort"

// Layout places the tokens of a batch of sequences in the rows of a matrix: all first tokens, then all second tokens,
// and so on, without padding. Within a step, longer sequences come first.
//
// A sequence's rank is its position within a step. Sequences of equal length keep the caller's order.
type Layout struct {
	lens  []int // tokens of each sequence, in the caller's order
	order []int // rank → sequence
	rank  []int // sequence → rank
	sizes []int // sequences that have a token at step t; never increases
	start []int // first row of step t; start[len(sizes)] is the number of rows
}

// NewLayout lays out sequences of the given lengths, each at least 1. It keeps lens.
func NewLayout(lens []int) *Layout {
	l := &Layout{lens: lens, order: make([]int, len(lens)), rank: make([]int, len(lens))}
	for i := range l.order {
		l.order[i] = i
	}
	sort.SliceStable(l.order, func(i, j int) bool { return lens[l.order[i]] > lens[l.order[j]] })
	for r, s := range l.order {
		l.rank[s] = r
	}
	steps := 0
	if len(lens) > 0 {
		steps = lens[l.order[0]]
	}
	l.sizes = make([]int, steps)
	l.start = make([]int, steps+1)
	n := len(lens)
	for t := range steps {
		for lens[l.order[n-1]] <= t {
			n--
		}
		l.sizes[t] = n
		l.start[t+1] = l.start[t] + n
	}
	return l
}

// Rows returns the number of tokens in the batch.
func (l *Layout) Rows() int { return l.start[len(l.sizes)] }

// Steps returns the length of the longest sequence.
func (l *Layout) Steps() int { return len(l.sizes) }

// Batch returns the number of sequences.
func (l *Layout) Batch() int { return len(l.lens) }

// Length returns the number of tokens of a sequence.
func (l *Layout) Length(sequence int) int { return l.lens[sequence] }

// Row returns the row of token t of a sequence.
func (l *Layout) Row(sequence, t int) int { return l.start[t] + l.rank[sequence] }

// Place returns the ids of all sequences in the order of rows. It ignores ids past a sequence's length.
func (l *Layout) Place(ids [][]int32) []int32 {
	rows := make([]int32, l.Rows())
	for s, seq := range ids {
		for t := range l.lens[s] {
			rows[l.Row(s, t)] = seq[t]
		}
	}
	return rows
}

// Spread returns one value for each row: its sequence's.
func (l *Layout) Spread(values []float32) []float32 {
	rows := make([]float32, l.Rows())
	for s, v := range values {
		for t := range l.lens[s] {
			rows[l.Row(s, t)] = v
		}
	}
	return rows
}

// chunks splits the ranks into at most n contiguous ranges with about equal numbers of tokens.
func (l *Layout) chunks(n int) [][2]int {
	b := l.Batch()
	n = max(1, min(n, b))
	out := make([][2]int, 0, n)
	lo, seen := 0, 0
	for r := range b {
		seen += l.lens[l.order[r]]
		if seen*n >= l.Rows()*(len(out)+1) || r == b-1 {
			out = append(out, [2]int{lo, r + 1})
			lo = r + 1
		}
	}
	return out
}

// toRanks copies rows of width n from the order of sequences to the order of ranks.
func (l *Layout) toRanks(dst, src []float32, n int) {
	for r, s := range l.order {
		copy(dst[r*n:(r+1)*n], src[s*n:(s+1)*n])
	}
}

// toSequences copies rows of width n from the order of ranks to the order of sequences.
func (l *Layout) toSequences(dst, src []float32, n int) {
	for r, s := range l.order {
		copy(dst[s*n:(s+1)*n], src[r*n:(r+1)*n])
	}
}

// rowsByRank lists the rows of each sequence in order.
func (l *Layout) rowsByRank(order []int) [][]int32 {
	out := make([][]int32, len(order))
	all := make([]int32, l.Rows())
	for i, s := range order {
		out[i], all = all[:l.lens[s]:l.lens[s]], all[l.lens[s]:]
		for t := range out[i] {
			out[i][t] = int32(l.Row(s, t))
		}
	}
	return out
}
