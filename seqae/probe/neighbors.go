package probe

import (
	"context"
	"slices"
)

// Neighbor is a vector near to a query.
type Neighbor struct {
	Index    int     // index of the vector
	Distance float64 // 1 − cosine, 0 to 2
}

// block is the number of vectors compared with all others at a time.
const block = 64

// Neighbors returns the k vectors of v nearest to each query, the nearest first; of equally near ones, the earlier
// first. v and queries must have length 1, equal sizes and the same layout, [Dense] or [Sparse]. If skip is not nil, it
// returns the index of a vector of v that is left out for a query, such as the query itself.
func Neighbors(ctx context.Context, v, queries Vectors, k int, skip func(query int) int) ([][]Neighbor, error) {
	n := v.Len()
	cosines := make([]float32, min(block, queries.Len())*n)
	out := make([][]Neighbor, queries.Len())
	for at := 0; at < len(out); at += block {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		part := queries.Slice(at, min(at+block, len(out)))
		v.products(cosines, part)
		for i := range part.Len() {
			own := -1
			if skip != nil {
				own = skip(at + i)
			}
			out[at+i] = nearest(cosines[i*n:][:n], k, own)
		}
	}
	return out, nil
}

// nearest returns the neighbors with the k greatest cosines, without own.
func nearest(cosines []float32, k, own int) []Neighbor {
	var best []Neighbor
	for j, c := range cosines {
		d := 1 - float64(c)
		if j == own || len(best) == k && d >= best[k-1].Distance {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, d, func(n Neighbor, d float64) int {
			if n.Distance <= d {
				return -1
			}
			return 1
		})
		best = slices.Insert(best, at, Neighbor{j, d})
		best = best[:min(k, len(best))]
	}
	return best
}
