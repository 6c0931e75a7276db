package kernel

import "math"

// wholeKernels are the kernels of products in int8. An element of A and of packed B holds values neighbours along k,
// the first in its lowest bits; elements of sums and biases are int32.
type wholeKernels struct {
	values int // 4 of eight bits, or 2 of sixteen
	offset int // added to the values of A, which have no sign then
	tile   func(t *tile)

	rescale    func(scale float32, c, sums, bias, scales []float32) // c = (sums − bias)·scales·scale, rounded after each step
	rescaleAdd func(scale float32, c, sums, bias, scales []float32) // adds it to c
}

// wholeProduct is what a product in int8 has beside its sums, which stand where others have their result.
type wholeProduct struct {
	*wholeKernels
	c            []float32 // the result
	ldc          int
	beta         float32
	rows         []float32 // what undoes the scales of A's rows
	scales, bias []float32 // what undoes those of B's columns, and what the offset of A adds to their sums
}

const (
	// maxInt8 is the greatest size of a value.
	maxInt8 = 127
	// maxInt8Depth is the longest sum that cannot pass the range of int32.
	maxInt8Depth = math.MaxInt32 / (255 * maxInt8)
	// leastScaled is the size below which all values of a row or column count as zero.
	leastScaled = 1e-30
)

// greatest returns the greatest size in every stride-th element of x, and NaN if one is not finite.
func greatest(x []float32, stride int) float32 {
	var top uint32
	for i := 0; i < len(x); i += stride {
		top = max(top, math.Float32bits(x[i])&^(1<<31))
	}
	if top >= math.Float32bits(float32(math.Inf(1))) {
		return float32(math.NaN())
	}
	return math.Float32frombits(top)
}

// scaling returns what values of up to a size are multiplied by to become int8, and what undoes it: for NaN, 0 and NaN.
func scaling(top float32) (to, from float32) {
	switch {
	case top != top:
		return 0, top
	case top < leastScaled:
		return 0, 0
	}
	return maxInt8 / top, top / maxInt8
}

// nearest returns x rounded to the nearest whole number, ties to even; its size is at most 2²².
func nearest(x float32) int32 {
	const shift, bits = 3 << 22, 0x4b400000 // from this number on, the last bit of a float32 is worth 1
	return int32(math.Float32bits(x+shift)) - bits
}

// element returns the values of x·by from the l-th on, an offset added, as one element, and their sum without the
// offset. Past the end they are zero.
func (w *wholeKernels) element(x []float32, stride, l int, by float32, offset int) (e float32, sum int32) {
	width := 32 / w.values
	var bits uint32
	for v := range w.values {
		at := (l + v) * stride
		if at >= len(x) {
			break
		}
		var q int32
		if by != 0 {
			q = nearest(float32(x[at] * by))
		}
		sum += q
		bits |= uint32(q+int32(offset)) & (1<<width - 1) << (v * width)
	}
	return math.Float32frombits(bits), sum
}

// packInt8 lays out op(B) and returns what rescaling needs of its columns.
func (q *product) packInt8(dst []float32) (scales, bias []float32) {
	scales, bias = make([]float32, q.n), make([]float32, q.n)
	nr, panels, w := q.path.nr, q.panels(), q.whole.wholeKernels
	clear(dst)
	Parallel(panels, func(lo, hi int) {
		for j := lo * nr; j < min(q.n, hi*nr); j++ {
			var column []float32
			stride := q.ldb
			if q.transB {
				column, stride = q.b[j*q.ldb:][:q.depth], 1
			} else {
				column = q.b[j : (q.depth-1)*q.ldb+j+1]
			}
			to, from := scaling(greatest(column, stride))
			var total int32
			for l := range q.k {
				e, sum := w.element(column, stride, l*w.values, to, 0)
				dst[(j/nr*q.k+l)*nr+j%nr] = e
				total += sum
			}
			scales[j], bias[j] = from, math.Float32frombits(uint32(total*int32(w.offset)))
		}
	})
	return scales, bias
}

// round lays out the i-th row of A and notes its scale.
func (w *wholeProduct) round(i int, dst, row []float32) {
	to, from := scaling(greatest(row, 1))
	w.rows[i] = from
	for l := range dst {
		dst[l], _ = w.element(row, 1, l*w.values, to, w.offset)
	}
}

// finish computes rows [r0,r1) of the result in columns [lo,hi) from the sums.
func (q *product) finish(r0, r1, lo, hi int) {
	w := &q.whole
	kernel := w.rescaleAdd
	if w.beta == 0 {
		kernel = w.rescale
	}
	for i := r0; i < r1; i++ {
		c := w.c[i*w.ldc:][lo:hi]
		if w.beta != 0 && w.beta != 1 {
			q.path.affine(w.beta, 0, c)
		}
		kernel(w.rows[i], c, q.c[i*q.ldc:][lo:hi], w.bias[lo:hi], w.scales[lo:hi])
	}
}

// genericWholeTile adds products of two values of sixteen bits.
func genericWholeTile(t *tile) {
	nr := len(t.b) / (t.panels * t.k)
	for i := range t.rows {
		for j := range t.cols {
			var sum int32
			b := t.b[j/nr*t.k*nr+j%nr:]
			for l := range t.k {
				x, y := int32(math.Float32bits(t.a[i*t.rs+l*t.cs])), int32(math.Float32bits(b[l*nr]))
				sum += int32(int16(x))*int32(int16(y)) + (x>>16)*(y>>16)
			}
			c := &t.c[i*t.ldc+j]
			if t.beta != 0 {
				sum += int32(math.Float32bits(*c))
			}
			*c = math.Float32frombits(uint32(sum))
		}
	}
}

func genericRescale(scale float32, c, sums, bias, scales []float32) {
	for j := range c {
		c[j] = rescaled(scale, sums[j], bias[j], scales[j])
	}
}

func genericRescaleAdd(scale float32, c, sums, bias, scales []float32) {
	for j := range c {
		c[j] += rescaled(scale, sums[j], bias[j], scales[j])
	}
}

func rescaled(scale, sum, bias, column float32) float32 {
	d := int32(math.Float32bits(sum)) - int32(math.Float32bits(bias))
	return float32(float32(float32(d)*column) * scale)
}
