package kernel

import "math"

// intKernels are the kernels of products in int8. An element of A and of packed B holds values that are adjacent along
// k, the first in its lowest bits. Elements of sums and biases are int32.
type intKernels struct {
	values int // values of an element: 4 of eight bits, or 2 of sixteen
	offset int // added to the values of A to make them unsigned
	tile   func(t *tile)

	rescale    func(scale float32, c, sums, bias, scales []float32) // c = (sums − bias)·scales·scale, rounded each step
	rescaleAdd func(scale float32, c, sums, bias, scales []float32) // adds the same to c

	greatest func(x []float32) float32            // greatest magnitude; NaN is above infinity
	lanes    int                                  // values that round takes at a time
	round    func(by float32, src, dst []float32) // sets dst to elements of rounded src·by, with the offset added
}

// intProduct is the state of a product in int8, whose integer sums stand in product.c.
type intProduct struct {
	*intKernels
	c            []float32 // the result
	ldc          int
	beta         float32
	rows         []float32 // scales of A's rows: value = integer·scale
	scales, bias []float32 // scales of B's columns, and the part of their sums that A's offset adds
}

const (
	// maxInt8 is the greatest magnitude of a value.
	maxInt8 = 127
	// maxInt8Depth is the longest sum that cannot overflow int32.
	maxInt8Depth = math.MaxInt32 / (255 * maxInt8)
	// leastScaled is the magnitude below which all values of a row or column count as zero.
	leastScaled = 1e-30
)

// greatest returns the greatest magnitude in every stride-th element of x, compared as bits: NaN is above infinity.
func greatest(x []float32, stride int) float32 {
	var top uint32
	for i := 0; i < len(x); i += stride {
		top = max(top, math.Float32bits(x[i])&^(1<<31))
	}
	return math.Float32frombits(top)
}

func genericGreatest(x []float32) float32 { return greatest(x, 1) }

// scaling returns the factors to int8 and back for values of magnitudes up to top; 0 and NaN if top is not finite.
func scaling(top float32) (to, from float32) {
	switch {
	case !(top <= math.MaxFloat32):
		return 0, float32(math.NaN())
	case top < leastScaled:
		return 0, 0
	}
	return maxInt8 / top, top / maxInt8
}

// nearest returns x rounded to the nearest integer, ties to even; |x| is at most 2²².
func nearest(x float32) int32 {
	const shift, bits = 3 << 22, 0x4b400000 // from this number on, the last bit of a float32 has the value 1
	return int32(math.Float32bits(x+shift)) - bits
}

// element returns one element of rounded values x·by from value l on, with the offset added, and their sum without it.
// Values past the end are zero.
func (w *intKernels) element(x []float32, stride, l int, by float32, offset int) (e float32, sum int32) {
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

// packInt8 packs op(B) and returns the scales and biases of its columns.
func (q *product) packInt8(dst []float32) (scales, bias []float32) {
	scales, bias = make([]float32, q.n), make([]float32, q.n)
	nr, panels, w := q.path.nr, q.panels(), q.ints.intKernels
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

// roundRow packs the i-th row of A and stores its scale.
func (w *intProduct) roundRow(i int, dst, row []float32) {
	to, from := scaling(w.greatest(row))
	w.rows[i] = from
	whole := len(row) / w.lanes * w.lanes
	if to == 0 {
		whole = 0 // the row may hold NaN
	}
	if whole > 0 {
		w.round(to, row[:whole], dst)
	}
	for l := whole / w.values; l < len(dst); l++ {
		dst[l], _ = w.element(row, 1, l*w.values, to, w.offset)
	}
}

// genericRound rounds pairs.
func genericRound(by float32, src, dst []float32) {
	for l := range len(src) / 2 {
		low, high := nearest(float32(src[2*l]*by)), nearest(float32(src[2*l+1]*by))
		dst[l] = math.Float32frombits(uint32(low)&(1<<16-1) | uint32(high)<<16)
	}
}

// finish computes the result from the sums, in rows [r0,r1) and columns [lo,hi).
func (q *product) finish(r0, r1, lo, hi int) {
	w := &q.ints
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

// genericIntTile computes a tile of two int16 to an element.
func genericIntTile(t *tile) {
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

// rescaled returns the product of a sum.
func rescaled(scale, sum, bias, column float32) float32 {
	d := int32(math.Float32bits(sum)) - int32(math.Float32bits(bias))
	return float32(float32(float32(d)*column) * scale)
}
