package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

// The sizes of the demonstration: enough to read nearly every date, little enough to watch.
const (
	demoTrain    = 20_000 // examples
	demoTest     = 500
	demoWatched  = 5 // of the test, shown while the network learns
	demoBatch    = 32
	demoSteps    = 2_000
	demoLookEach = 200 // steps
)

func newDemo() *cobra.Command {
	var seed uint64
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Watch a small network learn to read dates",
		Long: `Watch a small network learn to read dates as people write them in English and Spanish and to write them as ISO 8601.
The examples are made up on the spot: there is nothing to download. At a terminal you can then try dates of your own.`,
		Example: "  retell demo",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return demo(cmd, seed)
		},
	}
	cmd.Flags().Uint64Var(&seed, "seed", 1, "what fixes the examples and every bit of the model")
	return cmd
}

func demo(cmd *cobra.Command, seed uint64) error {
	ctx, out := cmd.Context(), cmd.OutOrStdout()
	parts, err := corpora.TaskSplit(corpora.TaskDates, seed, demoTrain, demoTest)
	if err != nil {
		return err
	}
	train, test := parts[0], parts[1]
	source, target, err := seq2seq.Learn(demoConfig(), train)
	if err != nil {
		return err
	}
	model, err := seq2seq.New(demoConfig(), source, target, seed)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, `A network of %d numbers learns to read dates, from %d made-up examples such as

    %s → %s

These are not among them. Watch the loss fall and the answers get right.
`, model.Parameters(), len(train), train[0].Source, train[0].Targets[0]); err != nil {
		return err
	}
	if err := learnDemo(ctx, cmd, model, train, test[:demoWatched], seed); err != nil {
		return err
	}
	report, err := model.Evaluate(ctx, test, &seq2seq.EvalOptions{Search: demoSearch()})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "\nExact match on %d unseen dates: %.1f %%\n", report.Examples, 100*report.Exact); err != nil {
		return err
	}
	if !isTerminal(cmd.InOrStdin()) {
		return nil
	}
	if _, err := fmt.Fprintln(out, "\nNow yours: type a date, in English or Spanish; Ctrl-D ends."); err != nil {
		return err
	}
	oneByOne := demoSearch()
	oneByOne.BatchSentences = 1
	for t, err := range model.Translate(ctx, corpora.Lines("-", readOptions(cmd)), oneByOne) {
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, t.Text); err != nil {
			return err
		}
	}
	return nil
}

// learnDemo trains the model and, now and then, shows what it makes of the watched examples.
func learnDemo(ctx context.Context, cmd *cobra.Command, model *seq2seq.Model, train, watched []corpora.Example, seed uint64) error {
	screen := newScreen(cmd)
	defer screen.endBar()
	screen.startBar(demoSteps)
	loss, tokens := 0.0, 0
	for p, err := range model.Train(ctx, train, nil, demoOptions(seed)) {
		if err != nil {
			return err
		}
		loss += p.Loss * float64(p.Tokens)
		tokens += p.Tokens
		screen.moveBar(int64(p.Step), fmt.Sprintf("loss %.3f  %.0f tokens/s", p.Loss, p.Speed))
		if p.Step%demoLookEach != 0 {
			continue
		}
		screen.clearBar()
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "\nstep %d of %d, loss %.3f\n", p.Step, p.Steps, loss/float64(tokens)); err != nil {
			return err
		}
		loss, tokens = 0, 0
		if err := showAnswers(ctx, cmd.OutOrStdout(), model, watched); err != nil {
			return err
		}
	}
	return nil
}

// showAnswers writes what the model makes of each example, and whether that is right.
func showAnswers(ctx context.Context, w io.Writer, model *seq2seq.Model, examples []corpora.Example) error {
	i := 0
	for t, err := range model.Translate(ctx, corpora.Sources(corpora.Stream(examples)), demoSearch()) {
		if err != nil {
			return err
		}
		verdict := "right"
		if want := examples[i].Targets[0]; t.Text != want {
			verdict = "wrong: " + want
		}
		if _, err := fmt.Fprintf(w, "    %-34s → %-12s %s\n", t.Source, t.Text, verdict); err != nil {
			return err
		}
		i++
	}
	return nil
}

func demoConfig() seq2seq.Config {
	c := seq2seq.DefaultConfig()
	c.Source = tokenize.Config{Kind: tokenize.Chars}
	c.Target = tokenize.Config{Kind: tokenize.Chars}
	c.Encoder.Hidden, c.Encoder.Embedding = 128, 32
	c.Decoder.Hidden, c.Decoder.Embedding = 128, 32
	c.Dropout = 0
	return c
}

func demoOptions(seed uint64) *seq2seq.TrainOptions {
	return &seq2seq.TrainOptions{
		Epochs:         1 + demoSteps*demoBatch/demoTrain,
		MaxSteps:       demoSteps,
		Seed:           seed,
		BatchSentences: demoBatch,
		Schedule:       rnn.Schedule{Kind: "cosine", Rate: 0.004, Warmup: 50, Steps: demoSteps},
	}
}

func demoSearch() *seq2seq.SearchOptions {
	return &seq2seq.SearchOptions{Beam: 1}
}
