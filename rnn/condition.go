package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// readCondition returns the product of the conditions [batch, Condition] and their weights, [batch, gates·hidden].
// Every step adds it to layer 0's pre-activations.
func (s *decoderUnits) readCondition(mem *Buffers, batch int, condition []float32) []float32 {
	g := s.layers[0].width()
	same := mem.Take(batch * g)
	s.condition.MulParallel(batch, condition, s.Condition, 0, same, g)
	return same
}

// sumSteps returns each sequence's gradients of layer 0's pre-activations, summed over its steps, [batch,
// gates·hidden] by rank. The gradients of the condition and its weights follow from this sum.
func (r *decoderRun) sumSteps() []float32 {
	g, batch := r.layers[0].width(), r.lay.Batch()
	gx, sum := r.tr.layers[0].gx, r.mem.zeros(batch*g)
	kernel.Parallel(batch, func(lo, hi int) {
		for t, n := range r.lay.sizes {
			if end := min(hi, n); lo < end {
				kernel.Axpy(1, gx[(r.lay.start[t]+lo)*g:][:(end-lo)*g], sum[lo*g:end*g])
			}
		}
	})
	return sum
}
