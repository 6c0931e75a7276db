package vectors

import (
	"context"
	"math"
	"math/rand/v2"

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
	forces   []float64 // [n, 2]: sum of the repulsion of each point
	weights  []float64 // [n]: sum of the weights of each point's repulsion
	edges    [][]edge  // edges of each point
	tree     quadtree
	rate     float64 // learning rate
}

const (
	exaggeration  = 12  // factor of the affinities in the early rounds
	earlyRounds   = 250 // number of early rounds
	calmMomentum  = 0.8
	earlyMomentum = 0.5
	taskPoints    = 512 // number of points handled together
)

// layOut runs t-SNE from the given start, for the given number of rounds after the early ones.
func layOut(ctx context.Context, unit *Matrix, start []float64, o MapOptions, rng *rand.Rand) ([]float64, error) {
	n := unit.Rows()
	t := &tsne{
		points: make([]float64, 2*n), velocity: make([]float64, 2*n), gains: make([]float64, 2*n),
		forces: make([]float64, 2*n), weights: make([]float64, n),
		rate: max(float64(n)/exaggeration/4, 50),
	}
	var err error
	perplexity := min(o.Perplexity, float64(n-1)/3)
	if t.edges, err = affinities(ctx, unit, perplexity, func(done, total int) { o.watch("finding neighbors", done, total) }); err != nil {
		return nil, err
	}
	var square float64
	for i := 0; i < 2*n; i += 2 {
		square += start[i] * start[i]
	}
	scale := 1e-4 / max(math.Sqrt(square/float64(n)), 1e-30)
	for j := range t.points { // noise separates equal vectors
		t.points[j], t.gains[j] = scale*start[j]+1e-6*rng.NormFloat64(), 1
	}
	rounds := earlyRounds + o.Rounds
	for round := range rounds {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		o.watch("laying out", round, rounds)
		t.step(round < earlyRounds)
	}
	o.watch("laying out", rounds, rounds)
	return t.points, nil
}

// step moves every point once along the gradient.
func (t *tsne) step(early bool) {
	n := len(t.edges)
	tasks := (n + taskPoints - 1) / taskPoints
	t.tree.rebuild(t.points)
	kernel.Tasks(tasks, func(task int) { // points that are near to each other visit the same cells
		for at := task * taskPoints; at < min(n, (task+1)*taskPoints); at++ {
			i := t.tree.order[at]
			t.forces[2*i], t.forces[2*i+1], t.weights[i] = t.tree.repulsion(t.points[2*i], t.points[2*i+1])
		}
	})
	var total float64
	for _, w := range t.weights {
		total += w
	}
	pull, momentum := 1.0, calmMomentum
	if early {
		pull, momentum = exaggeration, earlyMomentum
	}
	kernel.Tasks(tasks, func(task int) {
		for at := task * taskPoints; at < min(n, (task+1)*taskPoints); at++ {
			i := int(t.tree.order[at])
			x, y := t.attraction(i)
			t.push(2*i, 4*(pull*x-t.forces[2*i]/total), momentum)
			t.push(2*i+1, 4*(pull*y-t.forces[2*i+1]/total), momentum)
		}
	})
	// Move the points only after all forces are computed from the old places.
	var mean [2]float64
	for j := range t.points {
		t.points[j] += t.velocity[j]
		mean[j%2] += t.points[j]
	}
	for j := range t.points {
		t.points[j] -= mean[j%2] / float64(n)
	}
}

// attraction returns Σ p·w·(yᵢ−yⱼ) over the edges of a point, w = 1/(1+|yᵢ−yⱼ|²).
func (t *tsne) attraction(i int) (x, y float64) {
	px, py := t.points[2*i], t.points[2*i+1]
	for _, e := range t.edges[i] {
		dx, dy := px-t.points[2*e.to], py-t.points[2*e.to+1]
		pull := float64(e.p) / (1 + dx*dx + dy*dy)
		x += pull * dx
		y += pull * dy
	}
	return x, y
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
