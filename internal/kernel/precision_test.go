package kernel

import (
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

// eachPairs runs a test on the portable kernels of pairs and on the machine's, if it has any.
func eachPairs(t *testing.T, test func(t *testing.T, pairs *pairKernels)) {
	t.Helper()
	t.Run("generic", func(t *testing.T) { test(t, &genericPairs) })
	for _, p := range machinePaths() {
		if p.pairs != nil {
			t.Run(p.name, func(t *testing.T) { test(t, p.pairs) })
		}
	}
}

// TestPairRounding: to the nearest, ties to even; what is no number stays so.
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

// TestPairKernels: every length and width, with nothing written beside it, as the portable kernels have it.
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

// fill returns n guards.
func fill(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = guard
	}
	return x
}
