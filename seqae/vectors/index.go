package vectors

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
)

// Index finds the nearest rows of any vector, by the cosine. It is immutable and may be searched by many goroutines at
// once.
//
// An exact index multiplies a query with every row. An approximate one (an inverted file) has divided the rows into
// cells by k-means and looks only into the few cells whose centers are nearest to the query; how many, is found as it
// is built, by comparing with the exact search. Jégou, Douze and Schmid, Product Quantization for Nearest Neighbor
// Search, 2011.
type Index struct {
	rows    Matrix // of length 1, cell by cell; blank rows are left out
	numbers []int  // of the rows, from 0, in what the index was built of
	cells   *cells // nil in an exact index
}

// IndexOptions says how an index is built. Nil means the defaults: an exact one.
type IndexOptions struct {
	Approximate bool
	Cells       int     // 0 = the square root of the number of rows
	Recall      float64 // the least that a search is to find of the 10 nearest rows, as measured; 0 = 0.95
	Seed        uint64  // of the k-means and the samples
}

// Validate reports every option that is out of range.
func (o *IndexOptions) Validate() error {
	if o == nil {
		return nil
	}
	var errs []error
	if o.Cells < 0 {
		errs = append(errs, fmt.Errorf("vectors: cells is %d: want at least 1, or 0 for the default", o.Cells))
	}
	if !(o.Recall >= 0 && o.Recall <= 1) {
		errs = append(errs, fmt.Errorf("vectors: recall is %v: want 0 to 1", o.Recall))
	}
	if !o.Approximate && (o.Cells != 0 || o.Recall != 0) {
		errs = append(errs, errors.New("vectors: cells and recall are of an approximate index: want it approximate"))
	}
	return errors.Join(errs...)
}

// NewIndex builds an index of rows, of which at least one is not blank.
func NewIndex(ctx context.Context, m *Matrix, opts *IndexOptions) (*Index, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
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

// Rows returns how many rows can be found; blank ones cannot.
func (x *Index) Rows() int { return x.rows.Rows() }

// Width returns the length of the vectors.
func (x *Index) Width() int { return x.rows.Width }

// Approximation says how the index searches, or is nil for an exact one.
func (x *Index) Approximation() *Approximation {
	if x.cells == nil {
		return nil
	}
	a := x.cells.Approximation
	return &a
}
