package vectors

import (
	"math"

	"github.com/retell-rnn/retell/internal/kernel"
)

// quadtree divides points of the plane into square cells, so that a sum over all points can take a far cell as one
// point. Barnes and Hut, A hierarchical O(N log N) force-calculation algorithm, 1986.
//
// The points are sorted along a Z-curve, so every cell is a run of them, and cells stand depth first, so a sum visits
// them in the order of memory.
type quadtree struct {
	cells  []cell
	order  []int32    // points along the curve
	places []float64  // [n, 2]: places of the points in this order
	keys   []uint32   // place of each point on the curve, in this order
	spare  []int32    // memory of the sort
	counts [256]int32 // memory of the sort
}

// cell is a square of the plane and the points in it.
type cell struct {
	x, y   float64 // mean place of its points
	points float64 // number of points
	near   float64 // squared distance up to which the points count one by one
	skip   int32   // next cell that is not within this one
	lo, hi int32   // points of a cell without cells, in the order of the tree; lo is -1 in other cells
}

const (
	cellPoints   = 6   // cells with more points are divided
	treeDepth    = 16  // maximum depth; a cell of this depth counts as one point
	openingAngle = 0.6 // cells that appear smaller than this count as one point; below √½, no point is far from its own
)

// rebuild divides the given points, [n, 2].
func (t *quadtree) rebuild(points []float64) {
	n := len(points) / 2
	if t.order == nil {
		t.order, t.spare, t.keys, t.places = make([]int32, n), make([]int32, n), make([]uint32, n), make([]float64, 2*n)
	}
	left, top, side := square(points)
	keys := make([]uint32, n) // by point
	scale := (1 << treeDepth) / side
	kernel.Parallel(n, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			keys[i] = spread((points[2*i]-left)*scale) | spread((points[2*i+1]-top)*scale)<<1
		}
	})
	t.sort(keys)
	for at, i := range t.order {
		t.keys[at] = keys[i]
		t.places[2*at], t.places[2*at+1] = points[2*i], points[2*i+1]
	}
	t.cells = t.cells[:0]
	t.divide(0, int32(n), treeDepth, side)
}

// square returns the left and the lower edge of the square around points, and its side.
func square(points []float64) (left, bottom, side float64) {
	low, high := [2]float64{points[0], points[1]}, [2]float64{points[0], points[1]}
	for j, x := range points {
		low[j%2], high[j%2] = min(low[j%2], x), max(high[j%2], x)
	}
	return low[0], low[1], max(high[0]-low[0], high[1]-low[1], math.SmallestNonzeroFloat32) * (1 + 1e-9)
}

// spread returns a number of 16 bits with a zero before each bit.
func spread(x float64) uint32 {
	v := uint32(min(max(x, 0), 1<<treeDepth-1))
	v = (v | v<<8) & 0x00ff00ff
	v = (v | v<<4) & 0x0f0f0f0f
	v = (v | v<<2) & 0x33333333
	return (v | v<<1) & 0x55555555
}

// sort sorts the points by their keys; equal keys keep the order of the points.
func (t *quadtree) sort(keys []uint32) {
	for i := range t.order {
		t.order[i] = int32(i)
	}
	for shift := 0; shift < 32; shift += 8 {
		clear(t.counts[:])
		for _, k := range keys {
			t.counts[k>>shift&255]++
		}
		sum := int32(0)
		for d, c := range t.counts {
			t.counts[d] = sum
			sum += c
		}
		for _, i := range t.order {
			d := keys[i] >> shift & 255
			t.spare[t.counts[d]] = i
			t.counts[d]++
		}
		t.order, t.spare = t.spare, t.order
	}
}

// divide appends the cell of points lo to hi, which lie in a square with the given side, and the cells within it. depth
// is how often the square may be divided.
func (t *quadtree) divide(lo, hi int32, depth int, side float64) {
	at := len(t.cells)
	t.cells = append(t.cells, cell{lo: lo, hi: hi, points: float64(hi - lo), near: side * side / (openingAngle * openingAngle)})
	var x, y float64
	if hi-lo <= cellPoints || depth == 0 {
		for i := lo; i < hi; i++ {
			x += t.places[2*i]
			y += t.places[2*i+1]
		}
		if hi-lo > cellPoints {
			t.cells[at].near = -1
		}
	} else {
		t.cells[at].lo = -1
		shift := 2 * (depth - 1)
		for lo < hi {
			quarter, end := t.keys[lo]>>shift, lo+1
			for end < hi && t.keys[end]>>shift == quarter {
				end++
			}
			child := len(t.cells)
			t.divide(lo, end, depth-1, side/2)
			c := &t.cells[child]
			x += c.x * c.points
			y += c.y * c.points
			lo = end
		}
	}
	c := &t.cells[at]
	c.x, c.y, c.skip = x/c.points, y/c.points, int32(len(t.cells))
}

// repulsion returns Σ w²(p−q) and Σ w, w = 1/(1+|p−q|²), over the points q other than p. p is one of the points.
func (t *quadtree) repulsion(px, py float64) (fx, fy, weight float64) {
	for i := int32(0); i < int32(len(t.cells)); {
		c := &t.cells[i]
		dx, dy := px-c.x, py-c.y
		d := dx*dx + dy*dy
		switch {
		case d > c.near:
			w := 1 / (1 + d)
			m := c.points * w
			weight += m
			m *= w
			fx += m * dx
			fy += m * dy
			i = c.skip
		case c.lo < 0:
			i++
		default:
			for q := t.places[2*c.lo : 2*c.hi]; len(q) >= 2; q = q[2:] {
				dx, dy := px-q[0], py-q[1]
				w := 1 / (1 + dx*dx + dy*dy)
				weight += w
				w *= w
				fx += w * dx
				fy += w * dy
			}
			i = c.skip
		}
	}
	return fx, fy, weight - 1 // p itself has weight 1
}
