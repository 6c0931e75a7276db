package seq2seq

import (
	"context"
	"math"

	"github.com/retell-rnn/retell/rnn"
)

// likelihood is the objective of maximum likelihood. Its loss is the negative log probability of each target token,
// given the decoder's input tokens up to it.
//
// Sutskever, Vinyals and Le, Sequence to Sequence Learning with Neural Networks, 2014.
type likelihood struct {
	plainObjective
	*Network
	o    *TrainOptions
	pass *rnn.Pass
	read reader

	labelWeights []float32 // weight of each label of a labeler, by its id; nil means 1
}

// reader returns the decoder's input tokens of each pair after <s>, as many as its target has; nil means the targets.
type reader func(ctx context.Context, b batch) ([][]int32, error)

// teacherForcing is the reader that returns the targets.
func teacherForcing(context.Context, batch) ([][]int32, error) { return nil, nil }

// gradients implements objective. The loss is in nats; its tokens are target tokens.
func (l *likelihood) gradients(ctx context.Context, b batch) (sum lossSums, err error) {
	terms := lossTerms{
		smoothing: l.o.LabelSmoothing,
		repeated:  l.o.CoverageLoss,
		guided:    l.o.GuidedAlignment,
		latent:    b.latent,
		contrast:  b.contrast,
		weights:   weightsOf(b.pairs),
		labels:    l.labelWeights,
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

// held implements objective, by teacher forcing.
func (l *likelihood) held(ctx context.Context, pairs []pair) (loss, accuracy float64, err error) {
	return l.forcedMean(ctx, pairs)
}

// chance implements objective: all tokens are equally likely.
func (l *likelihood) chance() float64 { return math.Log(float64(l.target.Size())) }
