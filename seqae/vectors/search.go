package vectors

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
)

// Result is what an index finds for a query.
type Result struct {
	Query     string     `json:"query"`
	Neighbors []Neighbor `json:"neighbors"` // the nearest first, among equals the earlier row; none for a blank query
}

// Neighbor is a row that was found.
type Neighbor struct {
	Row        int     `json:"row"` // from 0
	Text       string  `json:"text"`
	Similarity float32 `json:"similarity"` // the cosine of the vectors, whatever their lengths: -1 to 1
}

// SearchOptions says how an index is searched. Nil means the defaults.
type SearchOptions struct {
	K      int  // neighbors of each query; 0 = 10
	Exact  bool // compare with every row, in an approximate index too
	Probes int  // cells that a search of an approximate index looks into; 0 = as many as it was measured with
	Batch  int  // queries that are answered together; 0 = 256

	// MaxWait is how long a batch that is not full waits for more queries; 0 = until it is full. See [corpora.Batches].
	MaxWait time.Duration
}

// Validate reports every option that is out of range.
func (o *SearchOptions) Validate() error {
	if o == nil {
		return nil
	}
	var errs []error
	for _, f := range []struct {
		name  string
		value int
	}{{"k", o.K}, {"probes", o.Probes}, {"batch", o.Batch}} {
		if f.value < 0 {
			errs = append(errs, fmt.Errorf("vectors: %s is %d: want at least 1, or 0 for the default", f.name, f.value))
		}
	}
	if o.Exact && o.Probes > 0 {
		errs = append(errs, errors.New("vectors: an exact search has no probes: want one or the other"))
	}
	return errors.Join(errs...)
}

func (o *SearchOptions) resolved() SearchOptions {
	if o == nil {
		o = &SearchOptions{}
	}
	return SearchOptions{K: cmp.Or(o.K, 10), Exact: o.Exact, Probes: o.Probes, Batch: cmp.Or(o.Batch, 256), MaxWait: o.MaxWait}
}

// Search yields what the index finds for each query, in order. It reads a batch of queries at a time; what it finds for
// one does not depend on the others. An error about one query stands in its place; see [corpora.IsLineError].
func (x *Index) Search(ctx context.Context, queries iter.Seq2[Row, error], opts *SearchOptions) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		if err := opts.Validate(); err != nil {
			yield(Result{}, err)
			return
		}
		o := opts.resolved()
		if x.cells == nil && o.Probes > 0 {
			yield(Result{}, errors.New("vectors: the index is exact: want no probes"))
			return
		}
		for batch, err := range corpora.Batches(ctx, x.checked(queries), o.Batch, o.MaxWait) {
			if err != nil {
				if !yield(Result{}, err) {
					return
				}
				continue
			}
			asked := &Matrix{Width: x.rows.Width}
			for _, q := range batch {
				asked.add(q.Text, q.Vector)
			}
			results, err := x.search(ctx, asked, o)
			if err != nil {
				yield(Result{}, err)
				return
			}
			for _, r := range results {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// checked passes on the queries whose vectors the index can compare.
func (x *Index) checked(queries iter.Seq2[Row, error]) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		n := 0
		for q, err := range queries {
			n++
			if err == nil {
				if err = checkVector(q.Vector, x.rows.Width); err != nil {
					err = corpora.LineError(fmt.Errorf("vectors: query %d: %w", n, err))
				}
			}
			if !yield(q, err) {
				return
			}
		}
	}
}

// search answers a batch of queries.
func (x *Index) search(ctx context.Context, queries *Matrix, o SearchOptions) ([]Result, error) {
	results := make([]Result, queries.Rows())
	for i, text := range queries.Texts {
		results[i] = Result{Query: text, Neighbors: []Neighbor{}}
	}
	unit, asked := queries.unit()
	if len(asked) == 0 {
		return results, nil
	}
	var found [][]hit
	if x.cells == nil || o.Exact {
		var err error
		if found, err = nearest(ctx, x.rows.Data, x.rows.Rows(), pack(unit.Data, unit.Width), o.K); err != nil {
			return nil, err
		}
	} else {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		found = make([][]hit, len(asked))
		probes := min(cmp.Or(o.Probes, x.cells.Probes), x.cells.Cells)
		kernel.Tasks(len(asked), func(i int) { found[i] = x.probe(unit.Vector(i), o.K, probes) })
	}
	for i, q := range asked {
		for _, h := range found[i] {
			results[q].Neighbors = append(results[q].Neighbors, Neighbor{x.numbers[h.row], x.rows.Texts[h.row], max(-1, min(1, h.similarity))})
		}
		slices.SortStableFunc(results[q].Neighbors, func(a, b Neighbor) int { // the cells may have turned equals round
			return compareHits(hit{a.Row, a.Similarity}, hit{b.Row, b.Similarity})
		})
	}
	return results, nil
}
