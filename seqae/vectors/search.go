package vectors

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/setting"
)

// Result is the answer to a query.
type Result struct {
	Query     string     `json:"query"`     // text of the query
	Neighbors []Neighbor `json:"neighbors"` // rows found, the nearest first, of equally near ones the earlier first; none for a blank query
}

// Neighbor is a row found for a query.
type Neighbor struct {
	Row        int     `json:"row"`        // number of the row, from 0
	Text       string  `json:"text"`       // text of the row
	Similarity float32 `json:"similarity"` // cosine of the vectors, -1 to 1
}

// SearchOptions say how an index is searched. The zero value and a nil pointer mean the defaults.
type SearchOptions struct {
	K      int  // number of neighbors per query; 0 means 10
	Exact  bool // compare every row, even in an approximate index
	Probes int  // approximate index: number of cells to search; 0 means the number in its Approximation
	Batch  int  // number of queries answered together; 0 means 256. It does not change results.

	// MaxWait limits the time that a batch waits for more queries; 0 means until it is full. See [corpora.Batches].
	MaxWait time.Duration
}

// Validate returns [Violations], or nil.
func (o *SearchOptions) Validate() error {
	if o == nil {
		return nil
	}
	var v setting.Check
	v.AtLeast("k", o.K, 0)
	v.AtLeast("probes", o.Probes, 0)
	if o.Exact && o.Probes > 0 {
		v.Add("probes", "%d with exact: want one or the other", o.Probes)
	}
	v.AtLeast("batch", o.Batch, 0)
	return v.Err()
}

func (o *SearchOptions) resolved() SearchOptions {
	if o == nil {
		o = &SearchOptions{}
	}
	return SearchOptions{K: cmp.Or(o.K, 10), Exact: o.Exact, Probes: o.Probes, Batch: cmp.Or(o.Batch, 256), MaxWait: o.MaxWait}
}

// Search yields the nearest rows of each query, in the order of the queries. It reads a batch of queries at a time. A
// query's result does not depend on the others. An error about one query takes its place; see [corpora.IsLineError].
func (x *Index) Search(ctx context.Context, queries iter.Seq2[Row, error], opts *SearchOptions) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		if err := opts.Validate(); err != nil {
			yield(Result{}, fmt.Errorf("vectors: search options: %w", err))
			return
		}
		o := opts.resolved()
		if x.cells == nil && o.Probes > 0 {
			yield(Result{}, fmt.Errorf("vectors: search options: probes: %d for an exact index: want 0", o.Probes))
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

// checked yields an error in place of each query whose vector does not fit the index.
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
		slices.SortStableFunc(results[q].Neighbors, func(a, b Neighbor) int { // cells may reorder equally near rows
			return compareHits(hit{a.Row, a.Similarity}, hit{b.Row, b.Similarity})
		})
	}
	return results, nil
}
