package seq2seq

import (
	"cmp"

	"github.com/retell-rnn/retell/rnn"
)

// Resolved returns the configuration with the values in place that zeros and "" stand for. It is valid where c is, and
// defines the same model.
func (c Config) Resolved() Config {
	factors := c.Encoder.Factors
	c = c.resolved()
	if c.Encoder.Factors.Join == JoinSum {
		c.Encoder.Factors.Size = factors.Size // that of the tokens, which is not for settings to say
	}
	c.Source, c.Target = c.Source.Resolved(), c.Target.Resolved()
	return c
}

// Resolved returns the options with the values in place that zeros, "" and a nil pointer stand for. They are valid
// where o is, and train the same.
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
	return r
}
