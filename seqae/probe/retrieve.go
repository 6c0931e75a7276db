package probe

import (
	"context"
	"fmt"
	"slices"
)

// Retrieval measures how near the partners of lines are.
type Retrieval struct {
	Pairs    int     `json:"pairs"`     // number of pairs
	Recall1  float64 `json:"recall_1"`  // share of lines whose partner is the nearest of all partners by cosine, 0 to 1
	Recall5  float64 `json:"recall_5"`  // share of lines whose partner is among the 5 nearest, 0 to 1
	Recall10 float64 `json:"recall_10"` // share of lines whose partner is among the 10 nearest, 0 to 1
	MRR      float64 `json:"mrr"`       // mean reciprocal rank of the partner, 0 to 1
}

// block is the number of vectors compared with all others at a time.
const block = 64

// Retrieve ranks all partners by their cosine with lines[i] and finds the rank of partners[i]. A different partner that
// is equally near ranks before it.
func Retrieve(ctx context.Context, e Embedder, lines, partners []string) (Retrieval, error) {
	n := len(lines)
	r := Retrieval{Pairs: n}
	if n != len(partners) || n < 2 {
		return r, fmt.Errorf("probe: %d lines and %d partners: want equal numbers, and at least 2", n, len(partners))
	}
	v, err := embed(ctx, e, slices.Concat(lines, partners))
	if err != nil {
		return r, err
	}
	v = v.Unit()
	of, among := v.Slice(0, n), v.Slice(n, 2*n)
	ranks := make([]int, n)
	cosines := make([]float32, min(block, n)*n)
	for at := 0; at < n; at += block {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		part := of.Slice(at, min(at+block, n))
		among.products(cosines, part)
		for i := range part.Len() {
			row, own := cosines[i*n:][:n], at+i
			ranks[own] = 1
			for j, c := range row {
				if c >= row[own] && partners[j] != partners[own] {
					ranks[own]++
				}
			}
		}
	}
	within := func(limit int) float64 {
		found := 0
		for _, rank := range ranks {
			if rank <= limit {
				found++
			}
		}
		return float64(found) / float64(n)
	}
	r.Recall1, r.Recall5, r.Recall10 = within(1), within(5), within(10)
	for _, rank := range ranks {
		r.MRR += 1 / float64(rank)
	}
	r.MRR /= float64(n)
	return r, nil
}
