package seq2seq

import (
	"context"
	"math/rand/v2"

	"github.com/retell-rnn/retell/rnn"
)

// objective is what a training minimizes. The loop knows no objective by name.
//
// Gradients and losses are sums over pairs, so those of several batches, or several processes, add up.
type objective interface {
	// gradients adds the gradients of a batch's loss to the parameters' gradients and returns the figures of the loss.
	gradients(ctx context.Context, b batch) (lossSums, error)

	// ahead returns how many updates come ahead of a step, and which parameters learn in them.
	ahead(step int) (updates int, selects func(param string) bool)

	// chance is the mean loss of a model that guesses. A loss far above it means divergence; +Inf means that none does.
	chance() float64

	// measure adds the objective's figures of the present weights on pairs to a validation.
	measure(ctx context.Context, pairs []pair, v *Validation) error

	// validated takes note of a validation after the given number of steps. It returns a reason to end the training, or
	// "".
	validated(step int, v *Validation) (end string)

	// state points to the value that a training's state file holds for the objective, as JSON; nil means none.
	state() any
}

// batch is a batch of a step.
type batch struct {
	step   int        // steps made before
	pairs  []pair     // as training reads them
	rng    *rand.Rand // of every draw for the batch
	latent rnn.Latent // weight of the divergence of a bottleneck's vectors; set by variational
}

// newObjective returns the objective that the options choose for a model. It is the only place that names objectives.
func newObjective(m *Network, o *TrainOptions, pass *rnn.Pass) (objective, error) {
	var of objective = &likelihood{Network: m, o: o, pass: pass, read: o.ScheduledSampling.reader(m)}
	if o.Risk.Metric != "" {
		risk, err := o.Risk.metric()
		if err != nil {
			return nil, err
		}
		of = &minimumRisk{Network: m, o: o, pass: pass, metric: risk}
	}
	if _, ok := m.net.head.(*vectorWriter); ok {
		of = &variational{objective: of, Network: m, o: o}
	}
	return of, nil
}

// plainObjective has the methods of an objective without updates ahead, figures and state, to be embedded.
type plainObjective struct{}

func (plainObjective) ahead(int) (int, func(string) bool) { return 0, nil }

func (plainObjective) measure(context.Context, []pair, *Validation) error { return nil }

func (plainObjective) validated(int, *Validation) string { return "" }

func (plainObjective) state() any { return nil }
