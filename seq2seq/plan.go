package seq2seq

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/retell-rnn/retell/corpora"
)

// Plan estimates the memory and time of a training.
type Plan struct {
	Parameters     int    `json:"parameters"`      // number of weights
	Pairs          int    `json:"pairs"`           // training pairs, or sets of an embedder
	Tokens         int    `json:"tokens"`          // target tokens of an epoch, with </s>; sets of an embedder
	BatchSentences int    `json:"batch_sentences"` // pairs in a batch; 0 if tokens bound batches
	BatchTokens    int    `json:"batch_tokens"`    // greatest number of source and target tokens in a batch; 0 if pairs bound batches
	EpochSteps     int    `json:"epoch_steps"`     // steps in the first epoch
	Steps          int    `json:"steps"`           // steps in all, unless the training ends early
	Memory         Memory `json:"memory"`          // memory of the training

	Data ByteSize `json:"data"` // examples as text and as tokens, in bytes
	Peak ByteSize `json:"peak"` // peak memory of the process until the end of the plan, or Memory and Data if they are more, in bytes

	Speed float64 `json:"tokens_per_second"` // target tokens a second, or sets of an embedder, in training
	Epoch float64 `json:"epoch_seconds"`     // time of an epoch with its validations, in seconds
	All   float64 `json:"all_seconds"`       // time of the training, in seconds, unless it ends early
}

// A plan times up to planSteps steps, and fewer if they take longer than planTime.
const (
	planSteps = 10
	planTime  = 5 * time.Second
)

// Plan estimates the memory and time that [Network.Train] takes with the same arguments. It makes a few steps and
// undoes them: the model does not change, and no file is written.
func (m *Network) Plan(ctx context.Context, train, valid []corpora.Example, opts *TrainOptions) (Plan, error) {
	p, err := m.plan(ctx, train, valid, opts)
	if err != nil {
		return Plan{}, fmt.Errorf("seq2seq: planning a training: %w", err)
	}
	return p, nil
}

func (m *Network) plan(ctx context.Context, train, valid []corpora.Example, opts *TrainOptions) (Plan, error) {
	summary := m.summary
	defer func() { m.summary = summary }()
	var o TrainOptions
	if opts != nil {
		o = *opts
	}
	o.Checkpoint.Model, o.Checkpoint.State = "", ""
	before := (&trainer{Network: m}).weights(nil)
	t, err := m.newTrainer(ctx, train, valid, &o)
	if err != nil {
		return Plan{}, err
	}
	defer t.setWeights(before)
	epoch := t.epoch()
	p := Plan{
		Parameters: m.Parameters(), Pairs: len(t.train), BatchSentences: t.o.BatchSentences, BatchTokens: t.o.BatchTokens,
		EpochSteps: (len(epoch) + t.o.Accumulate - 1) / t.o.Accumulate, Steps: t.planned(len(epoch)), Memory: t.held(),
	}
	p.Tokens = t.epochTokens(epoch)
	if p.Memory.Activations, err = t.batchActivations(t.heaviest(epoch)); err != nil {
		return Plan{}, err
	}
	if err := t.time(ctx, epoch, &p); err != nil {
		return Plan{}, err
	}
	p.Data = textBytes(train) + textBytes(valid) + pairBytes(t.train) + pairBytes(t.valid.pairs)
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	p.Peak = max(ByteSize(stats.Sys), p.Memory.Total()+p.Data)
	return p, nil
}

// batchActivations returns the memory of the buffers of one batch.
func (t *trainer) batchActivations(batch []int) (ByteSize, error) {
	if t.contrasts(&t.o) {
		return t.contrastActivations(t.o, batch)
	}
	return t.activations(pick(t.train, batch))
}

// heaviest returns the batch with the most source and target tokens.
func (t *trainer) heaviest(epoch [][]int) []int {
	size := func(batch []int) int {
		n := 0
		for _, i := range batch {
			n += t.train[i].size()
		}
		return n
	}
	return slices.MaxFunc(epoch, func(a, b []int) int { return size(a) - size(b) })
}

// time measures steps spread over an epoch and sets the plan's speeds.
func (t *trainer) time(ctx context.Context, epoch [][]int, p *Plan) error {
	tokens, first := 0, true
	var spent time.Duration
	stride := max(1, len(epoch)/planSteps)
	for i := 0; i < len(epoch) && (tokens == 0 || spent < planTime); i += stride {
		if err := ctx.Err(); err != nil {
			return err
		}
		start := t.o.Now()
		step, err := t.step(ctx, epoch[i:i+1])
		if err != nil {
			return err
		}
		if first && len(epoch) > 1 { // the first step allocates memory
			first = false
			continue
		}
		spent += t.o.Now().Sub(start)
		tokens += step.Tokens
	}
	if spent <= 0 {
		return nil // a test's clock may stand still
	}
	p.Speed = float64(tokens) / spent.Seconds()
	training := float64(p.Tokens) / p.Speed
	validation, err := t.validationTime(ctx)
	if err != nil {
		return err
	}
	validations := 1.0
	if t.o.ValidateEvery > 0 {
		validations = float64(p.EpochSteps) / float64(t.o.ValidateEvery)
	}
	p.Epoch = training + validations*validation
	p.All = p.Epoch * float64(p.Steps) / float64(p.EpochSteps)
	return nil
}

// validationTime estimates the seconds of a validation from a few of its pairs.
func (t *trainer) validationTime(ctx context.Context) (float64, error) {
	if len(t.valid.pairs) == 0 {
		return 0, nil
	}
	var some []pair
	for i := 0; i < len(t.valid.pairs); i += max(1, len(t.valid.pairs)/(2*inferenceBatch)) {
		some = append(some, t.valid.pairs[i])
	}
	start := t.o.Now()
	if _, _, err := t.objective.held(ctx, some); err != nil {
		return 0, err
	}
	return t.o.Now().Sub(start).Seconds() * float64(t.lossTokens(t.valid.pairs)) / float64(t.lossTokens(some)), nil
}
