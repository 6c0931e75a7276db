package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// int8Product computes a product in int8 step by step: C = A·B + beta·C, with B as gathered columns.
func int8Product(g gemmCase, a, b, c []float32, ldc int) {
	round := func(x []float32) (q []int64, scale float32) {
		var top float32
		for _, v := range x {
			top = max(top, float32(math.Abs(float64(v))))
		}
		q = make([]int64, len(x))
		if top == 0 {
			return q, 0
		}
		to := 127 / top
		for i, v := range x {
			q[i] = int64(math.RoundToEven(float64(float32(v * to))))
		}
		return q, top / 127
	}
	columns, scales := make([][]int64, g.n), make([]float32, g.n)
	for j := range g.n {
		columns[j], scales[j] = round(b[j*g.k:][:g.k])
	}
	for i := range g.m {
		row, scale := round(a[i*g.k:][:g.k])
		for j := range g.n {
			var sum int64
			for l, v := range row {
				sum += v * columns[j][l]
			}
			d := float32(float32(float32(sum)*scales[j]) * scale)
			if e := &c[i*ldc+j]; g.beta == 0 {
				*e = d
			} else {
				*e = float32(g.beta**e) + d
			}
		}
	}
}

// eachIntPath runs a test on every path, and on the paths without AVX512_VNNI.
func eachIntPath(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	eachPath(t, test)
	for _, p := range machinePaths() {
		if narrow := withoutBytes(p); narrow != nil {
			t.Run(p.name+" int16", func(t *testing.T) {
				use(t, narrow)
				test(t)
			})
		}
	}
}

// TestInt8: every path gives the bits of the definition, on one core and on several.
func TestInt8(t *testing.T) {
	eachIntPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 8))
		var cases []gemmCase
		for range 80 {
			cases = append(cases, gemmCase{m: 1 + r.IntN(40), n: 1 + r.IntN(300), k: 1 + r.IntN(90), pad: r.IntN(2) * r.IntN(20), transB: r.IntN(2) == 1, beta: []float32{0, 1, -2}[r.IntN(3)]})
		}
		cases = append(cases, gemmCase{m: 3, n: 70, k: 4*maxBlock + 9, beta: 1}, gemmCase{m: 300, n: 140, k: 33, transB: true})
		for _, g := range cases {
			g.alpha = 1
			a, lda, b, ldb := g.operands(r)
			clear(a[:min(len(a), g.k)]) // a row of zeros
			ldc := g.n + g.pad
			c := matrix(r, g.m, g.n, ldc)
			want, parallel := append([]float32(nil), c...), append([]float32(nil), c...)
			int8Product(g, g.gathered(g.m, false, a, lda), g.gathered(g.n, !g.transB, b, ldb), want, ldc)
			var p Packed
			p.PackAs(Int8, g.transB, g.k, g.n, b, ldb)
			p.Mul(g.m, a, lda, g.beta, c, ldc)
			sameBits(t, fmt.Sprint("Mul ", g), c, want)
			procs(t, 3)
			p.MulParallel(g.m, a, lda, g.beta, parallel, ldc)
			sameBits(t, fmt.Sprint("MulParallel ", g), parallel, want)
		}
	})
}

// TestInt8NotFinite: NaN and infinities reach every product of their row or column and no other.
func TestInt8NotFinite(t *testing.T) {
	eachIntPath(t, func(t *testing.T) {
		const m, n, k = 3, 40, 10
		r := rand.New(rand.NewPCG(3, 9))
		a, b, c := random(r, m*k), random(r, k*n), make([]float32, m*n)
		a[k+3], b[5*n+7] = float32(math.NaN()), float32(math.Inf(-1))
		var p Packed
		p.PackAs(Int8, false, k, n, b, n)
		p.Mul(m, a, k, 0, c, n)
		for i, v := range c {
			if bad := i/n == 1 || i%n == 7; bad != (v != v) {
				t.Errorf("row %d column %d: %v", i/n, i%n, v)
			}
		}
	})
}

func TestInt8Misuse(t *testing.T) {
	x := make([]float32, 100)
	for name, call := range map[string]func(){
		"Gemm":     func() { GemmAs(Int8, false, false, 10, 10, 10, 1, x, 10, x, 10, 0, make([]float32, 100), 10) },
		"too deep": func() { new(Packed).PackAs(Int8, false, maxInt8Depth+1, 1, make([]float32, maxInt8Depth+1), 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}
