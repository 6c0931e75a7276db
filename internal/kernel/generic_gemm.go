package kernel

import "fmt"

// genericNR is the columns of a tile and of a packed panel.
const genericNR = 4

// genericTile computes a tile of one or two rows and up to four columns: C = alpha·A·B + beta·C.
func genericTile(t *tile) {
	var acc [2][genericNR]float32
	switch t.rows {
	case 1:
		acc[0] = genericDot1x4(t.k, t.a, t.cs, t.b)
	case 2:
		acc[0], acc[1] = genericDot2x4(t.k, t.a, t.a[t.rs:], t.cs, t.b)
	default:
		panic(fmt.Sprintf("kernel: tile of %d rows: want 1 or 2", t.rows))
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
func genericDot2x4(k int, a, a2 []float32, cs int, b []float32) (c, d [genericNR]float32) {
	var c0, c1, c2, c3, d0, d1, d2, d3 float32
	for l := range k {
		p := (*[genericNR]float32)(b[genericNR*l:])
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
	return [genericNR]float32{c0, c1, c2, c3}, [genericNR]float32{d0, d1, d2, d3}
}

// genericDot1x4 multiplies one row of A with a panel of four columns.
func genericDot1x4(k int, a []float32, cs int, b []float32) (c [genericNR]float32) {
	var c0, c1, c2, c3 float32
	for l := range k {
		p := (*[genericNR]float32)(b[genericNR*l:])
		x := a[l*cs]
		c0 += float32(x * p[0])
		c1 += float32(x * p[1])
		c2 += float32(x * p[2])
		c3 += float32(x * p[3])
	}
	return [genericNR]float32{c0, c1, c2, c3}
}

// genericPack packs a panel of B, transposed or not.
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
