package vectors

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkSearch searches 50,000 vectors of 512 numbers for the 10 nearest rows of each query. gflops counts only the
// products. The product benchmarks multiply matrices of the same sizes without a search.
func BenchmarkSearch(b *testing.B) {
	const n, width = 50_000, 512
	rng := rand.New(rand.NewPCG(1, 1))
	m := &Matrix{Texts: make([]string, n), Width: width, Data: make([]float32, n*width)}
	for i := range m.Data {
		m.Data[i] = float32(rng.NormFloat64())
	}
	x, err := NewIndex(context.Background(), m, nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, queries := range []int{1, 16, 256} {
		flops := 2 * float64(n) * width * float64(queries)
		b.Run(fmt.Sprintf("queries=%d", queries), func(b *testing.B) {
			q := &Matrix{Texts: make([]string, queries), Width: width, Data: m.Data[:queries*width]}
			for b.Loop() {
				for _, err := range x.Search(context.Background(), q.All(), nil) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "gflops")
		})
		b.Run(fmt.Sprintf("product=%d", queries), func(b *testing.B) {
			p := pack(x.rows.Data[:queries*width], width)
			c := make([]float32, n*queries)
			for b.Loop() {
				p.MulParallel(n, x.rows.Data, width, 0, c, queries)
			}
			b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "gflops")
		})
	}
}
