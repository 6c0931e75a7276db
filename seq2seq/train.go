package seq2seq

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/retell-rnn/retell/corpora"
)

// Train trains the model and yields the progress after each step. An epoch visits each pair of a source and one of its
// targets once, in batches of similar lengths. A step sums the gradients of one or more batches, divides them by the
// number of target tokens, clips them and passes them to the optimizer. Validations measure the model on the first
// targets of valid and save it if it is the best so far. Training ends after all steps, or earlier if validations bring
// no improvement. The model then has the weights of the best validation, or the last ones if valid is empty.
//
// Weights of examples multiply their losses, a variational model's divergence included. Weights with a mean of 1 keep
// the size of the steps. Losses in [Progress] and [Validation] ignore weights, except for a classifier's validation
// loss, which is the weighted mean. Without weights there, patience might end a training that predicts only large
// classes.
//
// When the context ends or the caller leaves the loop, the state is written to the file of [Checkpoint]. If Train is
// called again with the same examples and options, it resumes, and ends with the same bits as without the stop.
//
// Equal examples, options and seeds give equal weights, to the bit, on any number of cores.
func (m *Network) Train(ctx context.Context, train, valid []corpora.Example, opts *TrainOptions) iter.Seq2[Progress, error] {
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

// run trains until the end, or until the caller or the context stops it. At the end, the model takes the best weights.
func (t *trainer) run(ctx context.Context, yield func(Progress, error) bool) error {
	switch err := t.steps(ctx, yield); {
	case errors.Is(err, ErrDiverged):
		return err // the last state on disk is better than these weights
	case err != nil:
		return t.stop(err)
	}
	if t.best != nil {
		t.setWeights(t.best)
		t.summary = t.at.Summary
	}
	return t.saveLost()
}

// steps makes steps until the training ends.
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

// advance makes one step and judges its loss. It validates, records and saves if they are due.
func (t *trainer) advance(ctx context.Context, clock *pace) (Progress, error) {
	epoch := t.epoch()
	batches := epoch[t.at.Batch:min(t.at.Batch+t.o.Accumulate, len(epoch))]
	p, err := t.step(ctx, batches)
	if err != nil {
		return p, err
	}
	ctx = context.WithoutCancel(ctx) // the rest belongs to the step: a resumed training does not repeat it
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

// errStopped reports that the caller has left the loop.
var errStopped = errors.New("stopped")

// stop saves the state of a training interrupted by cause.
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
		t.o.Log.Error("the state is not saved", "error", err) // the caller has left the loop and receives no error
	}
	return nil
}
