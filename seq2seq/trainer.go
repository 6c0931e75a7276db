package seq2seq

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/rnn"
)

// trainer is a training in progress.
type trainer struct {
	*Network
	o            TrainOptions
	objective    objective
	train        []pair
	valid        heldOut
	also         []heldOut    // further sets of the options
	portions     []portion    // of a mixture, or for contrast; otherwise nil
	epochBatches [][]int      // batches of epoch batchesOf
	batchesOf    int          // epoch of epochBatches; -1 before the first
	schedule     rnn.Schedule // schedule of the options, with its end set
	opt          rnn.Optimizer
	average      *rnn.Average // nil without averaging
	pass         rnn.Pass
	at           position
	best         []float32 // best weights so far, of all parameters in order; nil before the first validation
	first        []float32 // first weights; nil unless a rewind may need them
	saves        saves
}

// newTrainer prepares a new training, or resumes one from its state.
func (m *Network) newTrainer(ctx context.Context, train, valid []corpora.Example, opts *TrainOptions) (*trainer, error) {
	if err := m.checkTraining(train, valid, opts); err != nil {
		return nil, err
	}
	t := &trainer{Network: m, o: m.options(opts)}
	var err error
	if t.objective, err = newObjective(m, &t.o, &t.pass); err != nil {
		return nil, err
	}
	if t.pass.Precision, err = t.o.Precision.products(); err != nil {
		return nil, err
	}
	resumed, err := t.hasState()
	if err != nil {
		return nil, err
	}
	if t.o.From != "" {
		if err := t.takeOver(t.o.From, t.o.FromPartial); err != nil && !(resumed && errors.Is(err, fs.ErrNotExist)) { // the state has the weights of a missing file
			return nil, err
		}
	}
	if err := m.net.freeze(t.o.Freeze); err != nil {
		return nil, fmt.Errorf("options: %w", err)
	}
	if err := t.encode(train, valid); err != nil {
		return nil, err
	}
	t.batchesOf = -1
	t.opt = t.o.Optimizer.optimizer()
	if t.o.Average > 0 {
		t.average = rnn.NewAverage(m.net.params, t.o.Average)
	}
	if err := t.fit(); err != nil {
		return nil, err
	}
	t.schedule = t.o.Schedule.Over(t.planned(len(t.epoch())))
	if t.schedule.Warmup < t.o.Schedule.Warmup {
		t.o.Log.Warn("the warm-up is shortened to a tenth of the training", "steps", t.schedule.Warmup, "asked", t.o.Schedule.Warmup)
	}
	if err := t.summarize(); err != nil {
		return nil, err
	}
	if t.o.OnDivergence == DivergenceRewind {
		t.first = t.weights(nil)
	}
	if resumed {
		if err := t.restore(ctx); err != nil {
			return nil, err
		}
	}
	return t, t.checkKept()
}

// readsWords reports whether the model reads more of a line than its tokens.
func (m *Network) readsWords() bool {
	return m.config.Decoder.Copy || m.net.factors != nil || m.net.ngrams != nil || m.net.chars != nil
}

// fit makes batches, or the chunks of contrast, as large as the options' memory allows.
func (t *trainer) fit() (err error) {
	switch {
	case t.o.Memory == 0:
		return nil
	case t.contrasts(&t.o):
		if t.o.Contrast.Chunk, err = t.chunkWithin(t.o.Memory); err == nil {
			t.o.Log.Info("chunks for the memory", "memory", t.o.Memory.String(), "lines", t.o.Contrast.Chunk)
		}
	default:
		if t.o.BatchTokens, err = t.tokensWithin(t.o.Memory); err == nil {
			t.o.Log.Info("batches for the memory", "memory", t.o.Memory.String(), "tokens", t.o.BatchTokens)
		}
	}
	return err
}

// checkTraining returns an error for examples and options that do not fit the model.
func (m *Network) checkTraining(train, valid []corpora.Example, o *TrainOptions) error {
	if m.quantized {
		return errors.New("the model is quantized: want the original")
	}
	if m.config.Bottleneck.Post != "" {
		return fmt.Errorf("the model's vectors are post-processed (%s): want the model before", m.config.Bottleneck.Post)
	}
	if err := errors.Join(checkWeights(train), checkWeights(valid)); err != nil {
		return err
	}
	if o == nil {
		o = &TrainOptions{}
	}
	if err := o.Validate(); err != nil {
		return fmt.Errorf("options: %w", err)
	}
	if err := m.checkContrast(o); err != nil {
		return err
	}
	if err := o.Mixture.check(o); err != nil {
		return err
	}
	if o.Noise != nil && m.readsWords() {
		return errors.New("options: noise with a model that copies or reads features or n-grams: want neither")
	}
	if o.TextNoise != nil && m.contrasts(o) {
		return errors.New("options: noise in texts with contrast: want one of the two")
	}
	if err := m.net.head.accepts(o); err != nil {
		return err
	}
	return o.BPEDropout.check(m)
}

// encode encodes the examples as pairs, and leaves out empty and overlong ones.
func (t *trainer) encode(train, valid []corpora.Example) error {
	pairs, err := t.pairsOf(train, true)
	if err != nil {
		return err
	}
	if (t.o.BPEDropout != (BPEDropout{}) || t.o.TextNoise != nil) && !t.contrasts(&t.o) {
		t.keepTexts(pairs, train)
	}
	if err := t.guides(pairs, train, &t.o); err != nil {
		return err
	}
	var dropped droppedPairs
	t.train, dropped = lengthLimits{t.o.MaxSourceTokens, t.o.MaxTargetTokens}.keep(pairs)
	if dropped.total() > 0 {
		t.o.Log.Warn("training pairs left out",
			"source_empty", dropped.SourceEmpty, "source_too_long", dropped.SourceTooLong, "target_too_long", dropped.TargetTooLong)
	}
	if len(t.train) == 0 {
		return fmt.Errorf("no pairs to train on: of %d, %d have an empty source, %d a source of more than %d tokens and %d a target of more than %d",
			dropped.total(), dropped.SourceEmpty, dropped.SourceTooLong, t.o.MaxSourceTokens, dropped.TargetTooLong, t.o.MaxTargetTokens)
	}
	if contrasts := t.contrasts(&t.o); contrasts || t.o.Mixture.Power > 0 {
		t.portions = t.o.Mixture.portions(t.train, t.o.BatchSentences)
		if contrasts {
			if err := t.checkContrasts(); err != nil {
				return err
			}
		}
	}
	return t.holdOut(valid)
}

// summarize records the data and the options in the model's summary.
func (t *trainer) summarize() (err error) {
	s := &t.summary
	s.Arithmetic = kernel.Path()
	s.TrainPairs, s.ValidPairs, s.TrainHash, s.ValidHash = len(t.train), len(t.valid.pairs), hash(t.train), hash(t.valid.pairs)
	s.Options, err = t.o.recorded()
	return err
}

// products returns the precision of products. A precision that the processor lacks is an error.
func (p Precision) products() (rnn.Precision, error) {
	if p == BF16 {
		return rnn.BF16, rnn.BF16.Available()
	}
	return rnn.Float32, nil
}
