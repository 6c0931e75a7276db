package rnn

import (
	"cmp"
	"fmt"

	"github.com/retell-rnn/retell/internal/setting"
)

// Cell is the kind of a recurrent unit. Empty means [LSTM].
type Cell string

const (
	// LSTM is the long short-term memory (Hochreiter and Schmidhuber 1997) with a forget gate (Gers et al. 1999).
	LSTM Cell = "lstm"

	// GRU is the gated recurrent unit (Cho et al. 2014), its reset gate applied after the recurrent product.
	GRU Cell = "gru"

	// MGU is the minimal gated unit (Zhou et al. 2016): a GRU with one gate, of two thirds of its weights.
	MGU Cell = "mgu"
)

// cells is the table of all kinds.
var cells = [...]struct {
	kind Cell
	make func() *cell
}{
	{LSTM, newLSTM},
	{GRU, newGRU},
	{MGU, newMGU},
}

// Cells returns all kinds.
func Cells() []Cell {
	all := make([]Cell, len(cells))
	for i, c := range cells {
		all[i] = c.kind
	}
	return all
}

// MarshalText implements [encoding.TextMarshaler]. A kind that is none of [Cells] is an error.
func (c Cell) MarshalText() ([]byte, error) { return setting.Marshal(c, Cells()...) }

// UnmarshalText implements [encoding.TextUnmarshaler]. A text that is none of [Cells] is an error.
func (c *Cell) UnmarshalText(text []byte) error { return setting.Unmarshal(c, text, Cells()...) }

// check returns the kind, the default in place of an empty one.
func (c Cell) check() (Cell, error) {
	c = cmp.Or(c, LSTM)
	if err := setting.OneOf(c, Cells()...); err != nil {
		return c, fmt.Errorf("cell %w", err)
	}
	return c, nil
}

// cell returns the kind's cell; nil if there is none.
func (c Cell) cell() *cell {
	c = cmp.Or(c, LSTM)
	for _, known := range cells {
		if known.kind == c {
			return known.make()
		}
	}
	return nil
}

// cell is what a kind of recurrent unit is to the package: its sizes, and its arithmetic between pre-activations and
// states. The products W x and U h are a [unit]'s, and the same for all cells.
type cell struct {
	gates  int   // pre-activations of a hidden unit
	groups []int // the gates that layer normalization takes together; their sum is gates
	forget int   // the gate whose bias starts at Inits.ForgetBias; -1 without
	apart  bool  // the cell reads U h + b' apart from W x + b, not their sum
	direct bool  // h passes to h' beside the product U h, too

	states int // arrays of a state: 1 (h) or 2 (h and c)
	saved  int // numbers of a hidden unit that forward saves for backward, beside the states

	// normMemory: layer normalization also normalizes c before the output reads it, by cellRows.norm.
	normMemory bool

	// forward activates the gates of some rows and sets saved and after.
	forward func(r cellRows)
	// backward replaces the gates by the gradients of the pre-activations and grad by the gradient of before. The path
	// of h through U h is left to the caller.
	backward func(r cellRows)
}

// maxStates is the most arrays of a state.
const maxStates = 2

// states are the arrays of a state, h and c, [n, hidden] each. Those that a cell lacks are nil.
type states [maxStates][]float32

// cut returns the elements [from, to) of each array.
func (s states) cut(from, to int) states {
	for i, x := range s {
		if x != nil {
			s[i] = x[from:to]
		}
	}
	return s
}

// cellRows are the rows that a cell computes at once. They need nothing of each other.
type cellRows struct {
	n, hidden int
	gx        []float32 // [n, gates·hidden]: W x + b, plus U h + b' unless the cell is apart
	gh        []float32 // [n, gates·hidden]: U h + b' if the cell is apart; else free memory, under layer normalization
	saved     []float32 // [n, saved·hidden]

	before, after states // before is never nil
	grad          states // backward: comes as the gradient of after

	norm *memoryNorm // nil without layer normalization
	at   int         // the first row's place in norm
}
