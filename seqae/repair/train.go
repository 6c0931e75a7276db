package repair

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seq2seq"
)

// repairedLines is the greatest number of held-out lines that a validation repairs.
const repairedLines = 300

// Examples returns what the network reads of training or, with held, validation examples. Validation lines get noise
// once, by the seed.
func (r *Repairer) Examples(examples []corpora.Example, held bool, seed uint64) ([]corpora.Example, error) {
	t, err := r.teacher(examples)
	if err != nil {
		return nil, fmt.Errorf("repair: %w", err)
	}
	var rng *rand.Rand
	if held {
		rng = rand.New(rand.NewPCG(seed, streamHeldOut))
	}
	return r.examples(t, examples, rng), nil
}

func (r *Repairer) examples(t *teacher, examples []corpora.Example, rng *rand.Rand) []corpora.Example {
	if r.speller != nil {
		return wordExamples(examples, func(word string) bool { return t.known[word] })
	}
	if r.writer != nil {
		return t.written(examples, rng)
	}
	return t.examples(examples, rng)
}

// Train trains the repairer on pairs and clean lines, and yields the progress after each step. Validations repair some
// of the held-out lines: their figures have the group "repair". Options, resuming and saving are those of
// [seq2seq.Network.Train].
func (r *Repairer) Train(ctx context.Context, train, valid []corpora.Example, opts *seq2seq.TrainOptions) iter.Seq2[seq2seq.Progress, error] {
	return func(yield func(seq2seq.Progress, error) bool) {
		var o seq2seq.TrainOptions
		if opts != nil {
			o = *opts
		}
		t, err := r.teacher(train)
		if err != nil {
			yield(seq2seq.Progress{}, fmt.Errorf("repair: %w", err))
			return
		}
		if t.noise != nil && r.speller == nil {
			if o.TextNoise = t; r.writer != nil {
				o.TextNoise = writerNoise{t}
			}
		}
		o.MaxSourceTokens, o.MaxTargetTokens = r.sourceTokens(o.MaxSourceTokens), r.sourceTokens(o.MaxTargetTokens)
		held := t.written(valid, rand.New(rand.NewPCG(o.Seed, streamHeldOut)))
		shown := o.Samples
		o.Samples = 0                                                       // they would show labels
		if !r.task.divides() && !r.task.capitalizes() && r.speller == nil { // words alone teach spelling only
			train = slices.Concat(train, Lines(further(r.task.Lexicon, train)))
		}
		for p, err := range r.Network.Train(ctx, r.examples(t, train, nil), r.examples(t, held, nil), &o) {
			if err == nil && p.Validation != nil {
				err = r.validate(context.WithoutCancel(ctx), held, shown, p.Validation)
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// validate repairs held-out lines and adds figures and samples to a validation.
func (r *Repairer) validate(ctx context.Context, held []corpora.Example, shown int, v *seq2seq.Validation) error {
	held = held[:min(len(held), repairedLines)]
	if len(held) == 0 {
		return nil
	}
	dirty := make([]string, len(held))
	for i, e := range held {
		dirty[i] = e.Source
	}
	var counts metric.RepairCounts
	i := 0
	for fixed, err := range r.Repair(ctx, corpora.Stream(dirty), nil) {
		if err != nil {
			return fmt.Errorf("repair: validation: %w", err)
		}
		clean := held[i].Targets[0]
		counts.Add(fixed.Source, fixed.Text, clean)
		if fixed.Source != clean && len(v.Samples) < shown {
			v.Samples = append(v.Samples, seq2seq.Sample{Source: fixed.Source, Text: fixed.Text, Reference: clean})
		}
		i++
	}
	s := counts.Scores()
	for _, f := range []struct {
		name  string
		value float64
	}{{"words", s.Words}, {"lines", s.Sentences}, {"f0.5", s.F05}} {
		v.Figures = append(v.Figures, seq2seq.Figure{Name: "repair." + f.name, Value: f.value / 100, Unit: "share"})
	}
	return nil
}
