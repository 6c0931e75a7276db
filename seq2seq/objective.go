package seq2seq

import (
	"context"
	"math/rand/v2"

	"github.com/retell-rnn/retell/rnn"
)

// objective is what a training minimizes: it makes the gradients of a step, adds to a validation, and keeps a state.
// Training knows no objective by name. Gradients and losses are sums, so that those of several batches, or of several
// processes, add up.
type objective interface {
	// gradients adds the gradients of a batch's loss to those of the parameters and returns the figures of the loss.
	gradients(ctx context.Context, b batch) (lossSums, error)

	// ahead says what learns alone before a step: how often, and which parameters.
	ahead(step int) (updates int, learns func(param string) bool)

	// chance is the loss of a model that guesses; +Inf means that no loss is a sign of divergence.
	chance() float64

	// measure adds what the objective has to say of the present weights to a validation of pairs.
	measure(ctx context.Context, pairs []pair, v *Validation) error

	// validated takes note of a validation after so many steps and returns why training ends with it; "" goes on.
	validated(step int, v *Validation) (end string)

	// state points to what the file of a training's state holds of the objective, as JSON; nil for nothing.
	state() any
}

// batch is a batch of a step.
type batch struct {
	step   int        // steps made before
	pairs  []pair     // as training reads them
	rng    *rand.Rand // of every draw for the batch
	latent rnn.Latent // the divergence's part in the loss, set by the objective of a model with a bottleneck
}

// newObjective returns the objective that options name for a model. Its passes run in pass.
func newObjective(m *Model, o *TrainOptions, pass *rnn.Pass) (objective, error) {
	var of objective = &likelihood{Model: m, o: o, pass: pass, read: o.ScheduledSampling.reader(m)}
	if o.Risk.Metric != "" {
		risk, err := o.Risk.metric()
		if err != nil {
			return nil, err
		}
		of = &minimumRisk{Model: m, o: o, pass: pass, metric: risk}
	}
	if _, ok := m.net.head.(*vectorWriter); ok {
		of = &variational{objective: of, Model: m, o: o}
	}
	return of, nil
}

// plainObjective is what most objectives have in common: no parameters learn ahead, and validations add nothing.
type plainObjective struct{}

func (plainObjective) ahead(int) (int, func(string) bool) { return 0, nil }

func (plainObjective) measure(context.Context, []pair, *Validation) error { return nil }

func (plainObjective) validated(int, *Validation) string { return "" }

func (plainObjective) state() any { return nil }
