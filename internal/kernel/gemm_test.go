package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// gemmCase is one call of Gemm. Leading dimensions are the least possible plus pad.
type gemmCase struct {
	transA, transB bool
	m, n, k, pad   int
	alpha, beta    float32
	prec           Precision
}

func (g gemmCase) String() string {
	return fmt.Sprintf("transA=%v transB=%v m=%d n=%d k=%d pad=%d alpha=%v beta=%v %v", g.transA, g.transB, g.m, g.n, g.k, g.pad, g.alpha, g.beta, g.prec)
}

// maxBlock is the longest block of k of any path.
const maxBlock = 2048

const guard = float32(-12345.5)

// matrix returns rows × cols random values with leading dimension ld; the elements between rows hold the guard.
func matrix(r *rand.Rand, rows, cols, ld int) []float32 {
	if rows == 0 || cols == 0 {
		return nil
	}
	x := make([]float32, (rows-1)*ld+cols)
	for i := range x {
		x[i] = guard
		if i%ld < cols {
			x[i] = float32(r.NormFloat64())
		}
	}
	return x
}

// operands returns A and B and their leading dimensions. Elements between rows are NaN, to show reads outside rows.
func (g gemmCase) operands(r *rand.Rand) (a []float32, lda int, b []float32, ldb int) {
	rows, cols := g.m, g.k
	if g.transA {
		rows, cols = cols, rows
	}
	lda = max(1, cols) + g.pad
	a = matrix(r, rows, cols, lda)
	rows, cols = g.k, g.n
	if g.transB {
		rows, cols = cols, rows
	}
	ldb = max(1, cols) + g.pad
	b = matrix(r, rows, cols, ldb)
	for _, x := range [][]float32{a, b} {
		for i := range x {
			if x[i] == guard {
				x[i] = float32(math.NaN())
			}
		}
	}
	return a, lda, b, ldb
}

// gathered returns a rows × g.k operand without padding, its values rounded to the precision.
func (g gemmCase) gathered(rows int, trans bool, x []float32, ld int) []float32 {
	out := make([]float32, 0, rows*g.k)
	for i := range rows {
		for l := range g.k {
			at := i*ld + l
			if trans {
				at = l*ld + i
			}
			v := x[at]
			if g.prec == BF16 {
				v = math.Float32frombits(toBF16(v) << 16)
			}
			out = append(out, v)
		}
	}
	return out
}

// reference returns the elements of C in float64 and a bound on the error of float32.
func (g gemmCase) reference(a []float32, lda int, b []float32, ldb int, c []float32, ldc int) (want, bound []float64) {
	a, b = g.gathered(g.m, g.transA, a, lda), g.gathered(g.n, !g.transB, b, ldb)
	want, bound = make([]float64, g.m*g.n), make([]float64, g.m*g.n)
	for i := range g.m {
		for j := range g.n {
			var sum, size float64
			row, col := a[i*g.k:][:g.k], b[j*g.k:][:g.k]
			for l, x := range row {
				p := float64(x) * float64(col[l])
				sum += p
				size += math.Abs(p)
			}
			sum *= float64(g.alpha)
			size *= math.Abs(float64(g.alpha))
			if g.beta != 0 {
				p := float64(g.beta) * float64(c[i*ldc+j])
				sum += p
				size += math.Abs(p)
			}
			want[i*g.n+j] = sum
			bound[i*g.n+j] = size*4e-7*math.Sqrt(float64(g.k)+4) + 1e-30
		}
	}
	return want, bound
}

// check compares C with the reference and the elements between its rows with the guard.
func (g gemmCase) check(t *testing.T, what string, want, bound []float64, c []float32, ldc int) {
	t.Helper()
	for i, v := range c {
		row, col := i/ldc, i%ldc
		if col >= g.n {
			if v != guard {
				t.Fatalf("%s: %v: wrote outside: row %d column %d", what, g, row, col)
			}
			continue
		}
		e := row*g.n + col
		if !(math.Abs(float64(v)-want[e]) <= bound[e]) {
			t.Fatalf("%s: %v: c[%d,%d] = %v: want %v ± %g", what, g, row, col, v, want[e], bound[e])
		}
	}
}

func gemmCases(r *rand.Rand, prec Precision, short bool) []gemmCase {
	var cases []gemmCase
	alphas, betas := []float32{1, 1, 0, -0.5, 2}, []float32{0, 0, 1, -2, 0.25}
	count := 400
	if short {
		count = 25
	}
	for range count {
		cases = append(cases, gemmCase{
			r.IntN(2) == 1, r.IntN(2) == 1, 1 + r.IntN(70), 1 + r.IntN(70), 1 + r.IntN(70), r.IntN(3) * r.IntN(20),
			alphas[r.IntN(len(alphas))], betas[r.IntN(len(betas))], prec,
		})
	}
	for i := range 4 {
		ta, tb := i&1 != 0, i&2 != 0
		if short && ta != tb {
			continue
		}
		cases = append(cases,
			gemmCase{ta, tb, 1, 300, 130, 0, 1, 0, prec},
			gemmCase{ta, tb, 3, 1037, 65, 3, 1, 1, prec},
			gemmCase{ta, tb, 64, 256, 128, 0, 1, 0, prec},
			gemmCase{ta, tb, 129, 97, 300, 16, 1.5, 0, prec},
			gemmCase{ta, tb, 15, 33, 2*maxBlock + 7, 0, 1, 1, prec},
			gemmCase{ta, tb, 20, 140, maxBlock + 7, 0, 1, 1, prec}, // columns gathered over several blocks of k
			gemmCase{ta, tb, 16, 130, 1024, 0, 1, 0, prec},         // rows that map to one set of the cache
			gemmCase{ta, tb, 230, 129, 512, 0, 1, 0, prec},         // several chunks of rows
			gemmCase{ta, tb, 17, 400, 512, 0, 1, 1, prec},          // several blocks of columns
			gemmCase{ta, tb, 200, 1, 17, 0, 1, 0, prec},
			gemmCase{ta, tb, 5, 6, 0, 2, 1, 0.5, prec},
			gemmCase{ta, tb, 0, 6, 3, 2, 1, 0.5, prec})
	}
	return cases
}

func TestGemm(t *testing.T) {
	eachProduct(t, func(t *testing.T, prec Precision) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, g := range gemmCases(r, prec, testing.Short()) {
			a, lda, b, ldb := g.operands(r)
			ldc := max(1, g.n) + g.pad
			c := matrix(r, g.m, g.n, ldc)
			want, bound := g.reference(a, lda, b, ldb, c, ldc)
			if g.beta == 0 {
				for i := range c {
					if i%ldc < g.n {
						c[i] = float32(math.NaN())
					}
				}
			}
			GemmAs(prec, g.transA, g.transB, g.m, g.n, g.k, g.alpha, a, lda, b, ldb, g.beta, c, ldc)
			g.check(t, "Gemm", want, bound, c, ldc)
		}
	})
}

// TestGemmChunks: one goroutine processes A in several chunks.
func TestGemmChunks(t *testing.T) {
	eachProduct(t, func(t *testing.T, prec Precision) {
		procs(t, 1)
		r := rand.New(rand.NewPCG(7, 8))
		for _, g := range []gemmCase{
			{transA: true, m: 230, n: 130, k: 600, alpha: 1, prec: prec},
			{transA: false, m: 230, n: 130, k: 1024, alpha: 1, prec: prec},
		} {
			a, lda, b, ldb := g.operands(r)
			c := matrix(r, g.m, g.n, g.n)
			want, bound := g.reference(a, lda, b, ldb, c, g.n)
			GemmAs(prec, g.transA, g.transB, g.m, g.n, g.k, g.alpha, a, lda, b, ldb, g.beta, c, g.n)
			g.check(t, "Gemm", want, bound, c, g.n)
		}
	})
}

// TestGemmEach: several products at once have the bits of each alone.
func TestGemmEach(t *testing.T) {
	eachProduct(t, func(t *testing.T, prec Precision) {
		r := rand.New(rand.NewPCG(9, 8))
		for _, size := range []struct{ m, k int }{{230, 700}, {40, 33}, {3, 50}} {
			for _, transA := range []bool{false, true} {
				first := gemmCase{transA: transA, m: size.m, n: 70, k: size.k, pad: 3, prec: prec}
				a, lda, _, _ := first.operands(r)
				var rights []Right
				var want [][]float32
				for i, n := range []int{70, 0, 5, 129} {
					g := gemmCase{m: size.m, n: n, k: size.k, pad: i, prec: prec}
					_, _, b, ldb := g.operands(r)
					c := matrix(r, g.m, n, n+2)
					alone := append([]float32(nil), c...)
					GemmAs(prec, transA, false, g.m, n, g.k, 1, a, lda, b, ldb, float32(i%2), alone, n+2)
					rights, want = append(rights, Right{n, b, ldb, float32(i % 2), c, n + 2}), append(want, alone)
				}
				GemmEach(prec, transA, size.m, size.k, a, lda, rights...)
				for i, w := range want {
					sameBits(t, fmt.Sprintf("%v, product %d", first, i), rights[i].C, w)
				}
			}
		}
	})
}

func TestPacked(t *testing.T) {
	eachProduct(t, func(t *testing.T, prec Precision) {
		r := rand.New(rand.NewPCG(3, 4))
		var p Packed
		for _, g := range gemmCases(r, prec, testing.Short()) {
			g.transA, g.alpha = false, 1
			if g.beta != 0 {
				g.beta = 1
			}
			a, lda, b, ldb := g.operands(r)
			ldc := max(1, g.n) + g.pad
			c := matrix(r, g.m, g.n, ldc)
			want, bound := g.reference(a, lda, b, ldb, c, ldc)
			p.PackAs(prec, g.transB, g.k, g.n, b, ldb)
			if p.K() != g.k || p.N() != g.n {
				t.Fatalf("%v: K=%d N=%d", g, p.K(), p.N())
			}
			d := append([]float32(nil), c...)
			p.Mul(g.m, a, lda, g.beta, c, ldc)
			g.check(t, "Mul", want, bound, c, ldc)
			p.MulParallel(g.m, a, lda, g.beta, d, ldc)
			sameBits(t, "MulParallel", d, c)
		}
	})
}

// sameBits fails unless got and want are equal to the bit.
func sameBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%s: element %d is %v: want the bits of %v", what, i, got[i], want[i])
		}
	}
}

// TestRowAlone: a row has the same bits alone, in a batch, packed, not packed, and on any number of cores.
func TestRowAlone(t *testing.T) {
	eachProduct(t, func(t *testing.T, prec Precision) {
		r := rand.New(rand.NewPCG(5, 6))
		for _, size := range []struct{ m, n, k int }{{33, 45, 19}, {64, 200, 65}, {7, 515, 100}, {15, 66, maxBlock + 5}} {
			g := gemmCase{m: size.m, n: size.n, k: size.k, alpha: 1, prec: prec}
			a, lda, b, ldb := g.operands(r)
			want := make([]float32, g.m*g.n)
			GemmAs(prec, false, false, g.m, g.n, g.k, 1, a, lda, b, ldb, 0, want, g.n)
			for _, n := range []int{1, 2, 5} {
				procs(t, n)
				c := make([]float32, g.m*g.n)
				GemmAs(prec, false, false, g.m, g.n, g.k, 1, a, lda, b, ldb, 0, c, g.n)
				sameBits(t, fmt.Sprintf("Gemm on %d", n), c, want)
				var p Packed
				p.PackAs(prec, false, g.k, g.n, b, ldb)
				clear(c)
				p.MulParallel(g.m, a, lda, 0, c, g.n)
				sameBits(t, fmt.Sprintf("MulParallel on %d", n), c, want)
				at := make([]float32, g.k*g.m)
				for i := range g.m {
					for l := range g.k {
						at[l*g.m+i] = a[i*lda+l]
					}
				}
				clear(c)
				GemmAs(prec, true, false, g.m, g.n, g.k, 1, at, g.m, b, ldb, 0, c, g.n)
				sameBits(t, fmt.Sprintf("transposed on %d", n), c, want)
				for lo := 0; lo < g.m; {
					hi := min(g.m, lo+1+r.IntN(6))
					clear(c)
					p.Mul(hi-lo, a[lo*lda:], lda, 0, c, g.n)
					sameBits(t, fmt.Sprintf("rows %d to %d", lo, hi), c[:(hi-lo)*g.n], want[lo*g.n:hi*g.n])
					lo = hi
				}
			}
		}
	})
}
