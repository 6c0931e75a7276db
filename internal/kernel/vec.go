package kernel

import (
	"fmt"
	"math"
)

// Exp sets dst[i] = e^src[i] with a relative error of at most 1.5e-7. It is +Inf from about 88.72 on and 0 below about
// -103.97. dst and src may be the same slice.
func Exp(dst, src []float32) {
	if same(len(dst), len(src)) {
		active.exp(dst, src)
	}
}

// Tanh sets dst[i] = tanh src[i] with a relative error of at most 3e-7, however small it is. dst and src may be the
// same slice.
func Tanh(dst, src []float32) {
	if same(len(dst), len(src)) {
		active.tanh(dst, src)
	}
}

// Sigmoid sets dst[i] = 1/(1+e^−src[i]) with a relative error of at most 2.5e-7; a subnormal result may become 0. dst
// and src may be the same slice.
func Sigmoid(dst, src []float32) {
	if same(len(dst), len(src)) {
		active.sigmoid(dst, src)
	}
}

// Add sets dst[i] = a[i] + b[i]. dst may be a or b.
func Add(dst, a, b []float32) {
	if same(len(dst), len(a)) && same(len(dst), len(b)) {
		active.add(dst, a, b)
	}
}

// Mul sets dst[i] = a[i]·b[i]. dst may be a or b.
func Mul(dst, a, b []float32) {
	if same(len(dst), len(a)) && same(len(dst), len(b)) {
		active.mul(dst, a, b)
	}
}

// Axpy adds alpha·x[i] to y[i].
func Axpy(alpha float32, x, y []float32) {
	if same(len(x), len(y)) {
		active.axpy(alpha, x, y)
	}
}

// Scale multiplies every element of x by alpha.
func Scale(alpha float32, x []float32) {
	if len(x) > 0 {
		active.affine(alpha, 0, x)
	}
}

// Affine sets x[i] = alpha·x[i] + beta.
func Affine(alpha, beta float32, x []float32) {
	if len(x) > 0 {
		active.affine(alpha, beta, x)
	}
}

// Dot returns Σ x[i]·y[i], summed in float32.
func Dot(x, y []float32) float32 {
	if !same(len(x), len(y)) {
		return 0
	}
	return active.dot(x, y)
}

// Sum returns Σ x[i], summed in float64.
func Sum(x []float32) float64 {
	if len(x) == 0 {
		return 0
	}
	return active.sum(x)
}

// SumSquares returns Σ x[i]², squared and summed in float64.
func SumSquares(x []float32) float64 {
	if len(x) == 0 {
		return 0
	}
	return active.sumSquares(x)
}

// Unit sets dst = src/‖src‖. If src is all zeros, ok is false and dst is unchanged. The norm is computed in
// float64, where squares of float32 neither overflow nor underflow. dst and src may be the same slice.
func Unit(dst, src []float32) (ok bool) {
	norm := math.Sqrt(SumSquares(src))
	if norm == 0 || !same(len(dst), len(src)) {
		return false
	}
	for i, x := range src {
		dst[i] = float32(float64(x) / norm)
	}
	return true
}

// Max returns the greatest number of x, skipping NaN; -Inf if there is none.
func Max(x []float32) float32 {
	if len(x) == 0 {
		return float32(math.Inf(-1))
	}
	return active.max(x)
}

// MaxPlus sets dst[j] to the greatest x[i] + m[i,j], skipping NaN; -Inf if there is none. m is [len(x), len(dst)], and
// dst must not overlap it or x.
func MaxPlus(dst, x, m []float32) {
	if len(m) != len(x)*len(dst) {
		panic(fmt.Sprintf("kernel: MaxPlus of %d×%d: m has %d elements", len(x), len(dst), len(m)))
	}
	if len(m) > 0 {
		active.maxPlus(dst, x, m)
	} else {
		for j := range dst {
			dst[j] = float32(math.Inf(-1))
		}
	}
}

// ArgMax returns the lowest index of the greatest number of x, skipping NaN; -1 if there is none.
func ArgMax(x []float32) int {
	return index(x, Max(x))
}

// index returns the lowest index of v in x, or -1.
func index(x []float32, v float32) int {
	for i, u := range x {
		if u == v {
			return i
		}
	}
	return -1
}

// AddBias adds bias, [n], to every row of x, [rows,n].
func AddBias(rows, n int, x []float32, ld int, bias []float32) {
	if rows <= 0 || n <= 0 {
		return
	}
	checkMatrix("x", rows, n, x, ld)
	for r := range rows {
		row := x[r*ld:][:n]
		active.add(row, row, bias[:n])
	}
}

// SetRows copies bias, [n], into every row of x, [rows,n].
func SetRows(rows, n int, x []float32, ld int, bias []float32) {
	if rows <= 0 || n <= 0 {
		return
	}
	checkMatrix("x", rows, n, x, ld)
	for r := range rows {
		copy(x[r*ld:][:n], bias[:n])
	}
}

// ColSums adds the sum of each column of x, [rows,n], to dst, [n], in ascending order of rows.
func ColSums(rows, n int, x []float32, ld int, dst []float32) {
	if rows <= 0 || n <= 0 {
		return
	}
	checkMatrix("x", rows, n, x, ld)
	dst = dst[:n]
	for r := range rows {
		active.add(dst, dst, x[r*ld:][:n])
	}
}

// same panics unless two lengths are equal. It reports whether they are positive.
func same(a, b int) bool {
	if a != b {
		panic(fmt.Sprintf("kernel: slices have %d and %d elements: want equal lengths", a, b))
	}
	return a > 0
}
