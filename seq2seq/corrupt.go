package seq2seq

import "math/rand/v2"

// Noise corrupts pairs in training. State files hold it as JSON, so that a resumed training can log a change.
type Noise interface {
	// Corrupt returns the source and target to train on in place of the given ones. The source has at least one token.
	// Corrupt does not change its arguments, but may return them.
	Corrupt(rng *rand.Rand, source, target []int32) (s, t []int32)
}

// TextNoise corrupts texts of pairs in training, before they become tokens.
type TextNoise interface {
	// CorruptText returns the source and target to train on in place of the given ones.
	CorruptText(rng *rand.Rand, source, target string) (s, t string)
}

// batch returns the batch of the training pairs with the given indices.
func (t *trainer) batch(indices []int, rng *rand.Rand) (b batch, err error) {
	b = batch{step: t.at.Step, rng: rng}
	if t.contrasts(&t.o) {
		b.views = t.drawViews(indices, rng)
	} else {
		b.pairs, err = t.corrupted(indices, rng)
	}
	return b, err
}

// corrupted returns copies of the training pairs with the given indices: noise corrupts their texts, BPE dropout
// segments them anew, and then noise corrupts their tokens.
func (t *trainer) corrupted(indices []int, rng *rand.Rand) ([]pair, error) {
	pairs := pick(t.train, indices)
	for i := range pairs {
		p := &pairs[i]
		if t.o.TextNoise != nil {
			if err := t.corruptText(p, rng); err != nil {
				return nil, err
			}
		}
		t.o.BPEDropout.segment(t.Network, p, rng)
		if t.o.Noise != nil {
			p.src, p.tgt = t.o.Noise.Corrupt(rng, p.src, p.tgt)
		}
	}
	return pairs, nil
}

// corruptText encodes a pair anew from its corrupted texts. The pair stays as it is if a text has no tokens
// left, or if a labeler lacks a label.
func (t *trainer) corruptText(p *pair, rng *rand.Rand) error {
	var now texts
	now.source, now.target = t.o.TextNoise.CorruptText(rng, p.texts.source, p.texts.target)
	if now == *p.texts {
		return nil
	}
	var lex *lexicon
	if p.words != nil {
		lex = p.words.lexicon
	}
	source := t.encodeLine(now.source, t.newOOV(), lex)
	target := encodeTarget(t.target, now.target, source.oovWords())
	fits := len(source.src) > 0 && len(target) > 0
	if h, ok := t.net.head.(exampleHead); ok {
		var err error
		if fits, err = h.fits(source.src, target); err != nil {
			return err
		}
	}
	if fits {
		p.sourceLine, p.tgt, p.texts = source, target, &now
	}
	return nil
}
