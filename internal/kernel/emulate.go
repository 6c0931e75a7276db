package kernel

import "math"

// EmulateBF16 makes products in [BF16] available on every machine until end is called. They are slow; it is for tests.
func EmulateBF16() (end func()) { return emulate(func(p *path) { p.pairs = &genericPairs }) }

// EmulateSplit is EmulateBF16 for products in [Split].
func EmulateSplit() (end func()) { return emulate(func(p *path) { p.split = &genericSplit }) }

// emulate replaces the active path by a changed copy until end is called.
func emulate(change func(p *path)) (end func()) {
	before := active
	emulated := *active
	change(&emulated)
	active = &emulated
	return func() { active = before }
}

var genericPairs = pairKernels{parts: 1, tile: genericPairTile, pack: genericPairPack, row: genericPairRow}

// toBF16 rounds to the nearest bf16, ties to even, and returns its bits.
func toBF16(x float32) uint32 {
	b := math.Float32bits(x)
	if x != x {
		return b>>16 | 1<<6
	}
	return (b + 0x7fff + b>>16&1) >> 16
}

// toPair returns the element of two values in bf16, x in the low half.
func toPair(x, y float32) float32 { return math.Float32frombits(toBF16(y)<<16 | toBF16(x)) }

// fromPair returns the two values of an element.
func fromPair(p float32) (x, y float32) {
	b := math.Float32bits(p)
	return math.Float32frombits(b << 16), math.Float32frombits(b &^ 0xffff)
}

// genericPairTile computes a tile of pairs.
func genericPairTile(t *tile) {
	nr := len(t.b) / (t.panels * t.k)
	for i := range t.rows {
		for j := range t.cols {
			var sum float32
			b := t.b[j/nr*t.k*nr+j%nr:]
			for l := range t.k {
				x0, x1 := fromPair(t.a[i*t.rs+l*t.cs])
				y0, y1 := fromPair(b[l*nr])
				sum += x1 * y1 // exact products
				sum += x0 * y0
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

// genericPairPack packs a panel as pairs of rows.
func genericPairPack(p *panel) {
	for l := 0; l < p.k; l += 2 {
		row := p.dst[l/2*p.stride:][:p.stride]
		for j := range p.cols {
			var y float32
			if l+1 < p.k {
				y = p.b[(l+1)*p.ldb+j]
			}
			row[j] = toPair(p.b[l*p.ldb+j], y)
		}
		clear(row[p.cols:])
	}
}

// genericPairRow rounds src to pairs.
func genericPairRow(dst, src []float32) {
	for i := range dst {
		var y float32
		if 2*i+1 < len(src) {
			y = src[2*i+1]
		}
		dst[i] = toPair(src[2*i], y)
	}
}
