package seq2seq

import (
	"cmp"

	"github.com/retell-rnn/retell/rnn"
)

// Resolved returns the configuration with defaults in place of zeros and "". It is valid if c is valid, and defines the
// same model.
func (c Config) Resolved() Config {
	factors := c.Encoder.Factors
	c = c.resolved()
	if c.Encoder.Factors.Join == JoinSum {
		c.Encoder.Factors.Size = factors.Size // with sum, the size is the tokens', and a setting of its own is invalid
	}
	c.Source, c.Target = c.Source.Resolved(), c.Target.Resolved()
	return c
}

// Resolved returns the options with defaults in place of zeros, "" and a nil pointer. They are valid if o is valid, and
// train to the same bits.
func (o *TrainOptions) Resolved() TrainOptions {
	r := o.defaults()
	if o == nil || o.Log == nil {
		r.Log = nil
	}
	if o == nil || o.Now == nil {
		r.Now = nil
	}
	if r.Optimizer.Kind != SGD {
		r.Optimizer.Beta1 = cmp.Or(r.Optimizer.Beta1, 0.9)
		r.Optimizer.Beta2 = cmp.Or(r.Optimizer.Beta2, 0.999)
		r.Optimizer.Epsilon = cmp.Or(r.Optimizer.Epsilon, 1e-8)
	}
	if r.Schedule.Kind == rnn.SchedulePlateau {
		r.Schedule.Factor = cmp.Or(r.Schedule.Factor, 0.5)
		r.Schedule.Patience = cmp.Or(r.Schedule.Patience, 1)
	}
	r.Latent.Weight = cmp.Or(r.Latent.Weight, 1)
	r.Latent.Anneal = cmp.Or(r.Latent.Anneal, AnnealConstant)
	r.Latent.Steps = cmp.Or(r.Latent.Steps, 2000)
	r.Latent.AggressiveUpdates = cmp.Or(r.Latent.AggressiveUpdates, 5)
	r.Latent.Guard = cmp.Or(r.Latent.Guard, GuardWarn)
	r.ValidateBy = cmp.Or(r.ValidateBy, "loss")
	if r.Contrast.Weight > 0 {
		r.Contrast = r.Contrast.resolved()
	}
	return r
}
