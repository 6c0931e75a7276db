package seq2seq

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/retell-rnn/retell/rnn"
	"gorgonia.org/gorgonia"
)

// step makes one step of the optimiser from some batches.
func (t *trainer) step(ctx context.Context, batches [][]int) (Progress, error) {
	if err := t.trainEncoder(ctx); err != nil {
		return Progress{}, err
	}
	rng := rand.New(rand.NewPCG(t.o.Seed, dropoutStream+uint64(t.at.Step)))
	sum, err := t.gradients(ctx, batches, rng)
	if err != nil {
		return Progress{}, err
	}
	// Here the gradients of a step are complete and not yet applied: sums over several processes belong here.
	rate := t.rate()
	norm, err := t.apply(t.net.params.Grads(), sum, rate)
	if err != nil {
		return Progress{}, err
	}
	t.at.Step++
	if t.average != nil {
		t.average.Update(t.net.params, t.at.Step)
	}
	p := Progress{Step: t.at.Step, Loss: sum.NLL / float64(sum.Tokens), Tokens: sum.Tokens, Rate: rate, GradNorm: norm}
	if sum.Sequences > 0 {
		p.Divergence = sum.KL / float64(sum.Sequences)
	}
	return p, nil
}

// stepSums are the figures of a step's batches.
type stepSums struct {
	rnn.LossStats
	rnn.LatentStats
}

// gradients sums the gradients of some batches, and their figures.
func (t *trainer) gradients(ctx context.Context, batches [][]int, rng *rand.Rand) (sum stepSums, err error) {
	t.net.params.ZeroGrads()
	for _, b := range batches {
		pairs := make([]pair, len(b))
		for i, k := range b {
			pairs[i] = t.train[k]
			t.o.BPEDropout.segment(t.Model, &pairs[i], rng)
			if t.o.Noise != nil {
				pairs[i].src, pairs[i].tgt = t.o.Noise.Corrupt(rng, pairs[i].src, pairs[i].tgt)
			}
		}
		if t.o.Risk.Metric != "" {
			s, err := t.riskGradients(ctx, pairs, rng)
			if err != nil {
				return sum, err
			}
			sum.LossStats.Add(s)
			continue
		}
		var s stepSums
		terms := lossTerms{
			smoothing: t.o.LabelSmoothing,
			repeated:  t.o.CoverageLoss,
			guided:    t.o.GuidedAlignment,
			latent:    rnn.Latent{Weight: t.latentWeight(), FreeBits: t.o.Latent.FreeBits, Stats: &s.LatentStats},
			weights:   weightsOf(pairs),
			stats:     &s.LossStats,
		}
		terms.latent.Weights = terms.weights
		if reference := t.o.ScheduledSampling.reference(t.at.Step); reference < 1 {
			if terms.read, err = t.mix(ctx, pairs, reference, rng); err != nil {
				return sum, err
			}
		}
		t.pass.Start(rng)
		loss := t.net.loss(&t.pass, pairs, terms)
		if _, err := t.pass.Backward(loss); err != nil {
			return sum, err
		}
		sum.LossStats.Add(s.LossStats)
		sum.LatentStats.Add(s.LatentStats)
	}
	return sum, nil
}

// apply lets the optimiser move parameters by the mean of their gradients over the target tokens, clipped, and returns
// the norm of the mean before that.
func (t *trainer) apply(params []gorgonia.ValueGrad, sum stepSums, rate float64) (norm float64, err error) {
	scale := 1 / float64(sum.Tokens)
	norm = rnn.GradNorm(t.net.params) * scale
	if math.IsNaN(norm) || math.IsInf(norm, 0) || math.IsNaN(sum.NLL) || math.IsInf(sum.NLL, 0) {
		return norm, fmt.Errorf("%w at step %d: the loss is %v and the norm of the gradient %v: want finite numbers (a lower learning rate helps)",
			ErrDiverged, t.at.Step+1, sum.NLL*scale, norm)
	}
	if t.o.Clip > 0 && norm > t.o.Clip {
		scale *= t.o.Clip / norm
	}
	t.opt.SetRate(rate, scale)
	if err := t.opt.Step(params); err != nil {
		return norm, err
	}
	t.changed()
	return norm, nil
}

// dropoutStream sets the draws of dropout apart from other uses of the seed.
const dropoutStream = 1 << 32
