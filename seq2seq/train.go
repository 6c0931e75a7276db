package seq2seq

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/rnn"
)

// Progress is what is known after one step of a training.
type Progress struct {
	Step, Steps int // steps made, and planned in all
	Epoch       int // from 1
	Epochs      int
	Loss        float64 // mean loss a target token in this step, in nats, without label smoothing; with Risk, mean risk a sentence
	Tokens      int     // target tokens of this step; with Risk, sentences
	Rate        float64 // learning rate
	GradNorm    float64 // norm of the mean gradient, before clipping
	Divergence  float64 // of a variational model's vectors from their prior, in nats a sentence
	// Speed is target tokens a second and Left the time to the planned end, both since Train was called; validations
	// count.
	Speed float64
	Left  time.Duration

	Validation *Validation // nil if there was none after this step
	End        string      // why the training ends with this step; empty if it goes on
}

// Validation is a model's score on the validation examples.
type Validation struct {
	Loss     float64 // mean loss a target token, in nats; of a variational model with the divergence, weighed as in the end
	Accuracy float64 // share of target tokens predicted right by teacher forcing
	Best     bool    // better than all before: of a lower loss, or as ValidateBy says

	Score  *metric.Score // of greedy translations by ValidateBy; nil without
	Vector *VectorStats  // nil without a bottleneck

	Samples []Sample   // what the model makes of some of the examples, as many as [TrainOptions].Samples says
	Also    []SetScore // of [TrainOptions].Also, in their order
}

// Perplexity is e to the loss; see [metric.Perplexity].
func (v Validation) Perplexity() float64 { return metric.Perplexity(v.Loss, 1) }

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

// trainer is a training under way.
type trainer struct {
	*Model
	o             TrainOptions
	train, valid  []pair
	validExamples []corpora.Example
	also          [][]pair     // of the options' further sets
	epochBatches  [][]int      // of the epoch under way
	batchesOf     int          // which epoch that is
	schedule      rnn.Schedule // of o, and where it ends
	opt           rnn.Optimizer
	average       *rnn.Average // nil without one
	pass          rnn.Pass
	at            position
	best          []float32 // the best weights so far, all parameters in their order; nil before the first validation
	first         []float32 // the weights that training begins with; nil unless it may go back to them
	saves         saves
}

// position is how far a training is: all that decides how it goes on, beside the weights and the optimiser's memory.
type position struct {
	Step    int         `json:"step"`
	Epoch   int         `json:"epoch"` // finished
	Batch   int         `json:"batch"` // finished in this epoch
	Plateau rnn.Plateau `json:"plateau"`
	Best    float64     `json:"best"`  // cost of the best validation
	Worse   int         `json:"worse"` // validations since
	Latent  latentState `json:"latent"`
	Trend   trend       `json:"trend"`
	Rewound rewound     `json:"rewound"`
	Kept    []int       `json:"kept"`    // steps whose models are kept beside the best
	Keeps   bool        `json:"keeps"`   // models are kept: files of their names are this training's
	Ended   string      `json:"ended"`   // why training ended before its last step
	Summary Summary     `json:"summary"` // of the best weights
}

// epoch returns the batches of the epoch under way.
func (t *trainer) epoch() [][]int {
	if t.batchesOf != t.at.Epoch {
		t.epochBatches = epochBatches(t.train, budget{t.o.BatchSentences, t.o.BatchTokens}, t.o.Seed, t.at.Epoch)
		t.batchesOf = t.at.Epoch
	}
	return t.epochBatches
}

// errStopped is returned inside when the caller leaves the loop.
var errStopped = errors.New("stopped")

func (t *trainer) run(ctx context.Context, yield func(Progress, error) bool) error {
	err := t.epochs(ctx, yield)
	if errors.Is(err, ErrDiverged) {
		return err // the weights are not worth keeping: the last state on disk is
	}
	stopped := errors.Is(err, errStopped)
	if err != nil && (t.healthy() || !t.saves.state) {
		switch unsaved := t.saveState(); {
		case unsaved != nil && stopped:
			t.o.Log.Error("the state is not saved", "error", unsaved) // nobody asks for errors any more
		case unsaved != nil:
			return unsaved
		}
	}
	if stopped {
		return nil
	}
	if err != nil {
		return err
	}
	if t.best != nil {
		t.setWeights(t.best)
		t.summary = t.at.Summary
	}
	return t.saveLost()
}

// epochs trains until an end that is not an interruption.
func (t *trainer) epochs(ctx context.Context, yield func(Progress, error) bool) error {
	clock := t.start()
	for t.at.Ended == "" && !t.finished() {
		if err := ctx.Err(); err != nil {
			return err
		}
		// A validation that is due belongs to its step: a stop waits for it, or the training would go on without.
		p, err := t.advance(context.WithoutCancel(ctx), clock)
		if errors.Is(err, ErrDiverged) && t.o.OnDivergence == "rewind" {
			diverged := err
			err = t.rewind(diverged)
			switch {
			case err == nil && !t.finished():
				continue
			case err == nil && t.best == nil:
				err = diverged // no rate was borne: there is nothing to keep
			case err == nil:
				return t.saveState()
			}
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

// advance makes one step and what is due after it: a validation, a record, and saves.
func (t *trainer) advance(ctx context.Context, clock *pace) (Progress, error) {
	epoch := t.epoch()
	n := min(t.o.Accumulate, len(epoch)-t.at.Batch)
	p, err := t.step(ctx, epoch[t.at.Batch:t.at.Batch+n])
	if err != nil {
		return p, err
	}
	p.Epoch, p.Epochs = t.at.Epoch+1, t.o.Epochs
	t.at.Batch += n
	if t.at.Batch == len(epoch) {
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

// pace measures how fast training goes.
type pace struct {
	*trainer
	start         time.Time
	first, tokens int // steps before; target tokens since
}

func (t *trainer) start() *pace { return &pace{trainer: t, start: t.o.Now(), first: t.at.Step} }

// note sets a step's speed and the time left.
func (c *pace) note(p *Progress) {
	c.tokens += p.Tokens
	if spent := c.o.Now().Sub(c.start).Seconds(); spent > 0 {
		p.Speed = float64(c.tokens) / spent
		p.Left = time.Duration(spent / float64(c.at.Step-c.first) * float64(p.Steps-c.at.Step) * float64(time.Second))
	}
}

// finished reports whether all epochs or steps are done.
func (t *trainer) finished() bool {
	return t.at.Epoch >= t.o.Epochs || t.o.MaxSteps > 0 && t.at.Step >= t.o.MaxSteps
}

// planned estimates the steps in all from the number of batches of an epoch, which a budget of tokens lets vary a
// little.
func (t *trainer) planned(batches int) int {
	perStep := t.o.Accumulate
	steps := t.at.Step + (t.o.Epochs-t.at.Epoch)*((batches+perStep-1)/perStep) - t.at.Batch/perStep
	if t.o.MaxSteps > 0 {
		steps = min(steps, t.o.MaxSteps)
	}
	return steps
}

// validationDue reports whether a validation comes after the step just made.
func (t *trainer) validationDue() bool {
	return t.finished() || t.o.ValidateEvery == 0 && t.at.Batch == 0 || t.o.ValidateEvery > 0 && t.at.Step%t.o.ValidateEvery == 0
}

// validate measures the model, nil without validation examples, and ends the training where patience does.
func (t *trainer) validate(ctx context.Context) (*Validation, error) {
	t.opt.Settle(t.net.params)
	t.changed()
	if len(t.valid) == 0 {
		return nil, nil
	}
	v, err := t.measure(ctx)
	if err != nil {
		return nil, err
	}
	v.Best = t.healthy() && (t.best == nil || t.cost(v) < t.at.Best)
	t.at.Plateau = t.schedule.Validated(t.at.Plateau, v.Best)
	t.at.Worse++
	if v.Best {
		t.at.Best, t.at.Worse = t.cost(v), 0
	}
	if t.o.Patience > 0 && t.at.Worse >= t.o.Patience {
		t.at.Ended = fmt.Sprintf("%d validations brought nothing better", t.at.Worse)
	}
	t.guard(v.Vector)
	return v, nil
}

// measure is a validation of the present weights, or of their average.
func (t *trainer) measure(ctx context.Context) (*Validation, error) {
	v := &Validation{}
	err := t.averaged(func() (err error) {
		stats, err := t.forced(ctx, t.valid)
		if err != nil {
			return err
		}
		tokens := float64(stats.Tokens)
		v.Loss, v.Accuracy = perToken(stats)
		if v.Vector, err = t.vectorStats(ctx, t.valid); err != nil {
			return err
		}
		if v.Vector != nil {
			v.Loss += t.o.Latent.final() * v.Vector.Divergence * float64(len(t.valid)) / tokens
		}
		if v.Score, v.Samples, err = t.answers(ctx); err != nil {
			return err
		}
		v.Also, err = t.alsoMeasured(ctx)
		return err
	})
	if err == nil && (math.IsNaN(v.Loss) || math.IsInf(v.Loss, 0)) {
		err = fmt.Errorf("%w at step %d: the validation loss is %v", ErrDiverged, t.at.Step, v.Loss)
	}
	return v, err
}
