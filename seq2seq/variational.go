package seq2seq

import (
	"context"
	"fmt"
	"math"

	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
)

// LatentOptions are the options of training a model with a bottleneck. The zero value means the defaults. All but Guard
// apply to variational models only.
type LatentOptions struct {
	Weight float64 `yaml:"weight" json:"weight"` // weight of the divergence in the loss at the end of Anneal, 0 to 1000; 0 means 1

	// Anneal is the curve on which the weight of the divergence rises to [LatentOptions].Weight in
	// [LatentOptions].Steps: constant (the default), linear, logistic (Bowman et al., Generating Sentences from a
	// Continuous Space, 2016), or cyclical, which repeats the rise in the first half of every period of that length (Fu
	// et al., Cyclical Annealing Schedule, 2019).
	Anneal Anneal `yaml:"anneal" json:"anneal"`
	Steps  int    `yaml:"steps" json:"steps"` // number of steps of Anneal; 0 means 2,000

	// FreeBits is the mean divergence, in nats, that each dimension has for free (Kingma et al. 2016); 0 to 100.
	FreeBits float64 `yaml:"free_bits" json:"free_bits"`

	// AggressiveSteps is the number of first steps that are aggressive: before each, the encoder alone takes
	// AggressiveUpdates updates, from random batches (He et al., Lagging Inference Networks, 2019).
	AggressiveSteps   int `yaml:"aggressive_steps" json:"aggressive_steps"`
	AggressiveUpdates int `yaml:"aggressive_updates" json:"aggressive_updates"` // updates of the encoder before each of AggressiveSteps, 0 to 100; 0 means 5

	// Guard is the reaction to a decoder that ignores the vector in a validation: warn (the default); stop, which ends
	// training at the second such validation in a row; or adapt, which halves the weight of the divergence.
	Guard Guard `yaml:"guard" json:"guard"`
}

func (o LatentOptions) validate(v *setting.Check) {
	v.Within("latent.weight", o.Weight, 0, 1000)
	v.Name("latent.anneal", o.Anneal)
	v.Between("latent.steps", o.Steps, 0, math.MaxInt32)
	v.Within("latent.free_bits", o.FreeBits, 0, 100)
	v.Between("latent.aggressive_steps", o.AggressiveSteps, 0, math.MaxInt32)
	v.Between("latent.aggressive_updates", o.AggressiveUpdates, 0, 100)
	v.Name("latent.guard", o.Guard)
}

// final returns the weight of the divergence at the end of annealing.
func (o LatentOptions) final() float64 {
	if o.Weight == 0 {
		return 1
	}
	return o.Weight
}

// at returns the weight of the divergence in a step; steps count from 1.
func (o LatentOptions) at(step int) float64 {
	steps := float64(o.Steps)
	if steps == 0 {
		steps = 2000
	}
	done := min(1, float64(step)/steps)
	switch o.Anneal {
	case AnnealLinear:
		return o.final() * done
	case AnnealLogistic: // from 1/150 to 149/150
		return o.final() / (1 + math.Exp(-10*(done-0.5)))
	case AnnealCyclical:
		_, part := math.Modf(float64(step-1) / steps)
		return o.final() * min(1, 2*part)
	}
	return o.final()
}

// variational is the objective of a model with a bottleneck. It extends another objective, usually likelihood. For a
// variational model, it adds the divergence of the vectors from their prior, with the weight of [LatentOptions]. For
// every bottleneck, it measures how much the decoder uses the vector, and guards against a decoder that ignores it.
//
// Bowman et al., Generating Sentences from a Continuous Space, 2016.
type variational struct {
	objective
	*Network
	o     *TrainOptions
	saved latentState
}

// latentState is the part of a training's state for its bottleneck.
type latentState struct {
	Halved    int `json:"halved"`    // number of times that the guard has halved the weight of the divergence
	Collapsed int `json:"collapsed"` // validations in a row in which the decoder ignored the vector
}

// state implements objective.
func (v *variational) state() any { return &v.saved }

// gradients implements objective. It reports the divergence as a figure.
func (v *variational) gradients(ctx context.Context, b batch) (lossSums, error) {
	var stats rnn.LatentStats
	b.latent = rnn.Latent{Weight: v.weight(b.step), FreeBits: v.o.Latent.FreeBits, Stats: &stats}
	sum, err := v.objective.gradients(ctx, b)
	if stats.Sequences > 0 {
		sum.note(figureDivergence, "nats a sentence", stats.KL, stats.Sequences)
	}
	return sum, err
}

// weight returns the weight of the divergence after the given number of steps.
func (v *variational) weight(step int) float64 {
	return math.Ldexp(v.o.Latent.at(step+1), -v.saved.Halved)
}

// ahead implements objective. In the first steps, extra updates of the encoder keep the decoder from learning to ignore
// the vector. He et al., Lagging Inference Networks and Posterior Collapse, 2019.
func (v *variational) ahead(step int) (updates int, selects func(param string) bool) {
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

// vectorSample bounds the number of pairs that measure vectors: mutual information takes quadratic time.
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

// vectors returns the distributions of the pairs' vectors, and the gain: the additional loss of a target token, in
// nats, if each target is decoded from another sentence's vector.
func (v *variational) vectors(ctx context.Context, pairs []pair) (gain float64, dist gaussians, err error) {
	f, mem := v.inference(1), v.buffers()
	defer v.release(mem)
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

// validated implements objective. If the decoder ignores the vector, it reacts as [LatentOptions].Guard says.
func (v *variational) validated(step int, found *Validation) (end string) {
	end = v.objective.validated(step, found)
	gain, _ := found.Figures.Of(figureGain)
	if !(gain < ignoredGain) {
		v.saved.Collapsed = 0
		return end
	}
	v.saved.Collapsed++
	v.o.Log.Warn("the decoder ignores the vector: another sentence's vector gives the same loss", "gain", gain, "step", step)
	switch v.o.Latent.Guard {
	case GuardStop:
		if v.saved.Collapsed >= 2 {
			return fmt.Sprintf("the decoder ignores the vector (%d validations in a row)", v.saved.Collapsed)
		}
	case GuardAdapt:
		v.saved.Halved++
		v.o.Log.Warn("the weight of the divergence is halved", "factor", v.weight(step))
	}
	return end
}
