package vectors

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
)

// Approximation describes an approximate index: the part that a search compares, and its recall.
type Approximation struct {
	Cells   int     `json:"cells"`   // number of cells that hold the rows
	Probes  int     `json:"probes"`  // number of cells that a search compares
	Recall  float64 `json:"recall"`  // share of the 10 nearest rows that a search finds, 0 to 1
	Samples int     `json:"samples"` // number of rows that measured the recall
}

// recallAt is the number of nearest rows over which recall is measured.
const recallAt = 10

// cells is the division of an index's rows.
type cells struct {
	Approximation
	centers []float32 // [Cells, width], each of length 1
	starts  []int     // [Cells+1]: cell i holds rows starts[i] to starts[i+1]
}

// divide divides the rows into cells and sorts them by cell, keeping their order within a cell.
func (x *Index) divide(ctx context.Context, count int, rng *rand.Rand) error {
	n, width := x.rows.Rows(), x.rows.Width
	if count == 0 {
		count = int(math.Round(math.Sqrt(float64(n))))
	}
	count = min(count, n)
	// A few hundred rows per cell and a few rounds suffice to place the centers.
	const perCell, rounds = 256, 10
	sample := x.rows.Data
	if n > perCell*count {
		sample = nil
		for _, i := range choose(n, perCell*count, rng) {
			sample = append(sample, x.rows.Vector(i)...)
		}
	}
	m, err := kmeans(ctx, sample, width, count, 1, rounds, rng)
	if err != nil {
		return err
	}
	m.of = make([]int, n)
	if _, err := m.assign(ctx, x.rows.Data, width); err != nil {
		return err
	}
	c := &cells{centers: m.centers, starts: make([]int, count+1), Approximation: Approximation{Cells: count}}
	for _, cell := range m.of {
		c.starts[cell+1]++
	}
	for i := range count {
		c.starts[i+1] += c.starts[i]
	}
	order := make([]int, n)
	next := slices.Clone(c.starts)
	for i, cell := range m.of {
		order[next[cell]] = i
		next[cell]++
	}
	sorted, numbers := Matrix{Width: width, Data: make([]float32, 0, n*width)}, make([]int, 0, n)
	for _, i := range order {
		sorted.add(x.rows.Texts[i], x.rows.Vector(i))
		numbers = append(numbers, x.numbers[i])
	}
	x.rows, x.numbers, x.cells = sorted, numbers, c
	return nil
}

// choose draws k of the numbers 0 to n-1 and returns them in ascending order.
func choose(n, k int, rng *rand.Rand) []int {
	chosen := rng.Perm(n)[:min(n, k)]
	slices.Sort(chosen)
	return chosen
}

// measure sets the smallest number of probes with which searches for sample rows reach the recall target. A found row
// counts if it is as near as the last of the row's recallAt true neighbors.
func (x *Index) measure(ctx context.Context, target float64, rng *rand.Rand) error {
	const samples = 200
	chosen := choose(x.rows.Rows(), samples, rng)
	var queries []float32
	for _, i := range chosen {
		queries = append(queries, x.rows.Vector(i)...)
	}
	const (
		k        = recallAt + 1 // a row finds itself too
		rounding = 1e-6
	)
	want, err := nearest(ctx, x.rows.Data, x.rows.Rows(), pack(queries, x.rows.Width), k)
	if err != nil {
		return err
	}
	c := x.cells
	c.Samples = len(chosen)
	for c.Probes = 1; ; c.Probes = min(c.Cells, c.Probes+max(1, c.Probes/4)) {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		found := make([]int, len(chosen))
		kernel.Tasks(len(chosen), func(q int) {
			others := without(chosen[q], want[q])
			for _, h := range without(chosen[q], x.probe(x.rows.Vector(chosen[q]), k, c.Probes)) {
				if h.similarity >= others[len(others)-1].similarity-rounding {
					found[q]++
				}
			}
		})
		hits, all := 0, 0
		for q, n := range found {
			hits += n
			all += len(without(chosen[q], want[q]))
		}
		c.Recall = 1 // an index of one row misses nothing
		if all > 0 {
			c.Recall = float64(hits) / float64(all)
		}
		if c.Recall >= target || c.Probes == c.Cells {
			return nil
		}
	}
}

// without returns the first recallAt hits other than the row itself.
func without(row int, hits []hit) []hit {
	others := slices.DeleteFunc(slices.Clone(hits), func(h hit) bool { return h.row == row })
	return others[:min(len(others), recallAt)]
}

// probe returns the k rows nearest to a unit vector among the rows of the nearest cells. Similarities may differ in
// the last bits from those of exact search, because sums run in another order.
func (x *Index) probe(query []float32, k, probes int) []hit {
	into := func(b *best, rows []float32, lo, hi int) {
		for i := lo; i < hi; i++ {
			if s := kernel.Dot(query, rows[i*len(query):][:len(query)]); !b.full(s) {
				b.offer(hit{i, s})
			}
		}
	}
	near, found := best{k: probes}, best{k: k}
	into(&near, x.cells.centers, 0, x.cells.Cells)
	for _, cell := range near.sorted() {
		into(&found, x.rows.Data, x.cells.starts[cell.row], x.cells.starts[cell.row+1])
	}
	return found.sorted()
}
