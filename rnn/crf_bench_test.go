package rnn

import (
	"fmt"
	"testing"
)

// BenchmarkCRF measures a field on 32 sentences of 5 to 36 tokens; an operation is the whole batch.
func BenchmarkCRF(b *testing.B) {
	for _, labels := range []int{17, 46, 200} {
		var lens []int
		for s := range 32 {
			lens = append(lens, 5+s)
		}
		c := newCRFCase(1, labels, 3, nil, lens...)
		q := c.Pack()
		var mem Buffers
		p := make([]float32, len(c.x))
		target := newLabelTarget(c.gold, nil)
		for name, f := range map[string]func(){
			"train":     func() { c.run(&mem, c.x, c.lay, target, p, false) },
			"loss":      func() { c.run(&mem, c.x, c.lay, target, nil, false) },
			"marginals": func() { q.Marginals(&mem, p, c.x, c.lay) },
			"viterbi":   func() { q.Viterbi(&mem, c.x, c.lay) },
			"kbest":     func() { q.KBest(&mem, c.x, c.lay, 10) },
		} {
			b.Run(fmt.Sprintf("%s/%d", name, labels), func(b *testing.B) {
				for b.Loop() {
					mem.Reset()
					f()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*c.lay.Rows()), "ns/token")
			})
		}
	}
}
