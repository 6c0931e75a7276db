package probe

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
)

// Sparse holds vectors without their zeros.
type Sparse struct {
	size    int
	starts  []int   // [lines+1]: vector i has the entries starts[i] to starts[i+1]-1
	columns []int32 // column of each entry, ascending within a vector
	values  []float32
}

// NewSparse returns vectors of the given size. Vector i has the next lengths[i] entries of columns and values. The
// columns of a vector are ascending, 0 to size-1. NewSparse keeps columns and values.
func NewSparse(size int, lengths []int, columns []int32, values []float32) (*Sparse, error) {
	v := &Sparse{size, make([]int, 1, len(lengths)+1), columns, values}
	sum := 0
	for i, n := range lengths {
		if n < 0 || n > size {
			return nil, fmt.Errorf("probe: vector %d has %d entries: want 0 to %d", i+1, n, size)
		}
		sum += n
		v.starts = append(v.starts, sum)
	}
	if sum != len(columns) || sum != len(values) {
		return nil, fmt.Errorf("probe: %d entries, %d columns and %d values: want equal numbers", sum, len(columns), len(values))
	}
	for i := range v.Len() {
		last := int32(-1)
		columns, values := v.row(i)
		for k, c := range columns {
			if c <= last || int(c) >= size {
				return nil, fmt.Errorf("probe: vector %d: column %d: want ascending columns, 0 to %d", i+1, c, size-1)
			}
			if x := float64(values[k]); math.IsNaN(x) || math.IsInf(x, 0) {
				return nil, fmt.Errorf("probe: vector %d: column %d is %v: want a finite number", i+1, c, x)
			}
			last = c
		}
	}
	return v, nil
}

// Len returns the number of vectors.
func (v *Sparse) Len() int { return len(v.starts) - 1 }

// Size returns the length of each vector, including zeros.
func (v *Sparse) Size() int { return v.size }

// Row returns the columns and values of vector i. The caller must not change them.
func (v *Sparse) Row(i int) (columns []int32, values []float32) { return v.row(i) }

// row returns the columns and values of vector i.
func (v *Sparse) row(i int) ([]int32, []float32) {
	lo, hi := v.starts[i], v.starts[i+1]
	return v.columns[lo:hi], v.values[lo:hi]
}

// Unit returns the vectors scaled to length 1. A vector of zeros stays zero.
func (v *Sparse) Unit() Vectors {
	u := &Sparse{v.size, v.starts, v.columns, make([]float32, len(v.values))}
	for i := range v.Len() {
		_, from := v.row(i)
		_, to := u.row(i)
		sum := 0.0
		for _, x := range from {
			sum += float64(x) * float64(x)
		}
		for k, x := range from {
			to[k] = float32(float64(x) / math.Sqrt(sum))
		}
	}
	return u
}

// Dot returns the dot product of vectors i and j.
func (v *Sparse) Dot(i, j int) float64 {
	a, x := v.row(i)
	b, y := v.row(j)
	sum := 0.0
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a, x = a[1:], x[1:]
		case a[0] > b[0]:
			b, y = b[1:], y[1:]
		default:
			sum += float64(x[0]) * float64(y[0])
			a, x, b, y = a[1:], x[1:], b[1:], y[1:]
		}
	}
	return sum
}

// Slice returns vectors lo to hi-1, which share v's memory.
func (v *Sparse) Slice(lo, hi int) Vectors {
	return &Sparse{v.size, v.starts[lo : hi+1], v.columns, v.values}
}

func (v *Sparse) products(to []float32, q Vectors) {
	v.invert().products(to, q.(*Sparse))
}

func (v *Sparse) blocks(ctx context.Context, q Vectors, yield func(row, column, rows, columns int, c []float32)) error {
	from, n, index := q.(*Sparse), v.Len(), v.invert()
	height := min(from.Len(), max(64, (8<<20)/max(1, n)))
	c := make([]float32, height*n)
	for row := 0; row < from.Len(); row += height {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows := min(height, from.Len()-row)
		index.products(c, from.Slice(row, row+rows).(*Sparse))
		yield(row, 0, rows, n, c[:rows*n])
	}
	return nil
}

func (v *Sparse) product(i int, q Vectors, j int) float32 {
	a, x := v.row(i)
	b, y := q.(*Sparse).row(j)
	sum := float32(0)
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a, x = a[1:], x[1:]
		case a[0] > b[0]:
			b, y = b[1:], y[1:]
		default:
			sum += float32(y[0] * x[0])
			a, x, b, y = a[1:], x[1:], b[1:], y[1:]
		}
	}
	return sum
}

// inverted lists the vectors that have an entry in each column.
type inverted struct {
	n      int     // number of vectors
	starts []int   // [size+1]: column c has the entries starts[c] to starts[c+1]-1
	rows   []int32 // vector of each entry, ascending within a column
	values []float32
}

func (v *Sparse) invert() *inverted {
	n := v.Len()
	lo, hi := v.starts[0], v.starts[n]
	t := &inverted{n, make([]int, v.size+1), make([]int32, hi-lo), make([]float32, hi-lo)}
	for _, c := range v.columns[lo:hi] {
		t.starts[c+1]++
	}
	for c := range v.size {
		t.starts[c+1] += t.starts[c]
	}
	next := slices.Clone(t.starts)
	for i := range n {
		columns, values := v.row(i)
		for k, c := range columns {
			t.rows[next[c]], t.values[next[c]] = int32(i), values[k]
			next[c]++
		}
	}
	return t
}

// products sets to, [q.Len(), n], to the dot products of the vectors of q with all vectors. Sums run in the order of
// the columns.
func (t *inverted) products(to []float32, q *Sparse) {
	kernel.Parallel(q.Len(), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			sums := to[i*t.n:][:t.n]
			clear(sums)
			columns, values := q.row(i)
			for k, c := range columns {
				from, x := t.starts[c], values[k]
				weights := t.values[from:t.starts[c+1]]
				for e, row := range t.rows[from:t.starts[c+1]] {
					sums[row] += float32(x * weights[e])
				}
			}
		}
	})
}

// features returns the vectors unchanged: subtracting the mean would remove the zeros.
func (v *Sparse) features() features { return v }

func (v *Sparse) width() int { return v.size }

func (v *Sparse) scores(to, w []float32, classes int) {
	n := v.Len()
	for i := range n {
		columns, values := v.row(i)
		for c := range classes {
			sum := 0.0
			for k, d := range columns {
				sum += float64(values[k]) * float64(w[c*v.size+int(d)])
			}
			to[c*n+i] = float32(sum)
		}
	}
}

func (v *Sparse) gradient(to, d []float32, classes int) {
	n := v.Len()
	clear(to[:classes*v.size])
	for i := range n {
		columns, values := v.row(i)
		for c := range classes {
			if g := d[c*n+i]; g != 0 {
				for k, column := range columns {
					to[c*v.size+int(column)] += g * values[k]
				}
			}
		}
	}
}
