package seq2seq

import (
	"context"
	"fmt"
	"math"

	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
)

// variational is the objective of a model with a bottleneck. To another objective, usually likelihood, it adds the
// divergence of a variational model's vectors from their prior, with the weight that [LatentOptions] give. It measures
// how the decoder uses the vector, variational or not, and guards against a decoder that ignores it.
//
// Bowman et al., Generating Sentences from a Continuous Space, 2016.
type variational struct {
	objective
	*Network
	o     *TrainOptions
	saved latentState
}

// latentState is the part of a training's state about its bottleneck.
type latentState struct {
	Halved    int `json:"halved"`    // how often the guard has halved the weight of the divergence
	Collapsed int `json:"collapsed"` // validations in a row in which the decoder ignored the vector
}

// state implements objective.
func (v *variational) state() any { return &v.saved }

// gradients implements objective. The divergence is a figure beside the loss.
func (v *variational) gradients(ctx context.Context, b batch) (lossSums, error) {
	var stats rnn.LatentStats
	b.latent = rnn.Latent{Weight: v.weight(b.step), FreeBits: v.o.Latent.FreeBits, Stats: &stats}
	sum, err := v.objective.gradients(ctx, b)
	if stats.Sequences > 0 {
		sum.note(figureDivergence, "nats a sentence", stats.KL, stats.Sequences)
	}
	return sum, err
}

// weight is the weight of the divergence after the given number of steps.
func (v *variational) weight(step int) float64 {
	return math.Ldexp(v.o.Latent.at(step+1), -v.saved.Halved)
}

// ahead implements objective. In the first steps the encoder learns ahead, or the decoder would learn to do without it.
// He et al., Lagging Inference Networks and Posterior Collapse, 2019.
func (v *variational) ahead(step int) (updates int, learns func(param string) bool) {
	if step >= v.o.Latent.AggressiveSteps {
		return 0, nil
	}
	if v.o.Latent.AggressiveUpdates == 0 {
		return 5, encodes
	}
	return v.o.Latent.AggressiveUpdates, encodes
}

// The figures of a bottleneck's vector; [Validation] explains them.
const (
	figureGain       = "vector.gain"
	figureDivergence = "vector.divergence"
	figureMutual     = "vector.mutual_information"
	figureActive     = "vector.active_units"
)

// vectorSample bounds the number of pairs that vectors are measured on: mutual information takes time quadratic in it.
const vectorSample = 1000

// measure implements objective. It adds the divergence, with its final weight, to the loss.
func (v *variational) measure(ctx context.Context, pairs []pair, to *Validation) error {
	if err := v.objective.measure(ctx, pairs, to); err != nil {
		return err
	}
	gain, dist, err := v.vectors(ctx, pairs[:min(vectorSample, len(pairs))])
	if err != nil {
		return err
	}
	to.Figures = append(to.Figures, Figure{figureGain, gain, "nats a token"})
	if !v.config.Bottleneck.Variational {
		return nil
	}
	divergence, tokens := dist.divergence(), 0
	for _, p := range pairs {
		tokens += len(p.tgt) + 1
	}
	to.Loss += v.o.Latent.final() * divergence * float64(len(pairs)) / float64(tokens)
	to.Figures = append(to.Figures,
		Figure{figureDivergence, divergence, "nats a sentence"},
		Figure{figureMutual, dist.mutual(), "nats"},
		Figure{figureActive, float64(dist.active()), ""},
	)
	return nil
}

// vectors returns the distributions of the pairs' vectors, and the gain: how many more nats a target token costs from
// another sentence's vector.
func (v *variational) vectors(ctx context.Context, pairs []pair) (gain float64, dist gaussians, err error) {
	f, mem := v.inference(1), v.buffers()
	defer v.give(mem)
	w := f.head.(*packedVectorWriter)
	var own, other rnn.LossStats
	dist.size = v.config.Bottleneck.Size
	for _, b := range evalBatches(pairs, budget{sentences: inferenceBatch}) {
		if err := ctx.Err(); err != nil {
			return 0, dist, err
		}
		mem.Reset()
		batch := pick(pairs, b)
		z, logVar := w.vectors(mem, f.encode(mem, sources(batch)))
		dist.mean, dist.logVar = append(dist.mean, z...), append(dist.logVar, logVar...)
		if err := search.Force(ctx, w.decodeVectors(mem, len(batch), z, 0), targets(batch), counting(&own)); err != nil {
			return 0, dist, err
		}
		rotated := append(append([]float32(nil), z[dist.size:]...), z[:dist.size]...)
		if err := search.Force(ctx, w.decodeVectors(mem, len(batch), rotated, 0), targets(batch), counting(&other)); err != nil {
			return 0, dist, err
		}
	}
	return (other.NLL - own.NLL) / float64(own.Tokens), dist, nil
}

// ignoredGain is the gain, in nats a token, below which the decoder counts as ignoring the vector.
const ignoredGain = 0.05

// validated implements objective. If the decoder ignores the vector, it does what the options say.
func (v *variational) validated(step int, found *Validation) (end string) {
	end = v.objective.validated(step, found)
	gain, _ := found.Figures.Of(figureGain)
	if !(gain < ignoredGain) {
		v.saved.Collapsed = 0
		return end
	}
	v.saved.Collapsed++
	v.o.Log.Warn("the decoder ignores the vector: another sentence's serves as well", "gain", gain, "step", step)
	switch v.o.Latent.Guard {
	case GuardStop:
		if v.saved.Collapsed >= 2 {
			return fmt.Sprintf("the decoder ignores the vector (%d validations in a row)", v.saved.Collapsed)
		}
	case GuardAdapt:
		v.saved.Halved++
		v.o.Log.Warn("the factor of the divergence is halved", "factor", v.weight(step))
	}
	return end
}
