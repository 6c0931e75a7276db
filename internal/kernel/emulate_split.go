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

// splitValue returns the parts of x: each the nearest bf16 to what the ones before it leave, ties away from zero. The first is x but for
// 2⁻⁸ of it, the first two but for 2⁻¹⁷, and all three are x, unless it is too small for the last ones.
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

func genericSplitTile(t *tile) {
	nr := len(t.b) / (t.panels * t.k)
	a := func(i, l int) float32 { // rows apart, or squares of them
		if t.cs == 1 {
			return t.a[i*t.rs+l]
		}
		return t.a[i/splitSide*t.k*splitSide+l/splitSide*splitSide*splitSide+i%splitSide*splitSide+l%splitSide]
	}
	for i := range t.rows {
		for j := range t.cols {
			var sum float32
			b := t.b[j/nr*t.k*nr+j%nr:]
			for unit := 0; unit < t.k; unit += splitParts * splitSide {
				for _, part := range [...][2]int{{2, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 2}, {0, 0}} {
					var s float32
					for l := range splitSide {
						x0, x1 := fromPair(a(i, unit+part[0]*splitSide+l))
						y0, y1 := fromPair(b[(unit+part[1]*splitSide+l)*nr])
						s += x0*y0 + x1*y1
					}
					sum += s
				}
			}
			c := &t.c[i*t.ldc+j]
			if t.beta == 0 {
				*c = t.alpha * sum
			} else {
				*c = float32(t.beta**c) + float32(t.alpha*sum)
			}
		}
	}
}
