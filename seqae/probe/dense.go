package probe

import (
	"context"
	"fmt"
	"math"

	"github.com/retell-rnn/retell/internal/kernel"
)

// Dense holds vectors with all of their numbers.
type Dense struct {
	size int
	data []float32 // [lines, size]
}

// NewDense returns the vectors of the given size in data, row-major. It keeps data. NaN and infinite numbers are an
// error.
func NewDense(size int, data []float32) (*Dense, error) {
	if size < 1 || len(data)%size != 0 {
		return nil, fmt.Errorf("probe: %d numbers for vectors of size %d: want a size of 1 or more and complete vectors", len(data), size)
	}
	for i, x := range data {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return nil, fmt.Errorf("probe: vector %d: number %d is %v: want a finite number", i/size+1, i%size+1, x)
		}
	}
	return &Dense{size, data}, nil
}

// Len returns the number of vectors.
func (v *Dense) Len() int { return len(v.data) / v.size }

// Size returns the length of each vector.
func (v *Dense) Size() int { return v.size }

// Row returns vector i. The caller must not change it.
func (v *Dense) Row(i int) []float32 { return v.data[i*v.size:][:v.size] }

// Data returns all numbers, row-major. The caller must not change them.
func (v *Dense) Data() []float32 { return v.data }

// Unit returns the vectors scaled to length 1. A vector of zeros stays zero.
func (v *Dense) Unit() Vectors {
	u := &Dense{v.size, make([]float32, len(v.data))}
	copy(u.data, v.data)
	for i := range u.Len() {
		if row := u.Row(i); kernel.SumSquares(row) > 0 {
			kernel.Scale(float32(1/math.Sqrt(kernel.SumSquares(row))), row)
		}
	}
	return u
}

// Dot returns the dot product of vectors i and j.
func (v *Dense) Dot(i, j int) float64 { return float64(kernel.Dot(v.Row(i), v.Row(j))) }

// Slice returns vectors lo to hi-1, which share v's memory.
func (v *Dense) Slice(lo, hi int) Vectors { return &Dense{v.size, v.data[lo*v.size : hi*v.size]} }

func (v *Dense) products(to []float32, q Vectors) {
	kernel.Gemm(false, true, q.Len(), v.Len(), v.size, 1, q.(*Dense).data, v.size, v.data, v.size, 0, to, v.Len())
}

func (v *Dense) blocks(ctx context.Context, q Vectors, yield func(row, column, rows, columns int, c []float32)) error {
	const height, width = 256, 2048 // of a block; 2 MiB fit into a core's cache
	from, n := q.(*Dense), v.Len()
	c := make([]float32, min(height, from.Len())*min(width, n))
	for column := 0; column < n; column += width {
		columns := min(width, n-column)
		var right kernel.Packed
		right.Pack(true, v.size, columns, v.data[column*v.size:], v.size)
		for row := 0; row < from.Len(); row += height {
			if err := ctx.Err(); err != nil {
				return err
			}
			rows := min(height, from.Len()-row)
			right.MulParallel(rows, from.data[row*v.size:], v.size, 0, c, columns)
			yield(row, column, rows, columns, c[:rows*columns])
		}
	}
	return nil
}

func (v *Dense) product(i int, q Vectors, j int) float32 {
	var c [1]float32
	kernel.Gemm(false, true, 1, 1, v.size, 1, q.(*Dense).Row(j), v.size, v.Row(i), v.size, 0, c[:], 1)
	return c[0]
}

// features standardizes each column to mean 0 and standard deviation 1. A constant column becomes zeros.
func (v *Dense) features() features { return v.standardized(1) }

// standardized is features with a given standard deviation.
func (v *Dense) standardized(deviation float64) features {
	n, size := v.Len(), v.size
	mean, own := v.moments()
	z := make([]float32, len(v.data))
	for i := range n {
		for d, x := range v.Row(i) {
			if own[d] > 0 {
				z[i*size+d] = float32((float64(x) - mean[d]) / own[d] * deviation)
			}
		}
	}
	f := new(denseFeatures)
	f.columns.Pack(true, size, n, z, size)
	f.rows.Pack(false, n, size, z, size)
	return f
}

// moments returns the mean and the standard deviation of each column. The deviation of a constant column is 0.
func (v *Dense) moments() (mean, deviation []float64) {
	n := float64(v.Len())
	mean, deviation = make([]float64, v.size), make([]float64, v.size)
	for i := range v.Len() {
		for d, x := range v.Row(i) {
			mean[d] += float64(x)
		}
	}
	for d := range mean {
		mean[d] /= n
	}
	for i := range v.Len() {
		for d, x := range v.Row(i) {
			deviation[d] += (float64(x) - mean[d]) * (float64(x) - mean[d])
		}
	}
	for d, square := range deviation {
		if deviation[d] = math.Sqrt(square / n); deviation[d] <= 1e-6*math.Abs(mean[d]) { // no more than rounding
			deviation[d] = 0
		}
	}
	return mean, deviation
}

// denseFeatures holds the matrix X packed for products with X and with its transpose.
type denseFeatures struct{ columns, rows kernel.Packed }

func (f *denseFeatures) width() int { return f.columns.K() }

func (f *denseFeatures) scores(to, w []float32, classes int) {
	f.columns.Mul(classes, w, f.columns.K(), 0, to, f.columns.N())
}

func (f *denseFeatures) gradient(to, d []float32, classes int) {
	f.rows.Mul(classes, d, f.rows.K(), 0, to, f.rows.N())
}
