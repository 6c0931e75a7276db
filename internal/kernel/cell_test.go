package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func sigmoid64(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// cellSizes are numbers of rows and hidden units.
var cellSizes = []struct{ rows, h int }{{1, 1}, {2, 3}, {3, 8}, {5, 15}, {2, 16}, {3, 17}, {4, 33}, {2, 256}, {1, 301}, {0, 4}, {3, 0}}

func TestLSTM(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 1))
		for _, s := range cellSizes {
			n := s.rows * s.h
			gates, checkGates := guarded(t, random(r, 4*n))
			pre := append([]float32(nil), gates...)
			c0, dh, dc0 := random(r, n), random(r, n), random(r, n)
			c1, checkC1 := guarded(t, make([]float32, n))
			tc, checkTC := guarded(t, make([]float32, n))
			h, checkH := guarded(t, make([]float32, n))
			LSTMForward(s.rows, s.h, gates, c0, c1, tc, h)
			act := append([]float32(nil), gates...)
			dc, checkDC := guarded(t, dc0)
			LSTMBackward(s.rows, s.h, gates, c0, tc, dh, dc)
			for _, check := range []func(){checkGates, checkC1, checkTC, checkH, checkDC} {
				check()
			}
			for row := range s.rows {
				for j := range s.h {
					at := func(k int) int { return row*4*s.h + k*s.h + j }
					e := row*s.h + j
					i, f := sigmoid64(float64(pre[at(0)])), sigmoid64(float64(pre[at(1)]))
					g, o := math.Tanh(float64(pre[at(2)])), sigmoid64(float64(pre[at(3)]))
					c := f*float64(c0[e]) + i*g
					tanh := math.Tanh(c)
					dct := float64(dc0[e]) + float64(dh[e])*o*(1-tanh*tanh)
					for _, v := range []struct {
						name string
						got  float32
						want float64
					}{
						{"i", act[at(0)], i},
						{"f", act[at(1)], f},
						{"g", act[at(2)], g},
						{"o", act[at(3)], o},
						{"c1", c1[e], c},
						{"tc", tc[e], tanh},
						{"h", h[e], o * tanh},
						{"di", gates[at(0)], dct * g * i * (1 - i)},
						{"df", gates[at(1)], dct * float64(c0[e]) * f * (1 - f)},
						{"dg", gates[at(2)], dct * i * (1 - g*g)},
						{"do", gates[at(3)], float64(dh[e]) * tanh * o * (1 - o)},
						{"dc0", dc[e], dct * f},
					} {
						near(t, fmt.Sprintf("rows=%d h=%d row %d unit %d: %s", s.rows, s.h, row, j, v.name), v.got, v.want, 2e-6, 1e-6)
					}
				}
			}
		}
	})
}

func TestGRU(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(2, 2))
		for _, s := range cellSizes {
			n := s.rows * s.h
			gx, checkX := guarded(t, random(r, 3*n))
			gh, checkH := guarded(t, random(r, 3*n))
			preX, preH := append([]float32(nil), gx...), append([]float32(nil), gh...)
			h0, dh0 := random(r, n), random(r, n)
			h1, checkH1 := guarded(t, make([]float32, n))
			GRUForward(s.rows, s.h, gx, gh, h0, h1)
			sameBits(t, "gh", gh, preH)
			act := append([]float32(nil), gx...)
			dh, checkDH := guarded(t, dh0)
			GRUBackward(s.rows, s.h, gx, gh, h0, dh)
			for _, check := range []func(){checkX, checkH, checkH1, checkDH} {
				check()
			}
			for row := range s.rows {
				for j := range s.h {
					at := func(k int) int { return row*3*s.h + k*s.h + j }
					e := row*s.h + j
					d, h, hn := float64(dh0[e]), float64(h0[e]), float64(preH[at(2)])
					rr := sigmoid64(float64(preX[at(0)]) + float64(preH[at(0)]))
					z := sigmoid64(float64(preX[at(1)]) + float64(preH[at(1)]))
					nn := math.Tanh(float64(preX[at(2)]) + rr*hn)
					dn := d * (1 - z) * (1 - nn*nn)
					dz := d * (h - nn) * z * (1 - z)
					dr := dn * hn * rr * (1 - rr)
					for _, v := range []struct {
						name string
						got  float32
						want float64
					}{
						{"r", act[at(0)], rr},
						{"z", act[at(1)], z},
						{"n", act[at(2)], nn},
						{"h1", h1[e], (1-z)*nn + z*h},
						{"dr", gx[at(0)], dr},
						{"dz", gx[at(1)], dz},
						{"dn", gx[at(2)], dn},
						{"dr of h", gh[at(0)], dr},
						{"dz of h", gh[at(1)], dz},
						{"dn of h", gh[at(2)], dn * rr},
						{"dh", dh[e], z * d},
					} {
						near(t, fmt.Sprintf("rows=%d h=%d row %d unit %d: %s", s.rows, s.h, row, j, v.name), v.got, v.want, 2e-6, 1e-6)
					}
				}
			}
		}
	})
}

// TestCellInPlace: the new state may take the place of the old.
func TestCellInPlace(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 3))
		const rows, h = 3, 37
		gates, c := random(r, rows*4*h), random(r, rows*h)
		c1, tc, out := make([]float32, rows*h), make([]float32, rows*h), make([]float32, rows*h)
		LSTMForward(rows, h, append([]float32(nil), gates...), c, c1, tc, out)
		LSTMForward(rows, h, gates, c, c, tc, out)
		sameBits(t, "c1", c, c1)
		gx, gh, h0 := random(r, rows*3*h), random(r, rows*3*h), random(r, rows*h)
		GRUForward(rows, h, append([]float32(nil), gx...), gh, h0, out)
		GRUForward(rows, h, gx, gh, h0, h0)
		sameBits(t, "h1", h0, out)
	})
}

func TestMGU(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 3))
		for _, s := range cellSizes {
			n := s.rows * s.h
			gx, checkX := guarded(t, random(r, 2*n))
			gh, checkH := guarded(t, random(r, 2*n))
			preX, preH := append([]float32(nil), gx...), append([]float32(nil), gh...)
			h0, dh0 := random(r, n), random(r, n)
			h1, checkH1 := guarded(t, make([]float32, n))
			MGUForward(s.rows, s.h, gx, gh, h0, h1)
			sameBits(t, "gh", gh, preH)
			act := append([]float32(nil), gx...)
			dh, checkDH := guarded(t, dh0)
			MGUBackward(s.rows, s.h, gx, gh, h0, dh)
			for _, check := range []func(){checkX, checkH, checkH1, checkDH} {
				check()
			}
			for row := range s.rows {
				for j := range s.h {
					at := func(k int) int { return row*2*s.h + k*s.h + j }
					e := row*s.h + j
					d, h, hn := float64(dh0[e]), float64(h0[e]), float64(preH[at(1)])
					f := sigmoid64(float64(preX[at(0)]) + float64(preH[at(0)]))
					nn := math.Tanh(float64(preX[at(1)]) + f*hn)
					dn := d * f * (1 - nn*nn)
					df := (d*(nn-h) + dn*hn) * f * (1 - f)
					for _, v := range []struct {
						name string
						got  float32
						want float64
					}{
						{"f", act[at(0)], f},
						{"n", act[at(1)], nn},
						{"h1", h1[e], (1-f)*h + f*nn},
						{"df", gx[at(0)], df},
						{"dn", gx[at(1)], dn},
						{"df of h", gh[at(0)], df},
						{"dn of h", gh[at(1)], dn * f},
						{"dh", dh[e], (1 - f) * d},
					} {
						near(t, fmt.Sprintf("rows=%d h=%d row %d unit %d: %s", s.rows, s.h, row, j, v.name), v.got, v.want, 2e-6, 1e-6)
					}
				}
			}
		}
	})
}

func TestPeephole(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(4, 4))
		for _, s := range cellSizes {
			n := s.rows * s.h
			gates, checkGates := guarded(t, random(r, 4*n))
			pre := append([]float32(nil), gates...)
			p, c0, dh, dc0 := random(r, 3*s.h), random(r, n), random(r, n), random(r, n)
			c1, checkC1 := guarded(t, make([]float32, n))
			tc, checkTC := guarded(t, make([]float32, n))
			h, checkH := guarded(t, make([]float32, n))
			PeepholeForward(s.rows, s.h, gates, p, c0, c1, tc, h)
			act := append([]float32(nil), gates...)
			dc, checkDC := guarded(t, dc0)
			dp, checkDP := guarded(t, make([]float32, 3*n))
			PeepholeBackward(s.rows, s.h, gates, p, c0, c1, tc, dh, dc, dp)
			for _, check := range []func(){checkGates, checkC1, checkTC, checkH, checkDC, checkDP} {
				check()
			}
			for row := range s.rows {
				for j := range s.h {
					at := func(k int) int { return row*4*s.h + k*s.h + j }
					of := func(k int) float64 { return float64(p[k*s.h+j]) }
					e := row*s.h + j
					c := float64(c0[e])
					i, f := sigmoid64(float64(pre[at(0)])+of(0)*c), sigmoid64(float64(pre[at(1)])+of(1)*c)
					g := math.Tanh(float64(pre[at(2)]))
					next := f*c + i*g
					o, tanh := sigmoid64(float64(pre[at(3)])+of(2)*next), math.Tanh(next)
					do := float64(dh[e]) * tanh * o * (1 - o)
					dct := float64(dc0[e]) + float64(dh[e])*o*(1-tanh*tanh) + do*of(2)
					di, df := dct*g*i*(1-i), dct*c*f*(1-f)
					for _, v := range []struct {
						name string
						got  float32
						want float64
					}{
						{"i", act[at(0)], i},
						{"f", act[at(1)], f},
						{"g", act[at(2)], g},
						{"o", act[at(3)], o},
						{"c1", c1[e], next},
						{"tc", tc[e], tanh},
						{"h", h[e], o * tanh},
						{"di", gates[at(0)], di},
						{"df", gates[at(1)], df},
						{"dg", gates[at(2)], dct * i * (1 - g*g)},
						{"do", gates[at(3)], do},
						{"dc0", dc[e], dct*f + di*of(0) + df*of(1)},
						{"dp of i", dp[row*3*s.h+j], di * c},
						{"dp of f", dp[row*3*s.h+s.h+j], df * c},
						{"dp of o", dp[row*3*s.h+2*s.h+j], do * next},
					} {
						near(t, fmt.Sprintf("rows=%d h=%d row %d unit %d: %s", s.rows, s.h, row, j, v.name), v.got, v.want, 4e-6, 2e-6)
					}
				}
			}
		}
	})
}
