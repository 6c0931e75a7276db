package vectors

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestRepulsion compares sums over the tree with sums over all points: of a cloud, of tight groups with far points, of
// equal points and of few.
func TestRepulsion(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	cloud := make([]float64, 2*1500)
	for j := range cloud {
		cloud[j] = 20 * rng.NormFloat64()
	}
	grouped := make([]float64, 2*1500)
	for i := range 1500 {
		for j := range 2 {
			grouped[2*i+j] = float64(i*(3+j)%7)*30 + 1e-9*rng.NormFloat64()
		}
	}
	grouped[0], grouped[1] = 1e5, -1e5
	equal := make([]float64, 2*300)
	for j := range equal {
		equal[j] = 3
	}
	for name, points := range map[string][]float64{"cloud": cloud, "grouped": grouped, "equal": equal, "two": {1, 2, 4, -3}} {
		var tree quadtree
		tree.rebuild(points)
		tree.rebuild(points) // its memory is used again
		n := len(points) / 2
		seen := make([]bool, n)
		for _, i := range tree.order {
			seen[i] = true
		}
		var off, size, total, want float64
		for i := range n {
			if !seen[i] {
				t.Fatalf("%s: the tree lacks point %d", name, i)
			}
			x, y, w := tree.repulsion(points[2*i], points[2*i+1])
			var fx, fy float64
			for j := range n {
				dx, dy := points[2*i]-points[2*j], points[2*i+1]-points[2*j+1]
				if v := 1 / (1 + dx*dx + dy*dy); j != i {
					fx, fy, want = fx+v*v*dx, fy+v*v*dy, want+v
				}
			}
			off += math.Hypot(x-fx, y-fy)
			size += math.Hypot(fx, fy)
			total += w
		}
		if off > 0.03*size+1e-6*float64(n) {
			t.Errorf("%s: forces off by %.4f of their size: want 0.03", name, off/size)
		}
		if math.Abs(total-want) > 0.02*want {
			t.Errorf("%s: weights %v: want %v", name, total, want)
		}
	}
}

// TestMutual holds that affinities are the same in both directions and sum to 1.
func TestMutual(t *testing.T) {
	edges := mutual([][]edge{{{1, 0.75}, {2, 0.25}}, {{2, 1}}, {{0, 0.5}, {1, 0.5}}})
	want := [][]edge{{{1, 0.125}, {2, 0.125}}, {{0, 0.125}, {2, 0.25}}, {{0, 0.125}, {1, 0.25}}}
	for i := range want {
		for k, e := range want[i] {
			if len(edges[i]) != len(want[i]) || edges[i][k] != e {
				t.Fatalf("edges of %d are %v: want %v", i, edges[i], want[i])
			}
		}
	}
}
