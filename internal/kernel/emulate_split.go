package kernel

import "math"

// genericSplit emulates products in Split. Its operands have the layout of matrix tiles.
var genericSplit = pairKernels{
	parts: splitParts, tile: genericSplitTile, pack: genericSplitPack, row: genericSplitRow,
	matrix: &matrixTiles{kBlock: 256, square: genericSplitSquare, transpose: genericSplitTranspose},
}

// splitValue returns the parts of x. Each is the nearest bf16 to the remainder of the ones before it, ties away from
// zero. The first differs from x by at most 2⁻⁸·x, the sum of two by 2⁻¹⁷·x; the sum of three is x unless
// the last underflows.
func splitValue(x float32) (parts [splitParts]float32) {
	for i := range parts {
		parts[i] = math.Float32frombits((math.Float32bits(x) + 1<<15) &^ 0xffff)
		if i == splitParts-1 {
			parts[i] = math.Float32frombits(math.Float32bits(x) &^ 0xffff)
		}
		x -= parts[i]
	}
	return parts
}

// splitPair returns one element for each part of x and y.
func splitPair(x, y float32) (e [splitParts]float32) {
	p, q := splitValue(x), splitValue(y)
	for i := range e {
		e[i] = toPair(p[i], q[i])
	}
	return e
}

// splitAt returns the index along k of the element that holds the i-th part of the l-th pair.
func splitAt(l, i int) int { return (l/matrixRows*splitParts+i)*matrixRows + l%matrixRows }

// pairs calls put with the elements of each pair of values along k in each of cols columns; values outside are zero.
func (p *panel) pairs(pairs, cols int, put func(l, j int, e [splitParts]float32)) {
	value := func(l, j int) float32 {
		switch {
		case l >= p.k || j >= p.cols:
			return 0
		case p.trans:
			return p.b[j*p.ldb+l]
		}
		return p.b[l*p.ldb+j]
	}
	for l := range pairs {
		for j := range cols {
			put(l, j, splitPair(value(2*l, j), value(2*l+1, j)))
		}
	}
}

func genericSplitPack(p *panel) {
	p.pairs((p.k+1)/2, p.stride, func(l, j int, e [splitParts]float32) {
		for i, v := range e {
			p.dst[splitAt(l, i)*p.stride+j] = v
		}
	})
}

func genericSplitRow(dst, src []float32) {
	p := panel{b: src, k: len(src), cols: 1, trans: true}
	p.pairs(len(dst)/splitParts, 1, func(l, _ int, e [splitParts]float32) {
		for i, v := range e {
			dst[splitAt(l, i)] = v
		}
	})
}

func genericSplitTranspose(p *panel) {
	p.pairs((p.k+2*matrixRows-1)/(2*matrixRows)*matrixRows, min(matrixRows, p.stride), func(l, j int, e [splitParts]float32) {
		for i, v := range e {
			p.dst[splitAt(l, i)*p.stride+j] = v
		}
	})
}

func genericSplitSquare(p *panel) {
	p.pairs((p.k+2*matrixRows-1)/(2*matrixRows)*matrixRows, matrixRows, func(l, j int, e [splitParts]float32) {
		for i, v := range e {
			p.dst[(splitAt(l, i)-l%matrixRows+j)*matrixRows+l%matrixRows] = v
		}
	})
}

// genericSplitTile adds up the parts and multiplies the values. It sums in float64, unlike matrix instructions.
func genericSplitTile(t *tile) {
	nr := len(t.b) / (t.panels * t.k)
	a := make([][]float32, t.rows)
	for i := range a {
		a[i] = splitSums(t.k, func(l int) float32 {
			if t.cs == 1 { // rows, not squares
				return t.a[i*t.rs+l]
			}
			return t.a[i/matrixRows*t.k*matrixRows+l/matrixRows*matrixRows*matrixRows+i%matrixRows*matrixRows+l%matrixRows]
		})
	}
	for j := range t.cols {
		b := splitSums(t.k, func(l int) float32 { return t.b[(j/nr*t.k+l)*nr+j%nr] })
		for i, row := range a {
			var sum float64
			for l, x := range row {
				sum += float64(x) * float64(b[l])
			}
			c := &t.c[i*t.ldc+j]
			if t.beta == 0 {
				*c = t.alpha * float32(sum)
			} else {
				*c = float32(t.beta**c) + float32(t.alpha*float32(sum))
			}
		}
	}
}

// splitSums returns the values whose parts are stored in k elements.
func splitSums(k int, at func(l int) float32) []float32 {
	out := make([]float32, k/splitParts*2)
	for l := range k / splitParts {
		for i := range splitParts {
			x, y := fromPair(at(splitAt(l, i)))
			out[2*l] += x
			out[2*l+1] += y
		}
	}
	return out
}
