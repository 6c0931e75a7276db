package search

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// constantStepper costs almost nothing, so that a benchmark measures the search alone.
type constantStepper struct {
	n, size        int
	source, logits []float32
}

func (c *constantStepper) Rows() int               { return c.n }
func (c *constantStepper) Vocab() int              { return c.size }
func (c *constantStepper) Reorder(rows []int)      { c.n = len(rows) }
func (c *constantStepper) Attention(int) []float32 { return nil }
func (c *constantStepper) Step(tokens []int32) ([]float32, error) {
	return c.logits[:copy(c.logits, c.source[:len(tokens)*c.size])], nil
}

func BenchmarkSearch(b *testing.B) {
	const sentences, vocab, source = 64, 8000, 10
	rng := rand.New(rand.NewPCG(1, 1))
	logits := make([]float32, sentences*5*vocab)
	for i := range logits {
		logits[i] = 3 * float32(rng.NormFloat64())
	}
	lengths := slices.Repeat([]int{source}, sentences)
	for _, width := range []int{1, 5} {
		b.Run(fmt.Sprintf("beam=%d", width), func(b *testing.B) {
			o := usual(width)
			steps := 0
			for b.Loop() {
				c := &constantStepper{n: sentences, size: vocab, source: logits, logits: make([]float32, len(logits))}
				found, err := Run(b.Context(), c, unasked(lengths), o)
				if err != nil {
					b.Fatal(err)
				}
				steps += len(found[0][0].Tokens)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(steps), "µs/step")
		})
	}
}
