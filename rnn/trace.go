package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// trace holds the values of a layer's rows that its backward steps read.
type trace struct {
	gx    []float32 // [rows, gates·hidden] input side: pre-activations, then activations, then their gradients
	gh    []float32 // [rows, gates·hidden] hidden side; nil unless the cell reads it apart or is normalized
	saved []float32 // [rows, saved·hidden] of the cell
	own   []float32 // [rows, own·hidden]: each row's part of the gradient of the cell's own parameter
	state states    // [rows, hidden] after each row
	first states    // before the first step, by rank, [batch, hidden]; nil means zeros
	zeros []float32 // one array of zeros for all ranks, [batch, hidden]

	// Dropout of the states that the recurrent product reads; nil without. drop is each rank's mask, [batch, hidden], the
	// same at every step; kept is the product of the states and the mask, [rows, hidden].
	drop, kept []float32

	norm *normTrace // nil without layer normalization
}

// newTrace allocates a trace for the given numbers of rows and ranks.
func newTrace(mem *Buffers, w weights, rows, ranks int) *trace {
	g, cell := w.width(), w.cell
	tr := &trace{gx: mem.Take(rows * g)}
	for i := range cell.states {
		tr.state[i] = mem.Take(rows * w.hidden)
	}
	tr.zeros = mem.zeros(ranks * w.hidden)
	if cell.apart || w.norm != nil {
		tr.gh = mem.Take(rows * g)
	}
	if w.norm != nil {
		tr.norm = newNormTrace(mem, w, rows)
	}
	if cell.saved > 0 {
		tr.saved = mem.Take(rows * cell.saved * w.hidden)
	}
	if cell.own > 0 {
		tr.own = mem.Take(rows * cell.own * w.hidden)
	}
	return tr
}

// span is the rows that one step computes: rows [at, at+n) of ranks [rank, rank+n). The states before them are in the
// rows from prev on. A negative prev means the first states.
type span struct{ at, n, prev, rank int }

// before returns the states before a span; nil arrays are zeros.
func (tr *trace) before(s span, hidden int) states {
	if s.prev < 0 {
		return tr.first.cut(s.rank*hidden, (s.rank+s.n)*hidden)
	}
	return tr.state.cut(s.prev*hidden, (s.prev+s.n)*hidden)
}

// read returns h, the states before a span, as the recurrent product reads them: after dropout.
func (tr *trace) read(s span, h []float32, hidden int) []float32 {
	if tr.drop == nil || h == nil {
		return h
	}
	kept := tr.kept[s.at*hidden:][:len(h)]
	kernel.Mul(kept, h, tr.drop[s.rank*hidden:][:len(h)])
	return kept
}

// dropRecurrent draws the masks of the recurrent product for a batch if p makes random decisions; p may be nil.
//
// Gal and Ghahramani, A Theoretically Grounded Application of Dropout in Recurrent Neural Networks, 2016.
func (tr *trace) dropRecurrent(p *Pass, rate float64, rows, ranks, hidden int) {
	if p != nil && p.rng != nil && rate > 0 {
		tr.drop, tr.kept = p.mask(ranks*hidden, rate), p.mem.Take(rows*hidden)
	}
}
