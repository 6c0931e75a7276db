package seq2seq

import "math/rand/v2"

// Noise corrupts pairs in training. State files hold it as JSON, so that a resumed training can log a change.
type Noise interface {
	// Corrupt returns the source and target to train on in place of the given ones. The source has at least one token.
	// Corrupt does not change its arguments, but may return them.
	Corrupt(rng *rand.Rand, source, target []int32) (s, t []int32)
}

// batch returns the batch of the training pairs with the given indices.
func (t *trainer) batch(indices []int, rng *rand.Rand) batch {
	b := batch{step: t.at.Step, rng: rng}
	if t.contrasts(&t.o) {
		b.views = t.drawViews(indices, rng)
	} else {
		b.pairs = t.corrupted(indices, rng)
	}
	return b
}

// corrupted returns copies of the training pairs with the given indices: BPE dropout segments them anew, then noise
// corrupts them.
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
