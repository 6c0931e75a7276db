package kernel

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"
)

// limits holds the measured speed of each path and number of cores, in operations a second.
var limits sync.Map

// limit measures the register-only speed of the active path on n cores, once.
func limit(n int) float64 {
	key := fmt.Sprint(Path(), n)
	if v, ok := limits.Load(key); ok {
		return v.(float64)
	}
	var best float64
	for range 20 {
		ops := make([]int, n)
		start := time.Now()
		Parallel(n, func(lo, hi int) { ops[lo] = Limit(200_000) })
		sum := 0
		for _, v := range ops {
			sum += v
		}
		best = max(best, float64(sum)/time.Since(start).Seconds())
	}
	limits.Store(key, best)
	return best
}

// reportSpeed reports the speed of a benchmark with ops operations an iteration, and its share of the float32 limit.
func reportSpeed(b *testing.B, ops float64) {
	b.StopTimer()
	speed := ops * float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(speed/1e9, "GFLOP/s")
	b.ReportMetric(100*speed/limit(runtime.GOMAXPROCS(0)), "%limit")
}

// eachProductBench runs a benchmark as eachPathBench does, in each precision that the path has.
func eachProductBench(b *testing.B, precisions []Precision, bench func(b *testing.B, prec Precision)) {
	eachPathBench(b, func(b *testing.B) {
		for _, prec := range precisions {
			if prec.Available() == nil {
				b.Run(prec.String(), func(b *testing.B) { bench(b, prec) })
			}
		}
	})
}

// eachPathBench runs a benchmark on every vector path that the machine has, or on the portable one if it has none.
func eachPathBench(b *testing.B, bench func(b *testing.B)) {
	paths := machinePaths()
	for _, p := range paths[:max(1, len(paths)-1)] {
		b.Run(p.name, func(b *testing.B) {
			use(b, p)
			bench(b)
		})
	}
}

// random returns n random numbers in aligned memory, as layers use it.
func random(r *rand.Rand, n int) []float32 {
	x := Floats(n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func BenchmarkLimit(b *testing.B) {
	eachPathBench(b, func(b *testing.B) {
		ops := 0
		for b.Loop() {
			ops = Limit(100_000)
		}
		b.ReportMetric(float64(ops)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	})
}

// BenchmarkTile measures the kernel of one tile with its operands in the L1 cache: the cost of loads beside
// multiply-adds.
func BenchmarkTile(b *testing.B) {
	const depth = 128
	eachProductBench(b, []Precision{Float32, Split, BF16}, func(b *testing.B, prec Precision) {
		r := rand.New(rand.NewPCG(1, 1))
		q := product{path: active}
		q.setDepth(prec, depth)
		rows, cols, k := q.mr, active.nr, q.k
		t := &tile{
			a: random(r, rows*oddLines(k)), rs: oddLines(k), cs: 1, b: random(r, k*cols), c: make([]float32, rows*cols), ldc: cols,
			rows: rows, panels: 1, cols: cols, k: k, alpha: 1, sums: make([]float32, rows*cols),
		}
		t.next, t.nextCount = t.a, 1
		for b.Loop() {
			q.tile(t)
		}
		reportSpeed(b, 2*float64(rows*cols*depth))
	})
}

func BenchmarkGemm(b *testing.B) {
	sizes := []struct {
		name           string
		transA, transB bool
		m, n, k        int
	}{
		{"cube", false, false, 512, 512, 512},
		{"cube", false, false, 1024, 1024, 1024},
		{"input", false, false, 896, 2048, 768},
		{"output", false, true, 896, 8000, 512},
		{"output-dx", false, false, 896, 512, 8000},
		{"weights", true, false, 2048, 512, 896},
		{"weights", true, false, 2048, 768, 896},
		{"output-dw", true, false, 8000, 512, 896},
	}
	eachProductBench(b, []Precision{Float32, Split, BF16}, func(b *testing.B, prec Precision) {
		r := rand.New(rand.NewPCG(1, 1))
		for _, s := range sizes {
			b.Run(fmt.Sprintf("%s-%dx%dx%d", s.name, s.m, s.k, s.n), func(b *testing.B) {
				x, y, c := random(r, s.m*s.k), random(r, s.k*s.n), Floats(s.m*s.n)
				lda, ldb := s.k, s.n
				if s.transA {
					lda = s.m
				}
				if s.transB {
					ldb = s.k
				}
				GemmAs(prec, s.transA, s.transB, s.m, s.n, s.k, 1, x, lda, y, ldb, 0, c, s.n)
				b.ReportAllocs()
				for b.Loop() {
					GemmAs(prec, s.transA, s.transB, s.m, s.n, s.k, 1, x, lda, y, ldb, 0, c, s.n)
				}
				reportSpeed(b, 2*float64(s.m)*float64(s.n)*float64(s.k))
			})
		}
	})
}

func BenchmarkPacked(b *testing.B) {
	sizes := []struct{ m, n, k int }{
		{64, 2048, 512},
		{64, 512, 2048},
		{64, 1536, 512},
		{896, 8000, 512},
		{1, 2048, 512},
		{2, 2048, 512},
		{3, 2048, 512},
		{4, 2048, 512},
		{5, 2048, 512},
		{8, 2048, 512},
		{1, 8000, 512},
		{5, 8000, 512},
	}
	eachProductBench(b, []Precision{Float32, Split, BF16, Int8}, func(b *testing.B, prec Precision) {
		r := rand.New(rand.NewPCG(1, 1))
		for _, s := range sizes {
			b.Run(fmt.Sprintf("%dx%dx%d", s.m, s.k, s.n), func(b *testing.B) {
				x, y, c := random(r, s.m*s.k), random(r, s.k*s.n), Floats(s.m*s.n)
				var p Packed
				p.PackAs(prec, false, s.k, s.n, y, s.n)
				b.ReportAllocs()
				for b.Loop() {
					p.MulParallel(s.m, x, s.k, 0, c, s.n)
				}
				reportSpeed(b, 2*float64(s.m)*float64(s.n)*float64(s.k))
				b.ReportMetric(float64(4*active.elements(prec, s.k)*s.n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
			})
		}
	})
}
