package rnn

import (
	"cmp"
	"fmt"

	"github.com/retell-rnn/retell/internal/setting"
)

// Cell names a kind of recurrent unit. Empty means [LSTM].
type Cell string

const (
	// LSTM is the long short-term memory (Hochreiter and Schmidhuber 1997) with a forget gate (Gers et al. 1999).
	LSTM Cell = "lstm"

	// GRU is the gated recurrent unit (Cho et al. 2014). Its reset gate acts after the recurrent product.
	GRU Cell = "gru"

	// MGU is the minimal gated unit (Zhou et al. 2016): a GRU with one gate and two thirds of the weights.
	MGU Cell = "mgu"

	// Peephole is an LSTM whose gates also read its memory c (Gers, Schraudolph and Schmidhuber 2002).
	Peephole Cell = "peephole"
)

// cells is the table of all kinds.
var cells = [...]struct {
	kind Cell
	make func() *cell
}{
	{LSTM, newLSTM},
	{GRU, newGRU},
	{MGU, newMGU},
	{Peephole, newPeephole},
}

// Cells returns all kinds of cell.
func Cells() []Cell {
	all := make([]Cell, len(cells))
	for i, c := range cells {
		all[i] = c.kind
	}
	return all
}

// MarshalText implements [encoding.TextMarshaler]. A kind outside [Cells] is an error.
func (c Cell) MarshalText() ([]byte, error) { return setting.Marshal(c, Cells()...) }

// UnmarshalText implements [encoding.TextUnmarshaler]. A text outside [Cells] is an error.
func (c *Cell) UnmarshalText(text []byte) error { return setting.Unmarshal(c, text, Cells()...) }

// check returns the kind, or the default for an empty one.
func (c Cell) check() (Cell, error) {
	c = cmp.Or(c, LSTM)
	if err := setting.OneOf(c, Cells()...); err != nil {
		return c, fmt.Errorf("cell %w", err)
	}
	return c, nil
}

// cell returns the kind's cell, or nil for an unknown kind.
func (c Cell) cell() *cell {
	c = cmp.Or(c, LSTM)
	for _, known := range cells {
		if known.kind == c {
			return known.make()
		}
	}
	return nil
}

// cell defines a kind of recurrent unit: its sizes, and its arithmetic between pre-activations and states. A [unit]
// computes the products W x and U h, which are the same for all cells.
type cell struct {
	gates  int   // pre-activations per hidden unit
	groups []int // numbers of gates that layer normalization normalizes together; their sum is gates
	forget int   // index of the gate whose bias starts at Inits.ForgetBias; -1 means none
	apart  bool  // the cell reads W x + b and U h + b' separately, not as a sum
	direct bool  // h' also depends on h outside the product U h

	states int // arrays of a state: 1 (h) or 2 (h and c)
	saved  int // numbers per hidden unit that forward saves for backward, besides the states

	// own and ownName describe a parameter of the cell in addition to weights and biases, [own·hidden]; 0 means none.
	own     int
	ownName string

	// normMemory: layer normalization also normalizes c, by cellRows.norm, before the output reads it.
	normMemory bool

	// forward activates the gates of some rows and sets saved and after.
	forward func(r cellRows)
	// backward overwrites the gates with the gradients of the pre-activations, and grad with the gradient of before. It
	// leaves out the path of h through U h, which the unit adds.
	backward func(r cellRows)
}

// maxStates is the largest number of arrays in a state.
const maxStates = 2

// states are the arrays of a state, h and c, [n, hidden] each. Arrays that a cell lacks are nil.
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

// cellRows are the rows that a cell computes at once. They do not depend on each other.
type cellRows struct {
	n, hidden int
	gx        []float32 // [n, gates·hidden]: W x + b, plus U h + b' unless the cell is apart
	gh        []float32 // [n, gates·hidden]: U h + b' if the cell is apart; scratch under layer normalization; otherwise nil
	saved     []float32 // [n, saved·hidden]

	before, after states // the cell's arrays of before are never nil
	grad          states // backward: the gradient of after, then of before

	own     []float32 // [own·hidden]: the cell's own parameter
	ownGrad []float32 // [n, own·hidden]: backward sets each row's part of the parameter's gradient

	norm *memoryNorm // nil without layer normalization
	at   int         // row of norm that holds the first row
}
