package seq2seq

import (
	"math"

	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
)

// BottleneckConfig defines a vector that is the only path from the encoder to the decoder: it sets the decoder's first
// state. It takes the place of attention and of the encoder's last states. An autoencoder's vector is its sentence's
// embedding.
type BottleneckConfig struct {
	Size int         `yaml:"size" json:"size"` // size of the vector, 1 to 65536; 0 (the default) is no bottleneck
	Pool rnn.Pooling `yaml:"pool" json:"pool"` // how the encoder's states become the vector: last, mean (the default), max or attention

	Condition bool `yaml:"feed" json:"feed"` // each step of the decoder reads the vector too
	Unit      bool `yaml:"unit" json:"unit"` // the vector has Euclidean length 1

	// Variational draws the vector, in training, from a normal distribution with a mean and a variance for each
	// dimension. Its divergence from the standard one is part of the loss (Kingma and Welling 2014; Bowman et al. 2016).
	// After training the mean is the vector.
	Variational bool `yaml:"variational" json:"variational"`
}

func (c BottleneckConfig) validate(v *setting.Check, d DecoderConfig) {
	v.Between("bottleneck.size", c.Size, 0, maxSize)
	if c.Size == 0 {
		if c != (BottleneckConfig{Pool: c.Pool}) {
			v.Add("bottleneck.size", "0 beside feed, unit or variational: want a size")
		}
		return
	}
	v.Name("bottleneck.pool", c.Pool)
	if d.Attention != rnn.NoAttention {
		v.Add("bottleneck.size", "%d beside decoder.attention: %s, which looks past it: want none", c.Size, d.Attention)
	}
	if c.Unit && c.Variational {
		v.Add("bottleneck.unit", "true with variational: want one of the two")
	}
}

// LatentOptions say how a model with a bottleneck is trained. The zero value means the defaults. All but Guard is about
// variational ones.
type LatentOptions struct {
	Weight float64 `yaml:"weight" json:"weight"` // factor of the divergence in the loss, at the end of Anneal; 0 means 1

	// Anneal is how the factor rises to Weight over Steps steps: constant (the default), linear, logistic (Bowman et
	// al., Generating Sentences from a Continuous Space, 2016), or cyclical: again and again, over the first half of
	// each Steps steps (Fu et al., Cyclical Annealing Schedule, 2019).
	Anneal Anneal `yaml:"anneal" json:"anneal"`
	Steps  int    `yaml:"steps" json:"steps"` // length of Anneal; 0 means 2,000

	// FreeBits is the mean divergence, in nats, up to which a dimension costs nothing (Kingma et al. 2016); 0 to 100.
	FreeBits float64 `yaml:"free_bits" json:"free_bits"`

	// AggressiveSteps is how many first steps train the encoder alone, AggressiveUpdates times on random batches, before
	// the whole model (He et al., Lagging Inference Networks, 2019).
	AggressiveSteps   int `yaml:"aggressive_steps" json:"aggressive_steps"`
	AggressiveUpdates int `yaml:"aggressive_updates" json:"aggressive_updates"` // steps of the encoder in each of AggressiveSteps; 0 means 5

	// Guard is what happens when a validation finds that the decoder ignores the vector: warn (the default); stop, at
	// the second validation in a row; or adapt, which halves the factor of the divergence.
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

// final is the factor of the divergence in the end.
func (o LatentOptions) final() float64 {
	if o.Weight == 0 {
		return 1
	}
	return o.Weight
}

// at is the factor of the divergence at a step, counted from 1.
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
