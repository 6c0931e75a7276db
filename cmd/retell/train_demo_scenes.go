package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/seqae/vectors"
	"github.com/retell-rnn/retell/tokenize"
)

// scenesDemo trains an autoencoder of made-up sentences while the user watches.
type scenesDemo struct {
	train, test int // sentences
	watched     int // number of test sentences shown at the end
	steps       int
	lookEach    int // steps between looks
	seed        uint64
}

// usualScenesDemo returns a training long enough to write nearly every sentence back, and short enough to watch.
func usualScenesDemo() *scenesDemo {
	return &scenesDemo{train: 20_000, test: 500, watched: 4, steps: 1500, lookEach: 300, seed: 1}
}

func (d *scenesDemo) run(cmd *cobra.Command) error {
	parts, err := corpora.TaskSplit(corpora.TaskScenes, d.seed, d.train, d.test)
	if err != nil {
		return err
	}
	train, test := lines(parts[0]), lines(parts[1])
	model, err := seqae.New(d.config(), train, d.seed)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if _, err := fmt.Fprintf(out, `An autoencoder with %d parameters learns to turn sentences into vectors of %d numbers, and
vectors into sentences, from %d made-up sentences such as

    %s

`, model.Parameters(), model.VectorSize(), len(train), train[0]); err != nil {
		return err
	}
	if err := d.learn(cmd, model, train, test); err != nil {
		return err
	}
	for _, show := range []func(context.Context, io.Writer, *seqae.Model, []string) error{d.showRewritten, d.showWay, d.showNeighbors} {
		if err := show(cmd.Context(), out, model, test); err != nil {
			return err
		}
	}
	return nil
}

// learn trains the model and, now and then, shows the share of test sentences that it writes back exactly.
func (d *scenesDemo) learn(cmd *cobra.Command, model *seqae.Model, train, test []string) error {
	screen := newScreen(cmd)
	defer screen.endBar()
	screen.startBar(d.steps)
	for p, err := range model.Train(cmd.Context(), train, test, d.options()) {
		if err != nil {
			return err
		}
		screen.moveBar(p.Step, fmt.Sprintf("loss %.3f  %.0f tok/s", p.Loss, p.Speed))
		if p.Rewritten == nil {
			continue
		}
		screen.clearBar()
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "step %d of %d, loss %.3f: of %d unseen sentences %.0f %% come back word for word\n",
			p.Step, p.Steps, p.Validation.Loss, p.Rewritten.Lines, 100*p.Rewritten.Exact); err != nil {
			return err
		}
	}
	return nil
}

// showRewritten writes the watched sentences and the model's versions of them.
func (d *scenesDemo) showRewritten(ctx context.Context, w io.Writer, model *seqae.Model, test []string) error {
	fmt.Fprintln(w, "\nUnseen sentences, each written back from its vector:")
	for r, err := range model.Reconstruct(ctx, corpora.Stream(test[:d.watched]), nil) {
		if err != nil {
			return err
		}
		verdict := "the same"
		if !r.Exact {
			verdict = r.Text
		}
		if _, err := fmt.Fprintf(w, "    %s\n      → %s\n", r.Source, verdict); err != nil {
			return err
		}
	}
	return nil
}

// showWay writes the sentences between the vectors of two sentences.
func (d *scenesDemo) showWay(ctx context.Context, w io.Writer, model *seqae.Model, _ []string) error {
	texts, err := model.Interpolate(ctx, "a black cat sleeps in the garden", "two small birds sing on a bridge", 6, seqae.Line, nil)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "\nFrom one sentence's vector to another's, decoded on the way:")
	for _, text := range texts {
		if _, err := fmt.Fprintf(w, "    %s\n", text); err != nil {
			return err
		}
	}
	return nil
}

// showNeighbors writes the test sentences whose vectors are nearest to the vector of one sentence.
func (d *scenesDemo) showNeighbors(ctx context.Context, w io.Writer, model *seqae.Model, test []string) error {
	const query = "an old man sleeps under a tree"
	all, err := vectors.Collect(model.Embed(ctx, corpora.Stream(test), nil))
	if err != nil {
		return err
	}
	index, err := vectors.NewIndex(ctx, all, nil)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\nThe unseen sentences nearest to %q:\n", query)
	asked := model.Embed(ctx, corpora.Stream([]string{query}), nil)
	for r, err := range index.Search(ctx, asked, &vectors.SearchOptions{K: 4}) {
		if err != nil {
			return err
		}
		for _, n := range r.Neighbors {
			if _, err := fmt.Fprintf(w, "    %.2f  %s\n", n.Similarity, n.Text); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *scenesDemo) config() seqae.Config {
	c := seqae.DefaultConfig()
	c.Model.Source = tokenize.Config{Kind: tokenize.Words}
	c.Model.Target = c.Model.Source
	c.Model.Encoder.Hidden, c.Model.Encoder.Embedding = 192, 48
	c.Model.Decoder.Hidden, c.Model.Decoder.Embedding = 192, 48
	c.Model.Bottleneck.Size = 96
	c.Model.Init = seq2seq.InitConfig{Matrices: seq2seq.InitGlorot, Orthogonal: true, ForgetBias: 1}
	return c
}

func (d *scenesDemo) options() *seq2seq.TrainOptions {
	const batch = 32
	return &seq2seq.TrainOptions{
		Epochs:         1 + d.steps*batch/d.train,
		MaxSteps:       d.steps,
		Seed:           d.seed,
		BatchSentences: batch,
		ValidateEvery:  d.lookEach,
		Patience:       -1,
		Schedule:       rnn.Schedule{Kind: rnn.ScheduleCosine, Rate: 0.006, Warmup: min(50, d.steps/2), Steps: d.steps},
	}
}
