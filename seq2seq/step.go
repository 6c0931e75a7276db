package seq2seq

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/retell-rnn/retell/rnn"
	"gorgonia.org/gorgonia"
)

// Random streams of a step's batches and of the updates ahead of it, apart from other uses of the seed.
const (
	stepStream  = 1 << 32
	aheadStream = 3 << 32
)

// step makes one optimizer step. batches are lists of indices of training pairs.
func (t *trainer) step(ctx context.Context, batches [][]int) (Progress, error) {
	moved, err := t.ahead(ctx)
	if err != nil {
		return Progress{}, err
	}
	if moved {
		ctx = context.WithoutCancel(ctx) // a state cannot hold a part of a step
	}
	rng := rand.New(rand.NewPCG(t.o.Seed, stepStream+uint64(t.at.Step)))
	rate := t.rate()
	sum, norm, err := t.update(ctx, batches, rng, nil)
	if err != nil {
		return Progress{}, err
	}
	t.at.Step++
	if t.average != nil {
		t.average.Update(t.net.params, t.at.Step)
	}
	return Progress{
		Step: t.at.Step, Loss: sum.NLL / float64(sum.Tokens), Tokens: sum.Tokens, Rate: rate, GradNorm: norm, Figures: sum.figures(),
	}, nil
}

// ahead makes the objective's updates ahead of a step, each from a random batch. It reports whether there were any.
func (t *trainer) ahead(ctx context.Context) (moved bool, err error) {
	updates, selects := t.objective.ahead(t.at.Step)
	rng := rand.New(rand.NewPCG(t.o.Seed, aheadStream+uint64(t.at.Step)))
	for range updates {
		b := t.epoch()[rng.IntN(len(t.epoch()))]
		if _, _, err := t.update(ctx, [][]int{b}, rng, selects); err != nil {
			return true, err
		}
		ctx = context.WithoutCancel(ctx)   // as in step
		t.opt.SetSteps(t.optimizerSteps()) // an update ahead does not count as a step
	}
	return updates > 0, nil
}

// update changes parameters by the gradients of the batches: the parameters that selects returns true for, or all if it
// is nil. norm is the norm, before clipping, of the mean gradient over target tokens.
func (t *trainer) update(
	ctx context.Context, batches [][]int, rng *rand.Rand, selects func(param string) bool,
) (sum lossSums, norm float64, err error) {
	if sum, err = t.gradients(ctx, batches, rng); err != nil {
		return sum, 0, err
	}
	// Here the gradients of a step are complete and not yet applied. Data-parallel training would sum them over
	// processes here.
	norm, err = t.apply(sum, selects)
	return sum, norm, err
}

// gradients adds up the gradients and figures of the batches.
func (t *trainer) gradients(ctx context.Context, batches [][]int, rng *rand.Rand) (sum lossSums, err error) {
	t.net.params.ZeroGrads()
	for _, indices := range batches {
		b, err := t.batch(indices, rng)
		if err != nil {
			return sum, err
		}
		s, err := t.objective.gradients(ctx, b)
		if err != nil {
			return sum, err
		}
		sum.add(s)
	}
	return sum, nil
}

// apply divides the gradients by the number of target tokens, clips them and passes them to the optimizer. selects
// chooses parameters, as in update. norm is the norm before clipping.
func (t *trainer) apply(sum lossSums, selects func(param string) bool) (norm float64, err error) {
	scale := 1 / float64(sum.Tokens)
	norm = rnn.GradNorm(t.net.params) * scale
	if math.IsNaN(norm) || math.IsInf(norm, 0) || math.IsNaN(sum.NLL) || math.IsInf(sum.NLL, 0) {
		return norm, fmt.Errorf("%w at step %d: the loss is %v and the norm of the gradient %v: want finite numbers (a lower learning rate helps)",
			ErrDiverged, t.at.Step+1, sum.NLL*scale, norm)
	}
	if t.o.Clip > 0 && norm > t.o.Clip {
		scale *= t.o.Clip / norm
	}
	var params []gorgonia.ValueGrad
	for _, g := range t.net.params.Grads() {
		if p, ok := g.(*rnn.Param); selects == nil || ok && selects(p.Name) {
			params = append(params, g)
		}
	}
	t.opt.SetRate(t.rate(), scale)
	if err := t.opt.Step(params); err != nil {
		return norm, err
	}
	t.changed()
	return norm, nil
}
