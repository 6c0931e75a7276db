package vectors

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/retell-rnn/retell/internal/setting"
)

// Index finds the rows nearest to a vector by the cosine. It is immutable and safe for concurrent use.
//
// An exact index multiplies a query with every row. An approximate index is an inverted file: k-means divides the rows
// into cells, and a search compares only the rows of the cells whose centers are nearest to the query. The number of
// those cells is chosen while the index is built, by comparison with exact search. Jégou, Douze and Schmid, Product
// Quantization for Nearest Neighbor Search, 2011.
type Index struct {
	rows    Matrix // vectors of length 1, sorted by cell, without blank rows
	numbers []int  // number of each row in the matrix that the index was built from, from 0
	cells   *cells // nil in an exact index
}

// IndexOptions say how an index is built. The zero value and a nil pointer mean an exact one.
type IndexOptions struct {
	Approximate bool    // build an approximate index
	Cells       int     // approximate index: number of cells; 0 means the square root of the number of rows
	Recall      float64 // approximate index: minimum measured share of the 10 nearest rows to find, 0 to 1; 0 means 0.95
	Seed        uint64  // seed of k-means and of the rows that measure recall
}

// Validate returns [Violations], or nil.
func (o *IndexOptions) Validate() error {
	if o == nil {
		return nil
	}
	var v setting.Check
	v.AtLeast("cells", o.Cells, 0)
	v.Within("recall", o.Recall, 0, 1)
	if !o.Approximate && o.Cells > 0 {
		v.Add("cells", "%d of an exact index: want an approximate one", o.Cells)
	}
	if !o.Approximate && o.Recall > 0 {
		v.Add("recall", "%v of an exact index: want an approximate one", o.Recall)
	}
	return v.Err()
}

// NewIndex builds an index of rows, at least one of which is not blank.
func NewIndex(ctx context.Context, m *Matrix, opts *IndexOptions) (*Index, error) {
	if err := opts.Validate(); err != nil {
		return nil, fmt.Errorf("vectors: index options: %w", err)
	}
	unit, numbers := m.unit()
	x := &Index{rows: *unit, numbers: numbers}
	if len(x.numbers) == 0 {
		return nil, errors.New("vectors: all rows are blank: want at least one vector that is not all zeros")
	}
	if opts == nil || !opts.Approximate {
		return x, nil
	}
	rng := rand.New(rand.NewPCG(opts.Seed, 0x1d8e))
	if err := x.divide(ctx, opts.Cells, rng); err != nil {
		return nil, err
	}
	target := opts.Recall
	if target == 0 {
		target = 0.95
	}
	return x, x.measure(ctx, target, rng)
}

// Rows returns the number of rows, without blank ones.
func (x *Index) Rows() int { return x.rows.Rows() }

// Width returns the length of the vectors.
func (x *Index) Width() int { return x.rows.Width }

// Approximation describes an approximate index. It returns nil for an exact one.
func (x *Index) Approximation() *Approximation {
	if x.cells == nil {
		return nil
	}
	a := x.cells.Approximation
	return &a
}
