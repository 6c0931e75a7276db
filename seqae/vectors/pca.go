package vectors

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/retell-rnn/retell/internal/kernel"
)

// principal returns the rows in their first two principal components, [n, 2], and the share of the variance that these
// hold. The sign of a component makes its weight of greatest magnitude positive.
func principal(m *Matrix) (points []float64, variance float64, err error) {
	n, width := m.Rows(), m.Width
	centered := make([]float32, len(m.Data))
	mean := make([]float64, width)
	for i, x := range m.Data {
		mean[i%width] += float64(x)
	}
	for i, x := range m.Data {
		centered[i] = float32(float64(x) - mean[i%width]/float64(n))
	}
	square := make([]float32, width*width)
	kernel.Gemm(true, false, width, width, n, 1, centered, width, centered, width, 0, square, width)
	covariance := mat.NewSymDense(width, nil)
	for i := range width {
		for j := i; j < width; j++ {
			covariance.SetSym(i, j, float64(square[i*width+j]))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(covariance, true) {
		return nil, 0, errors.New("vectors: principal components: the eigenvalues of the covariance cannot be computed")
	}
	var basis mat.Dense
	eigen.VectorsTo(&basis)
	values := eigen.Values(nil) // ascending
	var total float64
	for _, v := range values {
		total += max(v, 0)
	}
	points = make([]float64, 2*n)
	axis := make([]float32, width)
	for c := range min(2, width) {
		at := width - 1 - c
		if total > 0 {
			variance += max(values[at], 0) / total
		}
		greatest := 0.0
		for i := range axis {
			if v := basis.At(i, at); math.Abs(v) > math.Abs(greatest)+1e-9 {
				greatest = v
			}
		}
		for i := range axis {
			axis[i] = float32(math.Copysign(1, greatest) * basis.At(i, at))
		}
		for i := range n {
			points[2*i+c] = float64(kernel.Dot(centered[i*width:][:width], axis))
		}
	}
	return points, variance, nil
}
