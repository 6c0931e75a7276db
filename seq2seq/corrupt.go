package seq2seq

import "math/rand/v2"

// Noise corrupts pairs in training. Its value, as JSON, tells trainings apart.
type Noise interface {
	// Corrupt returns what is trained on in place of a source and its target: a source of at least one token. It does
	// not change its arguments, but may return them.
	Corrupt(rng *rand.Rand, source, target []int32) (s, t []int32)
}

// corrupted returns copies of the training pairs with the given indices as a step reads them: BPE dropout draws their
// pieces anew, then noise corrupts them.
func (t *trainer) corrupted(indices []int, rng *rand.Rand) []pair {
	pairs := pick(t.train, indices)
	for i := range pairs {
		p := &pairs[i]
		t.o.BPEDropout.segment(t.Network, p, rng)
		if t.o.Noise != nil {
			p.src, p.tgt = t.o.Noise.Corrupt(rng, p.src, p.tgt)
		}
	}
	return pairs
}
