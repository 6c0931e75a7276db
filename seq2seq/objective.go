package seq2seq

import (
	"context"
	"math/rand/v2"

	"github.com/retell-rnn/retell/rnn"
)

// objective is a function that a training minimizes. The training loop depends on this interface only.
//
// Gradients and losses are sums over pairs, so that the sums of several batches or processes add up.
type objective interface {
	// gradients adds the gradients of a batch's loss to the parameters' gradients and returns the figures of the loss.
	gradients(ctx context.Context, b batch) (lossSums, error)

	// ahead returns the number of updates ahead of a step, and the parameters that these updates change.
	ahead(step int) (updates int, selects func(param string) bool)

	// chance is the mean loss of a model that guesses. A loss far above it means divergence; +Inf means that no loss
	// does.
	chance() float64

	// held returns the mean loss and the accuracy of held-out pairs.
	held(ctx context.Context, pairs []pair) (loss, accuracy float64, err error)

	// measure measures the current weights on pairs and adds the objective's figures to a validation.
	measure(ctx context.Context, pairs []pair, v *Validation) error

	// validated receives a finished validation and the number of steps made. It returns a reason to end the training,
	// or "".
	validated(step int, v *Validation) (end string)

	// state returns a pointer to the value that the state file stores for the objective as JSON; nil means none.
	state() any
}

// batch is a batch of a step.
type batch struct {
	step   int        // number of earlier steps
	pairs  []pair     // pairs after noise and BPE dropout
	rng    *rand.Rand // source of all random numbers of the batch
	latent rnn.Latent // weight of the vectors' divergence; set by variational

	views    *views         // in place of pairs, for contrast; otherwise nil
	contrast *contrastTerms // set by contrast
}

// newObjective returns the objective that the options choose for a model. Only newObjective names objectives.
func newObjective(m *Network, o *TrainOptions, pass *rnn.Pass) (objective, error) {
	weights, err := m.labelWeights(o)
	if err != nil {
		return nil, err
	}
	var of objective = &likelihood{Network: m, o: o, pass: pass, read: o.ScheduledSampling.reader(m), labelWeights: weights}
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
	if m.contrasts(o) {
		of = &contrast{objective: of, Network: m, o: o, pass: pass}
	}
	return of, nil
}

// plainObjective is embedded by objectives without updates ahead, figures and state.
type plainObjective struct{}

func (plainObjective) ahead(int) (int, func(string) bool) { return 0, nil }

func (plainObjective) measure(context.Context, []pair, *Validation) error { return nil }

func (plainObjective) validated(int, *Validation) string { return "" }

func (plainObjective) state() any { return nil }
