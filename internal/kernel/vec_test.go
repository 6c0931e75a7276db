package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

var inf32, nan32 = float32(math.Inf(1)), float32(math.NaN())

// guarded returns a copy of x inside a longer slice, and a check that the elements around it are unchanged.
func guarded(t *testing.T, x []float32) (inner []float32, check func()) {
	t.Helper()
	outer := make([]float32, len(x)+40)
	for i := range outer {
		outer[i] = guard
	}
	copy(outer[20:], x)
	return outer[20:][:len(x):len(x)], func() {
		t.Helper()
		for i, v := range outer {
			if (i < 20 || i >= 20+len(x)) && v != guard {
				t.Fatalf("wrote outside: element %d of %d", i-20, len(x))
			}
		}
	}
}

// lengths are slice lengths with every kind of tail.
func lengths() []int {
	var n []int
	for i := range 70 {
		n = append(n, i)
	}
	return append(n, 127, 128, 129, 1000)
}

// close64 reports whether got is want within rel·|want| + abs, or both are NaN, or the same after rounding.
func close64(got float32, want, rel, abs float64) bool {
	g := float64(got)
	return math.Abs(g-want) <= rel*math.Abs(want)+abs || math.IsNaN(g) && math.IsNaN(want) || float64(float32(want)) == g
}

// near fails unless close64 holds.
func near(t *testing.T, what string, got float32, want, rel, abs float64) {
	t.Helper()
	if !close64(got, want, rel, abs) {
		t.Fatalf("%s = %v: want %v within %g (off by %g)", what, got, want, rel, math.Abs(float64(got)-want)/math.Abs(want))
	}
}

// elementary are the functions of one argument, with bounds of their relative error and, for subnormal results, of the
// absolute error.
var elementary = []struct {
	name string
	fn   func(dst, src []float32)
	ref  func(float64) float64
	rel  float64
	abs  float64
}{
	{"Exp", Exp, math.Exp, 1.5e-7, 2e-45},
	{"Tanh", Tanh, math.Tanh, 3e-7, 2e-45},
	{"Sigmoid", Sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 2.5e-7, 1.2e-38},
}

func TestElementary(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 1))
		var x []float32
		for i := -1100; i <= 1100; i++ {
			x = append(x, float32(i)/10)
		}
		for range 20_000 {
			x = append(x, float32(r.NormFloat64()*8), float32(r.NormFloat64()), float32(r.NormFloat64()*math.Exp(-30*r.Float64())))
		}
		x = append(x, 0, float32(math.Copysign(0, -1)), inf32, -inf32, nan32, math.MaxFloat32, -math.MaxFloat32,
			math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 88.72283, 88.72284, -87.33655, -103.97, -103.98, 1e-38)
		for _, f := range elementary {
			dst := make([]float32, len(x))
			f.fn(dst, x)
			var worst float64
			for i, v := range x {
				want := f.ref(float64(v))
				if !close64(dst[i], want, f.rel, f.abs) {
					t.Fatalf("%s(%v) = %v: want %v within %g", f.name, v, dst[i], want, f.rel)
				}
				if w := math.Abs(want); w > 1e-37 && w < 1e37 {
					worst = max(worst, math.Abs(float64(dst[i])-want)/w)
				}
			}
			t.Logf("%s: relative error at most %.2g", f.name, worst)
		}
	})
}

// TestElementaryLengths: every length, in place or not, gives the bits of the same elements in a long slice.
func TestElementaryLengths(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(2, 2))
		x := random(r, 1000)
		for _, f := range elementary {
			want := make([]float32, len(x))
			f.fn(want, x)
			for _, n := range lengths() {
				dst, check := guarded(t, make([]float32, n))
				f.fn(dst, x[:n])
				check()
				sameBits(t, f.name, dst, want[:n])
				src, check := guarded(t, x[:n])
				f.fn(src, src)
				check()
				sameBits(t, f.name+" in place", src, want[:n])
			}
		}
	})
}

func TestArithmetic(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 3))
		for _, n := range lengths() {
			a, b, d := random(r, n), random(r, n), random(r, n)
			alpha := float32(r.NormFloat64())
			for _, f := range []struct {
				name string
				fn   func(dst []float32)
				ref  func(i int) float64
			}{
				{"Add", func(dst []float32) { Add(dst, a, b) }, func(i int) float64 { return float64(a[i]) + float64(b[i]) }},
				{"Add in place", func(dst []float32) { Add(dst, dst, b) }, func(i int) float64 { return float64(d[i]) + float64(b[i]) }},
				{"Mul", func(dst []float32) { Mul(dst, a, b) }, func(i int) float64 { return float64(a[i]) * float64(b[i]) }},
				{"Axpy", func(dst []float32) { Axpy(alpha, a, dst) }, func(i int) float64 { return float64(d[i]) + float64(alpha)*float64(a[i]) }},
				{"Scale", func(dst []float32) { Scale(alpha, dst) }, func(i int) float64 { return float64(alpha) * float64(d[i]) }},
				{"Affine", func(dst []float32) { Affine(alpha, 2, dst) }, func(i int) float64 { return float64(alpha)*float64(d[i]) + 2 }},
			} {
				dst, check := guarded(t, d)
				f.fn(dst)
				check()
				for i, v := range dst {
					near(t, fmt.Sprintf("%s: n=%d i=%d", f.name, n, i), v, f.ref(i), 1e-7, 3e-7)
				}
			}
		}
	})
}

func TestReductions(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(4, 4))
		for _, n := range append(lengths(), 100_003) {
			x, y := random(r, n), random(r, n)
			var dot, size, sum, squares float64
			top, arg := math.Inf(-1), -1
			for i := range x {
				dot += float64(x[i]) * float64(y[i])
				size += math.Abs(float64(x[i]) * float64(y[i]))
				sum += float64(x[i])
				squares += float64(x[i]) * float64(x[i])
				if float64(x[i]) > top {
					top, arg = float64(x[i]), i
				}
			}
			near(t, fmt.Sprint("Dot ", n), Dot(x, y), dot, 0, size*1e-6)
			if got := Sum(x); math.Abs(got-sum) > 1e-9*float64(n) {
				t.Fatalf("Sum of %d = %v: want %v", n, got, sum)
			}
			if got := SumSquares(x); math.Abs(got-squares) > 1e-12*squares {
				t.Fatalf("SumSquares of %d = %v: want %v", n, got, squares)
			}
			if got := Max(x); got != float32(top) {
				t.Fatalf("Max of %d = %v: want %v", n, got, top)
			}
			if got := ArgMax(x); got != arg {
				t.Fatalf("ArgMax of %d = %d: want %d", n, got, arg)
			}
			if n == 0 || n > 1000 {
				continue
			}
			i := r.IntN(n)
			x[i] = nan32
			if got := Sum(x); !math.IsNaN(got) {
				t.Fatalf("Sum with NaN = %v", got)
			}
			if got := ArgMax(x); got == i || n > 1 && math.IsNaN(float64(Max(x))) {
				t.Fatalf("ArgMax with NaN at %d = %d, Max = %v", i, got, Max(x))
			}
		}
	})
}

func TestMaxCases(t *testing.T) {
	for _, c := range []struct {
		x    []float32
		top  float32
		best int
	}{
		{nil, -inf32, -1},
		{[]float32{nan32}, -inf32, -1},
		{[]float32{nan32, nan32, 3, nan32}, 3, 2},
		{[]float32{2, 5, 5, 1}, 5, 1},
		{[]float32{-inf32, -inf32}, -inf32, 0},
		{[]float32{1, inf32}, inf32, 1},
	} {
		eachPath(t, func(t *testing.T) {
			if top, best := Max(c.x), ArgMax(c.x); top != c.top || best != c.best {
				t.Errorf("%v: got %v at %d: want %v at %d", c.x, top, best, c.top, c.best)
			}
		})
	}
}

func TestMaxPlus(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(6, 6))
		for _, n := range lengths() {
			for _, rows := range []int{0, 1, 2, 17} {
				x, m, dst := random(r, rows), random(r, rows*n), random(r, n+1)
				if len(m) > 3 {
					m[0], m[1], m[3], x[rows-1] = nan32, -inf32, inf32, -inf32
				}
				last := dst[n]
				MaxPlus(dst[:n], x, m)
				for j, got := range dst[:n] {
					want := -inf32
					for i, v := range x {
						if sum := v + m[i*n+j]; sum > want {
							want = sum
						}
					}
					if got != want {
						t.Fatalf("%d×%d: column %d is %v: want %v", rows, n, j, got, want)
					}
				}
				if dst[n] != last {
					t.Fatalf("%d×%d: wrote past the columns", rows, n)
				}
			}
		}
	})
}

func TestRows(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 5))
		for range 50 {
			rows, n, pad := 1+r.IntN(20), 1+r.IntN(50), r.IntN(20)
			ld := n + pad
			x := matrix(r, rows, n, ld)
			bias := random(r, n)
			sums := make([]float32, n)
			ColSums(rows, n, x, ld, sums)
			added, set := append([]float32(nil), x...), append([]float32(nil), x...)
			AddBias(rows, n, added, ld, bias)
			SetRows(rows, n, set, ld, bias)
			for j := range n {
				var want float64
				for i := range rows {
					e := i*ld + j
					want += float64(x[e])
					if added[e] != x[e]+bias[j] || set[e] != bias[j] {
						t.Fatalf("row %d column %d: AddBias %v, SetRows %v", i, j, added[e], set[e])
					}
				}
				near(t, "ColSums", sums[j], want, 1e-6, 1e-5)
			}
			for i := range x {
				if i%ld >= n && (added[i] != guard || set[i] != guard) {
					t.Fatalf("element %d between rows was written", i)
				}
			}
		}
	})
}
