package probe

import (
	"fmt"
	"math"

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
	from, n := q.(*Sparse), v.Len()
	kernel.Parallel(from.Len(), func(lo, hi int) {
		full := make([]float32, v.size) // vector i of q, with its zeros
		for i := lo; i < hi; i++ {
			columns, values := from.row(i)
			for k, c := range columns {
				full[c] = values[k]
			}
			for j := range n {
				columns, values := v.row(j)
				sum := float32(0)
				for k, c := range columns {
					sum += full[c] * values[k]
				}
				to[i*n+j] = sum
			}
			for _, c := range columns {
				full[c] = 0
			}
		}
	})
}

// features returns the vectors unchanged: subtracting the mean would remove the zeros.
func (v *Sparse) features() features { return v }

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
