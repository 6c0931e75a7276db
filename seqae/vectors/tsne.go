package vectors

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/spatial/barneshut"
	"gonum.org/v1/gonum/spatial/r2"

	"github.com/retell-rnn/retell/internal/kernel"
)

// tsne places unit vectors in the plane so that neighbors stay neighbors, by Barnes-Hut t-SNE: van der Maaten,
// Accelerating t-SNE using Tree-Based Algorithms, 2014.
//
// The points begin at the principal components: Kobak and Berens, The art of using t-SNE for single-cell
// transcriptomics, 2019. The learning rate is proportional to the number of points: Belkina et al., Automated optimized
// parameters for t-SNE, 2019.
type tsne struct {
	points   []float64 // [n, 2]
	velocity []float64 // [n, 2]
	gains    []float64 // [n, 2]
	edges    [][]edge  // edges of each point, by ascending edge.to
	plane    *barneshut.Plane
	rate     float64 // learning rate
}

// edge is the affinity of a point to another point.
type edge struct {
	to int
	p  float64
}

const (
	exaggeration  = 12  // factor of the affinities in the early rounds
	earlyRounds   = 250 // number of early rounds
	openingAngle  = 0.7 // cells of the plane that appear smaller than this count as one point
	calmMomentum  = 0.8
	earlyMomentum = 0.5
	queryBatch    = 256 // number of points handled together
)

// layOut runs t-SNE from the given start, for the given number of rounds after the early ones.
func layOut(ctx context.Context, unit *Matrix, start []float64, perplexity float64, rounds int, rng *rand.Rand) ([]float64, error) {
	n := unit.Rows()
	t := &tsne{
		points: make([]float64, 2*n), velocity: make([]float64, 2*n), gains: make([]float64, 2*n),
		rate: max(float64(n)/exaggeration/4, 50),
	}
	var err error
	if t.edges, err = affinities(ctx, unit, min(perplexity, float64(n-1)/3)); err != nil {
		return nil, err
	}
	var square float64
	for i := 0; i < 2*n; i += 2 {
		square += start[i] * start[i]
	}
	scale := 1e-4 / max(math.Sqrt(square/float64(n)), 1e-30)
	particles := make([]barneshut.Particle2, n)
	for i := range n {
		for j := 2 * i; j < 2*i+2; j++ { // noise separates equal vectors
			t.points[j], t.gains[j] = scale*start[j]+1e-6*rng.NormFloat64(), 1
		}
		particles[i] = particle(t.points[2*i:][:2:2])
	}
	t.plane = &barneshut.Plane{Particles: particles}
	for round := range earlyRounds + rounds {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err := t.step(round < earlyRounds); err != nil {
			return nil, err
		}
	}
	return t.points, nil
}

// particle is a point for package barneshut. It shares the memory of the points.
type particle []float64

func (p particle) Coord2() r2.Vec { return r2.Vec{X: p[0], Y: p[1]} }
func (p particle) Mass() float64  { return 1 }

// step moves every point once along the gradient.
func (t *tsne) step(early bool) error {
	if err := t.plane.Reset(); err != nil {
		return fmt.Errorf("vectors: t-SNE: %w", err)
	}
	n := len(t.edges)
	forces, weights := make([]r2.Vec, n), make([]float64, n)
	kernel.Tasks((n+queryBatch-1)/queryBatch, func(task int) {
		for i := task * queryBatch; i < min(n, (task+1)*queryBatch); i++ {
			forces[i], weights[i] = t.repulsion(i)
		}
	})
	var total float64
	for _, w := range weights {
		total += w
	}
	pull, momentum := 1.0, calmMomentum
	if early {
		pull, momentum = exaggeration, earlyMomentum
	}
	kernel.Parallel(n, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			force := r2.Sub(r2.Scale(1/total, forces[i]), r2.Scale(pull, t.attraction(i)))
			t.push(2*i, -4*force.X, momentum)
			t.push(2*i+1, -4*force.Y, momentum)
		}
	})
	// Move the points only after all forces are computed from the old places.
	var mean [2]float64
	for j := range t.points {
		t.points[j] += t.velocity[j]
		mean[j%2] += t.points[j] / float64(n)
	}
	for j := range t.points {
		t.points[j] -= mean[j%2]
	}
	return nil
}

// repulsion returns Σ w²(yᵢ−yⱼ) and Σ w, w = 1/(1+|yᵢ−yⱼ|²), over the other points.
func (t *tsne) repulsion(i int) (force r2.Vec, weight float64) {
	me := &t.points[2*i]
	force = t.plane.ForceOn(particle(t.points[2*i:][:2:2]), openingAngle, func(_, other barneshut.Particle2, _, mass float64, v r2.Vec) r2.Vec {
		if p, ok := other.(particle); ok && &p[0] == me {
			return r2.Vec{}
		}
		w := 1 / (1 + r2.Norm2(v))
		weight += mass * w
		return r2.Scale(-mass*w*w, v)
	})
	return force, weight
}

// attraction returns Σ p·w·(yᵢ−yⱼ) over the edges of a point.
func (t *tsne) attraction(i int) (force r2.Vec) {
	for _, e := range t.edges[i] {
		v := r2.Vec{X: t.points[2*i] - t.points[2*e.to], Y: t.points[2*i+1] - t.points[2*e.to+1]}
		force = r2.Add(force, r2.Scale(e.p/(1+r2.Norm2(v)), v))
	}
	return force
}

// push updates the velocity of a coordinate. Its gain grows while the direction stays. Jacobs, Increased Rates of
// Convergence Through Learning Rate Adaptation, 1988.
func (t *tsne) push(j int, gradient, momentum float64) {
	if gradient*t.velocity[j] < 0 {
		t.gains[j] += 0.2
	} else {
		t.gains[j] = max(0.01, 0.8*t.gains[j])
	}
	t.velocity[j] = momentum*t.velocity[j] - t.rate*t.gains[j]*gradient
}

// affinities returns the edges between near points. The affinity of i and j is (p(j|i) + p(i|j)) / 2n, where p(·|i) is
// a Gaussian over the squared distances of i's nearest points. The perplexity sets its width.
func affinities(ctx context.Context, unit *Matrix, perplexity float64) ([][]edge, error) {
	n := unit.Rows()
	k := min(n-1, int(3*perplexity)+1)
	edges := make([][]edge, n)
	for lo := 0; lo < n; lo += queryBatch {
		hi := min(n, lo+queryBatch)
		found, err := nearest(ctx, unit.Data, n, pack(unit.Data[lo*unit.Width:hi*unit.Width], unit.Width), k+1)
		if err != nil {
			return nil, err
		}
		for i, hits := range found {
			edges[lo+i] = gaussian(slices.DeleteFunc(hits, func(h hit) bool { return h.row == lo+i })[:k], perplexity)
		}
	}
	back := make([][]edge, n)
	for i, out := range edges {
		for _, e := range out {
			back[e.to] = append(back[e.to], edge{i, e.p})
		}
	}
	for i := range edges {
		all := append(edges[i], back[i]...)
		slices.SortStableFunc(all, func(a, b edge) int { return a.to - b.to })
		merged := all[:0]
		for _, e := range all {
			e.p /= 2 * float64(n)
			if last := len(merged) - 1; last >= 0 && merged[last].to == e.to {
				merged[last].p += e.p
			} else {
				merged = append(merged, e)
			}
		}
		edges[i] = merged
	}
	return edges, nil
}

// gaussian returns the probabilities of a point's neighbors. Their entropy is log(perplexity).
func gaussian(hits []hit, perplexity float64) []edge {
	out := make([]edge, len(hits))
	nearest := 2 - 2*float64(hits[0].similarity)
	low, high, precision := 0.0, math.Inf(1), 1.0
	for range 64 {
		var sum, weighted float64
		for i, h := range hits {
			d := 2 - 2*float64(h.similarity) - nearest
			p := math.Exp(-precision * d)
			out[i] = edge{h.row, p}
			sum += p
			weighted += p * d
		}
		for i := range out {
			out[i].p /= sum
		}
		entropy := math.Log(sum) + precision*weighted/sum
		switch diff := entropy - math.Log(perplexity); {
		case math.Abs(diff) < 1e-5:
			return out
		case diff > 0:
			low = precision
		default:
			high = precision
		}
		if math.IsInf(high, 1) {
			precision *= 2
		} else {
			precision = (low + high) / 2
		}
	}
	return out // equal distances: no precision lowers the entropy
}
