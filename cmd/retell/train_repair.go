package main

import (
	"context"
	"iter"
	"log/slog"
	"reflect"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/seqae/repair"
)

// repairConfig says what a repairer learns to repair.
type repairConfig struct {
	repair.Task `yaml:",inline"`

	// LexiconFile is a file of words that the model knows beside those of its text: one a line, which a tab and how often
	// text holds it may follow, or a dictionary of Hunspell (.dic), beside which its affixes (.aff) are read. The model
	// holds the words.
	LexiconFile string `yaml:"lexicon"`
}

// isZero reports whether nothing is set.
func (c repairConfig) isZero() bool {
	return len(c.Noise) == 0 && reflect.DeepEqual(c, repairConfig{Task: repair.Task{Noise: c.Noise}})
}

// task returns the task with the words of the lexicon.
func (c *runConfig) task() (repair.Task, error) {
	t := c.Repair.Task
	if c.Repair.LexiconFile == "" {
		return t, nil
	}
	var err error
	t.Lexicon, t.Counts, err = repair.ReadLexicon(c.Data.path(c.Repair.LexiconFile))
	return t, err
}

func (c *runConfig) beginRepairer(cmd *cobra.Command, log *slog.Logger) (*job, error) {
	task, err := c.task()
	if err != nil {
		return nil, err
	}
	data := c.Data
	if _, given := data.validation(); !given && data.Holdout == 0 {
		data.Holdout = someHeldOut
	}
	train, valid, err := data.load(readOptions(cmd), c.Train.Seed, log)
	if err != nil {
		return nil, err
	}
	r, taken, err := repair.Begin(repair.Config{Model: c.Model, Task: task}, train, c.Train.Seed, c.from)
	if err != nil {
		return nil, err
	}
	logBeginning(log, c.from, r.Network, taken)
	j := &job{model: r.Network}
	if j.train, err = r.Examples(train, false, c.Train.Seed); err != nil {
		return nil, err
	}
	if j.valid, err = r.Examples(valid, true, c.Train.Seed); err != nil {
		return nil, err
	}
	j.run = func(ctx context.Context, opts *seq2seq.TrainOptions) iter.Seq2[seqae.Progress, error] {
		for i, set := range opts.Also {
			examples, err := r.Examples(set.Examples, true, opts.Seed)
			if err != nil {
				return func(yield func(seqae.Progress, error) bool) { yield(seqae.Progress{}, err) }
			}
			opts.Also[i].Examples = examples
		}
		return func(yield func(seqae.Progress, error) bool) {
			for p, err := range r.Train(ctx, train, valid, opts) {
				if !yield(seqae.Progress{Progress: p}, err) {
					return
				}
			}
		}
	}
	return j, nil
}
