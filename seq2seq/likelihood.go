package seq2seq

import (
	"context"
	"math"

	"github.com/retell-rnn/retell/rnn"
)

// likelihood is the objective of maximum likelihood: the negative log probability of the targets, each token given
// what the decoder has read before it. Sutskever, Vinyals and Le, Sequence to Sequence Learning with Neural Networks,
// 2014.
type likelihood struct {
	plainObjective
	*Model
	o    *TrainOptions
	pass *rnn.Pass
	read reader
}

// reader returns what the decoder reads of each pair of a batch behind <s>, as many tokens as its target has; nil means
// the targets.
type reader func(ctx context.Context, b batch) ([][]int32, error)

// teacherForcing is the reader of the targets themselves.
func teacherForcing(context.Context, batch) ([][]int32, error) { return nil, nil }

// gradients implements objective: the loss is in nats, and counts target tokens.
func (l *likelihood) gradients(ctx context.Context, b batch) (sum lossSums, err error) {
	terms := lossTerms{
		smoothing: l.o.LabelSmoothing,
		repeated:  l.o.CoverageLoss,
		guided:    l.o.GuidedAlignment,
		latent:    b.latent,
		weights:   weightsOf(b.pairs),
		stats:     &sum.LossStats,
	}
	terms.latent.Weights = terms.weights
	if terms.read, err = l.read(ctx, b); err != nil {
		return sum, err
	}
	l.pass.Start(b.rng)
	_, err = l.pass.Backward(l.net.loss(l.pass, b.pairs, terms))
	return sum, err
}

// chance implements objective: a guess among all tokens.
func (l *likelihood) chance() float64 { return math.Log(float64(l.target.Size())) }
