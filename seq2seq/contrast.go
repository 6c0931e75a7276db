package seq2seq

import (
	"context"
	"math"
	"math/rand/v2"

	"gorgonia.org/gorgonia"

	"github.com/retell-rnn/retell/rnn"
)

// contrast is the objective that draws vectors of lines that mean the same together and others apart; see
// [ContrastOptions]. It extends the objective that trains the network on each view by itself. That of an embedder has
// no loss of its own.
//
// Gao, Yao and Chen, SimCSE: Simple Contrastive Learning of Sentence Embeddings, 2021.
type contrast struct {
	objective
	*Network
	o    *TrainOptions
	pass *rnn.Pass
	used int // values in the buffers of the last batch: of its largest chunk, and of the vectors of all
}

// contrastTerms is the part of contrast in a network's loss. A nil pointer means none.
type contrastTerms struct {
	of     *contrast
	views  *views
	weight float64   // of a set's loss
	given  []float32 // gradient of the vectors, computed before; nil means that the loss computes it
	stats  contrastStats
}

// contrastStats are the sums of contrast over sets or judged pairs.
type contrastStats struct {
	sets   rnn.ContrastStats
	judged rnn.JudgedStats
}

// loss adds the loss of vectors z, [views, size], to a pass.
func (c *contrastTerms) loss(p *rnn.Pass, z *gorgonia.Node) *gorgonia.Node {
	switch {
	case c == nil:
		return nil
	case c.given != nil:
		return rnn.Given(p, z, c.given)
	case c.views.judged:
		return p.Scale(c.of.judgedLoss().Forward(p, z, c.views.scores, &c.stats.judged), c.weight)
	}
	return p.Scale(c.of.contrastLoss().Forward(p, z, c.views.rows, &c.stats.sets), c.weight)
}

// sizes returns the prefixes of vectors that are trained.
func (c *contrast) sizes() []int {
	if n := c.config.Bottleneck.Contrast; n > 0 && len(c.o.Contrast.Sizes) == 0 {
		return []int{n}
	}
	return c.o.Contrast.Sizes
}

func (c *contrast) contrastLoss() rnn.ContrastLoss {
	o := c.o.Contrast
	return rnn.ContrastLoss{Kind: o.Loss, Temperature: o.Temperature, Margin: o.Margin, Sizes: c.sizes()}
}

func (c *contrast) judgedLoss() rnn.JudgedLoss {
	o := c.o.Contrast
	return rnn.JudgedLoss{Kind: o.Judged, Temperature: o.Temperature, Sizes: c.sizes()}
}

// alone reports whether contrast is the only loss.
func (c *contrast) alone() bool {
	_, is := c.net.head.(*embedder)
	return is
}

// gradients implements objective. The loss of an embedder is that of contrast, and its tokens are sets. Other models
// report it as a figure.
func (c *contrast) gradients(ctx context.Context, b batch) (sum lossSums, err error) {
	b.pairs = b.views.pairs
	terms := &contrastTerms{of: c, views: b.views, weight: 1}
	if !c.alone() {
		tokens := 0
		for _, p := range b.pairs {
			tokens += len(p.tgt) + 1
		}
		terms.weight = c.o.Contrast.Weight * float64(tokens) / float64(b.views.sets())
	}
	if n := c.o.Contrast.Chunk; n > 0 {
		sum, err = c.chunked(ctx, b, terms, n)
	} else {
		b.contrast = terms
		sum, err = c.objective.gradients(ctx, b)
		c.used = c.pass.Allocated()
	}
	c.note(&sum, terms.stats)
	return sum, err
}

// note adds the figures of a batch.
func (c *contrast) note(sum *lossSums, s contrastStats) {
	n, loss := s.sets.Anchors+s.judged.Pairs, s.sets.Loss+s.judged.Loss
	switch {
	case n == 0:
		return
	case c.alone():
		sum.Tokens, sum.NLL, sum.Hits = n, loss, s.sets.Hits
	default:
		sum.note(figureContrast, "nats a set", loss, n)
	}
	if s.sets.Anchors > 0 {
		sum.note(figureFound, "share", float64(s.sets.Hits), s.sets.Anchors)
		sum.note(figureCosine, "cosine", s.sets.Cosine, s.sets.Anchors)
	}
}

// chunked computes the gradients of a batch with the activations of n views at a time in memory. All chunks are
// encoded; the loss of their vectors gives the gradient of each vector; and each chunk is encoded again, with the same
// draws, to take its gradients further.
//
// Gao, Zhang, Han and Callan, Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup, 2021.
func (c *contrast) chunked(ctx context.Context, b batch, terms *contrastTerms, n int) (sum lossSums, err error) {
	seed := b.rng.Uint64()
	draws := func(chunk int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(chunk))) }
	var z []float32
	c.used = 0
	for at := 0; at < len(b.pairs); at += n {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		some, err := c.vectors(b.pairs[at:min(at+n, len(b.pairs))], draws(at))
		if err != nil {
			return sum, err
		}
		z = append(z, some...)
		c.used = max(c.used, c.pass.Allocated())
	}
	size := len(z) / len(b.pairs)
	dz := make([]float32, len(z))
	if b.views.judged {
		terms.stats.judged, err = c.judgedLoss().Gradient(z, size, b.views.scores, dz)
	} else {
		terms.stats.sets, err = c.contrastLoss().Gradient(z, size, b.views.rows, dz)
	}
	if err != nil {
		return sum, err
	}
	for i := range dz {
		dz[i] *= float32(terms.weight)
	}
	for at := 0; at < len(b.pairs); at += n {
		part := b
		part.pairs = b.pairs[at:min(at+n, len(b.pairs))]
		part.rng = draws(at)
		part.contrast = &contrastTerms{of: c, given: dz[at*size:][:len(part.pairs)*size]}
		s, err := c.objective.gradients(ctx, part)
		if err != nil {
			return sum, err
		}
		sum.add(s)
		c.used = max(c.used, c.pass.Allocated())
	}
	c.used += 2*len(z) + c.cosines(b.views)
	return sum, nil
}

// cosines returns the number of cosines in the loss of a batch, and of values of the same size as its vectors.
func (c *contrast) cosines(v *views) int {
	n := len(v.rows.Anchors)
	return n*(n+len(v.rows.Negatives)) + 2*len(v.pairs)*c.contrastSize()
}

// vectors encodes pairs in training: with the draws of rng, but without gradients.
func (c *contrast) vectors(pairs []pair, rng *rand.Rand) ([]float32, error) {
	c.pass.Frozen = true
	defer func() { c.pass.Frozen = false }()
	c.pass.Start(rng)
	z, _ := c.net.head.(vectorHead).vectors(c.pass, c.net.encode(c.pass, sources(pairs)), rnn.Latent{})
	if err := c.pass.Forward(); err != nil {
		return nil, err
	}
	return append([]float32(nil), rnn.Floats(z)...), nil
}

// chance implements objective. Cosines bound the loss of an embedder, and an untrained one may have any.
func (c *contrast) chance() float64 {
	if c.alone() {
		return math.Inf(1)
	}
	return c.objective.chance()
}
