package kernel

import "math"

// genericSplit has the layout of matrix tiles.
var genericSplit = pairKernels{
	parts: splitParts, tile: genericSplitTile, pack: genericSplitPack, row: genericSplitRow,
	matrix: &matrixTiles{mr: 32, kBlock: 256, side: splitSide, square: genericSplitSquare, turn: genericSplitTurn},
}

const (
	splitParts = 3
	splitSide  = 16
)

// splitValue returns the parts of x: each the nearest bf16 to what the ones before it leave, ties away from zero. The
// first is x but for 2⁻⁸ of it, the first two but for 2⁻¹⁷, and all three are x, unless it is too small for the last
// ones.
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

// splitPair returns the elements that hold the parts of two values.
func splitPair(x, y float32) (e [splitParts]float32) {
	p, q := splitValue(x), splitValue(y)
	for i := range e {
		e[i] = toPair(p[i], q[i])
	}
	return e
}

// splitAt returns which element along k holds the i-th part of the l-th pair.
func splitAt(l, i int) int { return (l/splitSide*splitParts+i)*splitSide + l%splitSide }

// pairs calls put for each pair of values along k and column less than cols with the elements that hold them.
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

func genericSplitTurn(p *panel) {
	p.pairs((p.k+2*splitSide-1)/(2*splitSide)*splitSide, min(splitSide, p.stride), func(l, j int, e [splitParts]float32) {
		for i, v := range e {
			p.dst[splitAt(l, i)*p.stride+j] = v
		}
	})
}

func genericSplitSquare(p *panel) {
	p.pairs((p.k+2*splitSide-1)/(2*splitSide)*splitSide, splitSide, func(l, j int, e [splitParts]float32) {
		for i, v := range e {
			p.dst[(splitAt(l, i)-l%splitSide+j)*splitSide+l%splitSide] = v
		}
	})
}

// genericSplitTile multiplies the sums of the parts; it sums more precisely than matrix instructions.
func genericSplitTile(t *tile) {
	nr := len(t.b) / (t.panels * t.k)
	a := make([][]float32, t.rows)
	for i := range a {
		a[i] = splitSums(t.k, func(l int) float32 {
			if t.cs == 1 { // rows apart, or squares of them
				return t.a[i*t.rs+l]
			}
			return t.a[i/splitSide*t.k*splitSide+l/splitSide*splitSide*splitSide+i%splitSide*splitSide+l%splitSide]
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

// splitSums returns the values whose parts lie in k elements.
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
