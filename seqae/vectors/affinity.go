package vectors

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
)

// edge is the affinity of a point to another point.
type edge struct {
	to int32
	p  float32
}

// affinities returns the edges of each point to near points, in ascending order. The affinity of i and j is
// (p(j|i) + p(i|j)) / 2n, where p(·|i) is a Gaussian over the squared distances of i's nearest points. The perplexity
// sets its width.
func affinities(ctx context.Context, unit *Matrix, perplexity float64, watch func(done, total int)) ([][]edge, error) {
	n := unit.Rows()
	k := min(n-1, int(3*perplexity)+1)
	ahead := make([][]edge, n)
	const batch = 512
	for lo := 0; lo < n; lo += batch {
		watch(lo, n)
		hi := min(n, lo+batch)
		found, err := nearest(ctx, unit.Data, n, pack(unit.Data[lo*unit.Width:hi*unit.Width], unit.Width), k+1)
		if err != nil {
			return nil, err
		}
		kernel.Tasks(len(found), func(i int) {
			hits := slices.DeleteFunc(found[i], func(h hit) bool { return h.row == lo+i })[:k]
			ahead[lo+i] = gaussian(hits, perplexity)
			slices.SortFunc(ahead[lo+i], func(a, b edge) int { return cmp.Compare(a.to, b.to) })
		})
	}
	return mutual(ahead), nil
}

// mutual returns the mean of edges and their reverse, divided by the number of points. A point's edges are in ascending
// order.
func mutual(ahead [][]edge) [][]edge {
	back := make([][]edge, len(ahead))
	sizes := make([]int, len(ahead))
	for _, out := range ahead {
		for _, e := range out {
			sizes[e.to]++
		}
	}
	for i, size := range sizes {
		back[i] = make([]edge, 0, size)
	}
	for i, out := range ahead {
		for _, e := range out {
			back[e.to] = append(back[e.to], edge{int32(i), e.p})
		}
	}
	share := float32(1 / (2 * float64(len(ahead))))
	edges := make([][]edge, len(ahead))
	kernel.Tasks(len(ahead), func(i int) {
		a, b := ahead[i], back[i]
		sum := make([]edge, 0, len(a)+len(b))
		for len(a) > 0 || len(b) > 0 {
			switch {
			case len(b) == 0 || len(a) > 0 && a[0].to < b[0].to:
				sum = append(sum, edge{a[0].to, share * a[0].p})
				a = a[1:]
			case len(a) == 0 || b[0].to < a[0].to:
				sum = append(sum, edge{b[0].to, share * b[0].p})
				b = b[1:]
			default:
				sum = append(sum, edge{a[0].to, share * (a[0].p + b[0].p)})
				a, b = a[1:], b[1:]
			}
		}
		edges[i] = slices.Clip(sum)
	})
	return edges
}

// gaussian returns the probabilities of a point's neighbors. Their entropy is log(perplexity).
func gaussian(hits []hit, perplexity float64) []edge {
	probabilities := make([]float64, len(hits))
	nearest := 2 - 2*float64(hits[0].similarity)
	low, high, precision := 0.0, math.Inf(1), 1.0
	for range 64 { // equal distances: no precision lowers the entropy
		var sum, weighted float64
		for i, h := range hits {
			d := 2 - 2*float64(h.similarity) - nearest
			p := math.Exp(-precision * d)
			probabilities[i] = p
			sum += p
			weighted += p * d
		}
		for i := range probabilities {
			probabilities[i] /= sum
		}
		entropy := math.Log(sum) + precision*weighted/sum
		diff := entropy - math.Log(perplexity)
		if math.Abs(diff) < 1e-5 {
			break
		}
		if diff > 0 {
			low = precision
		} else {
			high = precision
		}
		if math.IsInf(high, 1) {
			precision *= 2
		} else {
			precision = (low + high) / 2
		}
	}
	out := make([]edge, len(hits))
	for i, h := range hits {
		out[i] = edge{int32(h.row), float32(probabilities[i])}
	}
	return out
}
