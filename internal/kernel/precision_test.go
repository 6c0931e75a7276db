package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestParsePrecision(t *testing.T) {
	for _, want := range []Precision{Float32, BF16} {
		if p, err := ParsePrecision(want.String()); p != want || err != nil {
			t.Errorf("%v: got %v, %v", want, p, err)
		}
	}
	if _, err := ParsePrecision("fp8"); err == nil || !strings.Contains(err.Error(), `"fp8"`) {
		t.Errorf("unknown name: %v", err)
	}
}

func TestPrecisionAvailable(t *testing.T) {
	use(t, &generic)
	if err := Float32.Available(); err != nil {
		t.Error(err)
	}
	if err := BF16.Available(); err == nil || !strings.Contains(err.Error(), "AVX512_BF16") {
		t.Errorf("portable kernels: %v", err)
	}
	end := EmulateBF16()
	if err := BF16.Available(); err != nil {
		t.Error(err)
	}
	end()
	if BF16.Available() == nil {
		t.Error("still emulated")
	}
}

func TestPackedBytes(t *testing.T) {
	use(t, &generic)
	defer emulate(func(p *path) { p.pairs, p.split = &genericPairs, &genericSplit })()
	for prec, want := range map[Precision]int{Float32: 4, BF16: 2, Split: 6, Int8: 2} {
		if got := prec.PackedBytes(); got != want {
			t.Errorf("%v: %d bytes: want %d", prec, got, want)
		}
	}
}

// eachPairs runs a test on the portable kernels of pairs and on those of the machine, if it has any.
func eachPairs(t *testing.T, test func(t *testing.T, pairs *pairKernels)) {
	t.Helper()
	t.Run("generic", func(t *testing.T) { test(t, &genericPairs) })
	for _, p := range machinePaths() {
		if p.pairs != nil {
			t.Run(p.name, func(t *testing.T) { test(t, p.pairs) })
		}
	}
}

// TestPairRounding: values round to the nearest, ties to even; NaN stays NaN.
func TestPairRounding(t *testing.T) {
	inf := float32(math.Inf(1))
	nan := float32(math.NaN())
	src := []float32{
		1, 1 + 1./256, 1 + 3./256, 1 + 1./256 + 1./4096, -1 - 1./256, -1 - 3./256, 0, inf, -inf, math.MaxFloat32,
		3.140625, 3.14159265, nan, math.Float32frombits(0x7f800001), math.Float32frombits(0xffffffff),
	}
	want := []float32{
		1, 1, 1 + 1./64, 1 + 1./128, -1, -1 - 1./64, 0, inf, -inf, inf, 3.140625, 3.140625, nan, nan, nan, 0,
	}
	eachPairs(t, func(t *testing.T, pairs *pairKernels) {
		dst := make([]float32, (len(src)+1)/2)
		pairs.row(dst, src)
		for i := range want {
			x, y := fromPair(dst[i/2])
			got := []float32{x, y}[i%2]
			if got != want[i] && !(got != got && want[i] != want[i]) {
				t.Errorf("value %d: got %v: want %v", i, got, want[i])
			}
		}
	})
}

// TestPairKernels: every length and width equals the portable kernels, and nothing is written outside.
func TestPairKernels(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	eachPairs(t, func(t *testing.T, pairs *pairKernels) {
		for n := 1; n <= 70; n++ {
			src := random(r, n)
			got, want := fill(n), fill(n)
			pairs.row(got[:(n+1)/2], src)
			genericPairRow(want[:(n+1)/2], src)
			sameBits(t, "row", got, want)
		}
		for _, stride := range []int{16, 32} {
			for cols := 1; cols <= stride; cols++ {
				for k := 1; k <= 5; k++ {
					p := panel{b: random(r, (k-1)*40+cols), ldb: 40, k: k, cols: cols, stride: stride}
					got, want := fill(4*stride), fill(4*stride)
					p.dst = got
					pairs.pack(&p)
					p.dst = want
					genericPairPack(&p)
					sameBits(t, "pack", got, want)
				}
			}
		}
	})
}

// eachSplit runs a test on the machine's kernels of Split, if it has any.
func eachSplit(t *testing.T, test func(t *testing.T, split *pairKernels)) {
	t.Helper()
	ran := false
	for _, p := range machinePaths() {
		if p.split != nil {
			t.Run(p.name, func(t *testing.T) { test(t, p.split) })
			ran = true
		}
	}
	if !ran {
		t.Skip("this processor does not multiply matrices")
	}
}

// TestSplitKernels: every length and width equals the portable kernels, and nothing is written outside.
func TestSplitKernels(t *testing.T) {
	const unit = splitParts * matrixRows
	r := rand.New(rand.NewPCG(1, 9))
	eachSplit(t, func(t *testing.T, split *pairKernels) {
		for n := 1; n <= 100; n++ {
			src := random(r, n)
			src[r.IntN(n)] = math.Float32frombits(0x7f800001) // a NaN whose payload is in the low bits
			size := (n + 2*matrixRows - 1) / (2 * matrixRows) * unit
			got, want := fill(size+1), fill(size+1)
			split.row(got[:size], src)
			genericSplitRow(want[:size], src)
			samePairs(t, "row", got, want)
		}
		for _, k := range []int{1, 2, 31, 32, 33, 63, 64, 65} {
			units := (k + 2*matrixRows - 1) / (2 * matrixRows) * unit
			for _, stride := range []int{16, 32} {
				for cols := 1; cols <= stride; cols++ {
					p := panel{b: random(r, (k-1)*40+cols), ldb: 40, k: k, cols: cols, stride: stride}
					bothPack(t, "pack", &p, units*stride, split.pack, genericSplitPack)
				}
			}
			for cols := 0; cols <= matrixRows; cols++ {
				p := panel{b: random(r, (k-1)*40+matrixRows), ldb: 40, k: k, cols: cols}
				bothPack(t, "square", &p, units*matrixRows, split.matrix.square, genericSplitSquare)
				p = panel{b: random(r, matrixRows*(k+3)), ldb: k + 3, k: k, cols: cols, stride: 32, trans: true}
				bothPack(t, "turn", &p, units*p.stride, split.matrix.transpose, genericSplitTranspose)
			}
		}
	})
}

// bothPack packs a panel twice and compares.
func bothPack(t *testing.T, what string, p *panel, size int, kernel, reference func(p *panel)) {
	t.Helper()
	got, want := fill(size+1), fill(size+1)
	p.dst = got[:size]
	kernel(p)
	p.dst = want[:size]
	reference(p)
	samePairs(t, fmt.Sprintf("%s of %d×%d", what, p.k, p.cols), got, want)
}

// samePairs fails unless both have the same pairs. All NaN are equal.
func samePairs(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		g0, g1 := fromPair(got[i])
		w0, w1 := fromPair(want[i])
		if g0 != w0 && !(g0 != g0 && w0 != w0) || g1 != w1 && !(g1 != g1 && w1 != w1) {
			t.Fatalf("%s: element %d is (%v, %v): want (%v, %v)", what, i, g0, g1, w0, w1)
		}
	}
}

// TestSplitExact: the parts of a value add up to it exactly; NaN and infinities do not become finite.
func TestSplitExact(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		if active == &generic {
			t.Cleanup(EmulateSplit())
		}
		if err := Split.Available(); err != nil {
			t.Skip(err)
		}
		r := rand.New(rand.NewPCG(3, 3))
		const m, n = 40, 70
		one := make([]float32, n*n)
		for i := range n {
			one[i*n+i] = 1
		}
		a, c := make([]float32, m*n), make([]float32, m*n)
		for i := range a {
			a[i] = float32(r.NormFloat64() * math.Pow(10, 60*r.Float64()-30))
		}
		GemmAs(Split, false, false, m, n, n, 1, a, n, one, n, 0, c, n)
		for i := range a {
			if c[i] != a[i] {
				t.Fatalf("%v·1 = %v", a[i], c[i])
			}
		}
		for _, x := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), math.Float32frombits(0x7fffffff), math.Float32frombits(0x7f800001)} {
			a[3*n+5] = x
			GemmAs(Split, false, false, m, n, n, 1, a, n, one, n, 0, c, n)
			if y := c[3*n+5]; y == y && !math.IsInf(float64(y), 0) {
				t.Errorf("%v·1 = %v", x, y)
			}
			if y := c[4*n+5]; y != a[4*n+5] {
				t.Errorf("%v below %v: want %v", y, x, a[4*n+5])
			}
		}
	})
}

// TestSplitPrecision: errors of products are no greater than those of Float32.
func TestSplitPrecision(t *testing.T) {
	eachSplit(t, func(t *testing.T, _ *pairKernels) {
		r := rand.New(rand.NewPCG(4, 4))
		for _, spread := range []float64{0, 8} { // range of the values in powers of ten
			for _, k := range []int{16, 64, 500, 2500} {
				g := gemmCase{m: 64, n: 64, k: k, alpha: 1}
				a, b := random(r, g.m*k), random(r, k*g.n)
				for i := range a {
					a[i] *= float32(math.Pow(10, spread*(r.Float64()-0.5)))
				}
				want, bound := g.reference(a, k, b, g.n, nil, 0)
				var rms [2]float64
				for i, prec := range []Precision{Float32, Split} {
					c := make([]float32, g.m*g.n)
					GemmAs(prec, false, false, g.m, g.n, k, 1, a, k, b, g.n, 0, c, g.n)
					for e, y := range c {
						d := (float64(y) - want[e]) / bound[e]
						rms[i] += d * d
					}
					rms[i] = math.Sqrt(rms[i] / float64(len(c)))
				}
				t.Logf("k %d, spread %g: errors of split %.3f of those of float32", k, spread, rms[1]/rms[0])
				if !(rms[1] <= rms[0]) {
					t.Errorf("k %d, spread %g: errors of split %.3g: want at most those of float32, %.3g", k, spread, rms[1], rms[0])
				}
			}
		}
	})
}

// fill returns n guards.
func fill(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = guard
	}
	return x
}
