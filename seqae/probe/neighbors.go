package probe

import (
	"context"
	"slices"
)

// Neighbor is a vector and its distance, 1 less the cosine.
type Neighbor struct {
	Index    int
	Distance float64
}

// Neighbors returns, for each of the queries, the k vectors of v that are nearest to it, the nearest first, of equally
// near ones the first. Both are of unit length, of the same layout and size. skip, unless nil, is the index in v of a
// query's own vector.
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

// nearest returns the k greatest cosines but that of own.
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
