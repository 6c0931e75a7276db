package kernel

// genericTile computes a tile of one or two rows and up to four columns.
func genericTile(t *tile) {
	var acc [2][4]float32
	if t.rows == 2 {
		acc[0], acc[1] = genericDot2x4(t.k, t.a, t.a[t.rs:], t.cs, t.b)
	} else {
		acc[0] = genericDot1x4(t.k, t.a, t.cs, t.b)
	}
	for i := range t.rows {
		c := t.c[i*t.ldc:][:t.cols]
		for j := range c {
			if t.beta == 0 {
				c[j] = t.alpha * acc[i][j]
			} else {
				c[j] = float32(t.beta*c[j]) + float32(t.alpha*acc[i][j])
			}
		}
	}
}

// genericDot2x4 multiplies two rows of A with a panel of four columns.
func genericDot2x4(k int, a, a2 []float32, cs int, b []float32) (c, d [4]float32) {
	var c0, c1, c2, c3, d0, d1, d2, d3 float32
	for l := range k {
		p := (*[4]float32)(b[4*l:])
		x, y := a[l*cs], a2[l*cs]
		c0 += float32(x * p[0])
		c1 += float32(x * p[1])
		c2 += float32(x * p[2])
		c3 += float32(x * p[3])
		d0 += float32(y * p[0])
		d1 += float32(y * p[1])
		d2 += float32(y * p[2])
		d3 += float32(y * p[3])
	}
	return [4]float32{c0, c1, c2, c3}, [4]float32{d0, d1, d2, d3}
}

// genericDot1x4 multiplies one row of A with a panel of four columns.
func genericDot1x4(k int, a []float32, cs int, b []float32) (c [4]float32) {
	var c0, c1, c2, c3 float32
	for l := range k {
		p := (*[4]float32)(b[4*l:])
		x := a[l*cs]
		c0 += float32(x * p[0])
		c1 += float32(x * p[1])
		c2 += float32(x * p[2])
		c3 += float32(x * p[3])
	}
	return [4]float32{c0, c1, c2, c3}
}

// genericPack packs a panel, stored either way.
func genericPack(p *panel) {
	nr := p.stride
	for l := range p.k {
		row := p.dst[l*nr:][:nr]
		if p.trans {
			for j := range p.cols {
				row[j] = p.b[j*p.ldb+l]
			}
		} else {
			copy(row, p.b[l*p.ldb:][:p.cols])
		}
		clear(row[p.cols:])
	}
}
