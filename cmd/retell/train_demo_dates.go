package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

// datesDemo trains a translator of dates while the user watches.
type datesDemo struct {
	train, test int // examples
	watched     int // number of test examples shown while the network learns
	steps       int
	lookEach    int // steps between looks at the watched examples
	seed        uint64

	model *seq2seq.Model // after run
}

// usualDatesDemo returns a training long enough to read nearly every date, and short enough to watch.
func usualDatesDemo() *datesDemo {
	return &datesDemo{train: 20_000, test: 500, watched: 5, steps: 1500, lookEach: 150, seed: 1}
}

func (d *datesDemo) run(cmd *cobra.Command) error {
	parts, err := corpora.TaskSplit(corpora.TaskDates, d.seed, d.train, d.test)
	if err != nil {
		return err
	}
	train, test := parts[0], parts[1]
	source, target, err := seq2seq.Learn(d.config(), train)
	if err != nil {
		return err
	}
	model, err := seq2seq.New(d.config(), source, target, d.seed)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(cmd.OutOrStdout(), `A translator with %d parameters learns to read dates from %d made-up examples such as

    %s → %s

The dates below are not among them. Watch the loss fall and the answers become right.
`, model.Parameters(), len(train), train[0].Source, train[0].Targets[0]); err != nil {
		return err
	}
	if err := d.learn(cmd, model, train, test[:d.watched]); err != nil {
		return err
	}
	report, err := model.Evaluate(cmd.Context(), test, &seq2seq.EvalOptions{Search: &seq2seq.SearchOptions{Beam: 1}})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(cmd.OutOrStdout(), "\nExact match on %d unseen dates: %.1f %%\n", report.Examples, 100*report.Exact); err != nil {
		return err
	}
	d.model = model
	return nil
}

// learn trains the model and, now and then, shows its answers to the watched examples.
func (d *datesDemo) learn(cmd *cobra.Command, model *seq2seq.Model, train, watched []corpora.Example) error {
	screen := newScreen(cmd)
	defer screen.endBar()
	screen.startBar(d.steps)
	loss, tokens := 0.0, 0 // sums since the last look
	for p, err := range model.Train(cmd.Context(), train, nil, d.options()) {
		if err != nil {
			return err
		}
		loss += p.Loss * float64(p.Tokens)
		tokens += p.Tokens
		screen.moveBar(p.Step, fmt.Sprintf("loss %.3f  %.0f tok/s", p.Loss, p.Speed))
		if p.Step%d.lookEach != 0 {
			continue
		}
		screen.clearBar()
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "\nstep %d of %d, loss %.3f\n", p.Step, p.Steps, loss/float64(tokens)); err != nil {
			return err
		}
		if err := showAnswers(cmd, model, watched); err != nil {
			return err
		}
		loss, tokens = 0, 0
	}
	return nil
}

// showAnswers writes the model's answer to each example, and whether it is right.
func showAnswers(cmd *cobra.Command, model *seq2seq.Model, examples []corpora.Example) error {
	i := 0
	for t, err := range model.Translate(cmd.Context(), corpora.Sources(corpora.Stream(examples)), &seq2seq.SearchOptions{Beam: 1}) {
		if err != nil {
			return err
		}
		verdict := "right"
		if want := examples[i].Targets[0]; t.Text != want {
			verdict = "wrong: " + want
		}
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "    %-34s → %-12s %s\n", t.Source, t.Text, verdict); err != nil {
			return err
		}
		i++
	}
	return nil
}

// answer reads dates from the terminal and writes the model's answer to each.
func (d *datesDemo) answer(cmd *cobra.Command) error {
	if _, err := fmt.Fprintln(cmd.OutOrStdout(), "\nNow yours: type a date, in English or Spanish; Ctrl-D ends."); err != nil {
		return err
	}
	oneByOne := &seq2seq.SearchOptions{Beam: 1, BatchSentences: 1}
	for t, err := range d.model.Translate(cmd.Context(), corpora.Lines("-", readOptions(cmd)), oneByOne) {
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(cmd.OutOrStdout(), t.Text); err != nil {
			return err
		}
	}
	return nil
}

func (d *datesDemo) config() seq2seq.Config {
	c := seq2seq.DefaultConfig()
	c.Source = tokenize.Config{Kind: tokenize.Chars}
	c.Target = tokenize.Config{Kind: tokenize.Chars}
	c.Encoder.Hidden, c.Encoder.Embedding = 128, 32
	c.Decoder.Hidden, c.Decoder.Embedding = 128, 32
	c.Decoder.Attention = rnn.Bahdanau // finds the day, the month and the year soonest
	c.Dropout = 0
	c.Init = seq2seq.InitConfig{Matrices: seq2seq.InitGlorot, Orthogonal: true, ForgetBias: 1}
	return c
}

func (d *datesDemo) options() *seq2seq.TrainOptions {
	const batch = 32
	return &seq2seq.TrainOptions{
		Epochs:         1 + d.steps*batch/d.train,
		MaxSteps:       d.steps,
		Seed:           d.seed,
		BatchSentences: batch,
		Schedule:       rnn.Schedule{Kind: rnn.ScheduleCosine, Rate: 0.005, Warmup: min(50, d.steps/2), Steps: d.steps},
	}
}
