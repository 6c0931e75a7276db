package vectors

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/retell-rnn/retell/internal/kernel"
)

// means is a division of unit vectors: the centers of the parts and the part of each vector.
type means struct {
	centers []float32 // [k, width], each of length 1
	of      []int     // [n]: part of each vector
	fit     float64   // mean cosine between a vector and its center
}

// kmeans divides unit vectors, [n, width], into k parts by their directions. It runs the given number of starts and
// returns the division with the best fit.
//
// Spherical k-means: Dhillon and Modha, Concept Decompositions for Large Sparse Text Data using Clustering, 2001.
// Starts: Arthur and Vassilvitskii, k-means++: The Advantages of Careful Seeding, 2007.
func kmeans(ctx context.Context, unit []float32, width, k, starts, iterations int, rng *rand.Rand) (*means, error) {
	var found *means
	for range starts {
		m := &means{of: make([]int, len(unit)/width)}
		var err error
		if m.centers, err = plusplus(ctx, unit, width, k, rng); err != nil {
			return nil, err
		}
		for range iterations {
			before := m.fit
			far, err := m.assign(ctx, unit, width)
			if err != nil {
				return nil, err
			}
			if m.fit <= before+1e-6 {
				break
			}
			m.center(unit, width, far)
		}
		if _, err := m.assign(ctx, unit, width); err != nil {
			return nil, err
		}
		if found == nil || m.fit > found.fit {
			found = m
		}
	}
	return found, nil
}

// plusplus draws k of the vectors as centers, each with a probability proportional to its squared distance from the
// nearest center so far.
func plusplus(ctx context.Context, unit []float32, width, k int, rng *rand.Rand) ([]float32, error) {
	n := len(unit) / width
	distance := make([]float64, n)
	for i := range distance {
		distance[i] = 1
	}
	centers := make([]float32, 0, k*width)
	for len(centers) < k*width {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		center := unit[pick(distance, rng)*width:][:width]
		first := len(centers) == 0
		centers = append(centers, center...)
		kernel.Parallel(n, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				d := max(0, 2-2*float64(kernel.Dot(center, unit[i*width:][:width])))
				if first || d < distance[i] {
					distance[i] = d
				}
			}
		})
	}
	return centers, nil
}

// pick draws an index with a probability proportional to its weight. If all weights are 0, all are equally probable.
func pick(weights []float64, rng *rand.Rand) int {
	var sum float64
	for _, w := range weights {
		sum += w
	}
	if sum == 0 {
		return rng.IntN(len(weights))
	}
	at := rng.Float64() * sum
	last := 0
	for i, w := range weights {
		if w > 0 {
			if last = i; at < w {
				break
			}
		}
		at -= w
	}
	return last
}

// assign sets each vector's part to that of the nearest center. It returns the vector farthest from its own center.
func (m *means) assign(ctx context.Context, unit []float32, width int) (far int, err error) {
	cosines := make([]float32, len(m.of))
	err = scanAll(ctx, unit, len(m.of), pack(m.centers, width), func() (func(int, []float32), func()) {
		k := len(m.centers) / width
		return func(first int, c []float32) {
			for i := range len(c) / k {
				row := c[i*k:][:k]
				m.of[first+i] = kernel.ArgMax(row)
				cosines[first+i] = row[m.of[first+i]]
			}
		}, func() {}
	})
	if err != nil {
		return 0, err
	}
	m.fit = kernel.Sum(cosines) / float64(len(cosines))
	for i, c := range cosines {
		if c < cosines[far] {
			far = i
		}
	}
	return far, nil
}

// center moves every center to the mean of its vectors. A center without vectors moves to the vector far.
func (m *means) center(unit []float32, width, far int) {
	sums := make([]float64, len(m.centers))
	kernel.Parallel(width, func(lo, hi int) { // split by columns, so that every sum runs in the order of the rows
		for i, c := range m.of {
			to := sums[c*width:][lo:hi]
			for j, x := range unit[i*width:][lo:hi] {
				to[j] += float64(x)
			}
		}
	})
	for c := range len(m.centers) / width {
		sum, center := sums[c*width:][:width], m.centers[c*width:][:width]
		var norm float64
		for _, x := range sum {
			norm += x * x
		}
		if norm = math.Sqrt(norm); norm == 0 {
			copy(center, unit[far*width:][:width])
			continue
		}
		for j, x := range sum {
			center[j] = float32(x / norm)
		}
	}
}

// silhouette returns the mean silhouette of the vectors, −1 to 1:
//
//	(b − a) / max(a, b)
//
// a is the mean distance, 1 − cosine, to the other vectors of the same part, and b that to the vectors of the nearest
// other part. A vector alone in its part counts 0. The mean of such distances to a part equals the distance to its mean
// vector, so the result is exact.
//
// Rousseeuw, Silhouettes: a Graphical Aid to the Interpretation and Validation of Cluster Analysis, 1987.
func (m *means) silhouette(ctx context.Context, unit []float32, width int) (float64, error) {
	k := len(m.centers) / width
	sums, sizes := make([]float64, len(m.centers)), make([]float64, k)
	for i, c := range m.of {
		sizes[c]++
		to := sums[c*width:][:width]
		for j, x := range unit[i*width:][:width] {
			to[j] += float64(x)
		}
	}
	averages := make([]float32, len(sums))
	for i, s := range sums {
		if n := sizes[i/width]; n > 0 {
			averages[i] = float32(s / n)
		}
	}
	each := make([]float64, len(m.of))
	err := scanAll(ctx, unit, len(m.of), pack(averages, width), func() (func(int, []float32), func()) {
		return func(first int, c []float32) {
			for i := range len(c) / k {
				own := m.of[first+i]
				each[first+i] = silhouetteOf(c[i*k:][:k], own, sizes)
			}
		}, func() {}
	})
	var sum float64
	for _, s := range each {
		sum += s
	}
	return sum / float64(len(each)), err
}

// silhouetteOf returns the silhouette of a vector from its products with the mean vectors of all parts.
func silhouetteOf(products []float32, own int, sizes []float64) float64 {
	n := sizes[own]
	if n < 2 {
		return 0
	}
	a := max(0, 1-(n*float64(products[own])-1)/(n-1))
	b := math.Inf(1)
	for c, s := range products {
		if c != own && sizes[c] > 0 {
			b = min(b, max(0, 1-float64(s)))
		}
	}
	if math.IsInf(b, 1) || a == 0 && b == 0 {
		return 0
	}
	return (b - a) / max(a, b)
}
