package seq2seq

import (
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/rnn"
)

// copying holds the source tokens that each hypothesis may copy.
type copying struct {
	copies []*rnn.Copies // one for each row
	mass   []float32     // scratch, [rows, width]; width is the length of the longest source
	width  int
}

func newCopying(mem *rnn.Buffers, lines []sourceLine, limit int) *copying {
	c := &copying{}
	for _, r := range lines {
		c.copies = append(c.copies, r.copies)
		c.width = max(c.width, len(r.src))
	}
	c.mass = mem.Take(limit * c.width)
	return c
}

// mix replaces the logits of all rows by log-probabilities: the vocabulary's distribution mixed with the copies'. y is
// the output layer's input.
func (c *copying) mix(s *decoderStepper, logits, y []float32) {
	in := s.output.In()
	kernel.Tasks(len(c.copies), func(r int) {
		s.copier.LogProbs(logits[r*s.size:][:s.size], y[r*in:][:in], s.d.Attention(r), *c.copies[r], c.mass[r*c.width:][:c.width])
	})
}

func (c *copying) reorder(rows []int) {
	next := make([]*rnn.Copies, len(rows))
	for i, r := range rows {
		next[i] = c.copies[r]
	}
	c.copies = next
}
