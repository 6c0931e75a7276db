package seq2seq

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/retell-rnn/retell/corpora"
)

// Train trains the model and yields the progress after each step; the model keeps what it has learnt when the loop
// ends. Every acceptable target of a training example is learnt; validation uses the first. Without validation examples
// the last weights are kept, otherwise, at the end of the training, those of the best validation.
//
// Weights of examples multiply their losses, a variational model's divergence included. A step's gradient is the
// weighted sum divided by the number of target tokens, so weights with a mean of 1 keep the size of its steps. The
// steps' losses in Progress are without weights, as are validations, but for a classifier's: their loss is the mean
// weighted by validation examples' weights, or patience would end while only large classes are found.
//
// When the context ends or the loop is left, the state is written to opts.State; Train called again with the same
// examples and options then goes on as if it had never been stopped, to the same bits.
//
// Equal examples, options and seeds give equal weights, to the bit, on every number of cores.
func (m *Model) Train(ctx context.Context, train, valid []corpora.Example, opts *TrainOptions) iter.Seq2[Progress, error] {
	return func(yield func(Progress, error) bool) {
		t, err := m.newTrainer(ctx, train, valid, opts)
		if err == nil {
			err = t.run(ctx, yield)
		}
		if err != nil {
			yield(Progress{}, fmt.Errorf("seq2seq: training: %w", err))
		}
	}
}

// run trains until an end, or until the caller or the context stops it; at an end, the model has the best weights.
func (t *trainer) run(ctx context.Context, yield func(Progress, error) bool) error {
	switch err := t.steps(ctx, yield); {
	case errors.Is(err, ErrDiverged):
		return err // the weights are not worth keeping: the last state on disk is
	case err != nil:
		return t.stop(err)
	}
	if t.best != nil {
		t.setWeights(t.best)
		t.summary = t.at.Summary
	}
	return t.saveLost()
}

// steps makes one step after another until an end.
func (t *trainer) steps(ctx context.Context, yield func(Progress, error) bool) error {
	clock := t.start()
	for t.at.Ended == "" && !t.finished() {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := t.advance(ctx, clock)
		if errors.Is(err, ErrDiverged) && t.o.OnDivergence == DivergenceRewind {
			if err := t.rewind(err); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if !yield(p, nil) {
			return errStopped
		}
	}
	return nil
}

// advance makes one step and does what is due after it: it judges the loss, validates, records and saves.
func (t *trainer) advance(ctx context.Context, clock *pace) (Progress, error) {
	epoch := t.epoch()
	batches := epoch[t.at.Batch:min(t.at.Batch+t.o.Accumulate, len(epoch))]
	p, err := t.step(ctx, batches)
	if err != nil {
		return p, err
	}
	ctx = context.WithoutCancel(ctx) // what is due belongs to the step: a stop waits, or training would go on without it
	p.Epoch, p.Epochs = t.at.Epoch+1, t.o.Epochs
	if t.at.Batch += len(batches); t.at.Batch == len(epoch) {
		t.at.Epoch, t.at.Batch = t.at.Epoch+1, 0
	}
	p.Steps = t.planned(len(epoch))
	due := t.validationDue()
	if err := t.judge(p, due); err != nil {
		return p, err
	}
	if due {
		if p.Validation, err = t.validate(ctx); err != nil {
			return p, err
		}
	}
	if p.End = t.at.Ended; p.End == "" && t.finished() {
		p.End = "all steps are done"
	}
	clock.note(&p)
	if err := t.record(p); err != nil {
		return p, err
	}
	return p, t.save(p, due)
}

// errStopped is returned inside when the caller leaves the loop.
var errStopped = errors.New("stopped")

// stop keeps the state of a training that cause ends before its end.
func (t *trainer) stop(cause error) error {
	var err error
	if t.healthy() || !t.saves.state {
		err = t.saveState()
	}
	switch {
	case !errors.Is(cause, errStopped) && err != nil:
		return err
	case !errors.Is(cause, errStopped):
		return cause
	case err != nil:
		t.o.Log.Error("the state is not saved", "error", err) // the caller has left: nobody asks for errors any more
	}
	return nil
}
