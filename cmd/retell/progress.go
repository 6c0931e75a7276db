package main

import (
	"fmt"
	"io"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/seq2seq"
)

// lineInterval is how often the progress of a training is a line where there is no bar.
const lineInterval = 10 * time.Second

// trainProgress shows how a training goes: a line for each validation and, in between, a bar or a line now and then.
type trainProgress struct {
	screen *screen
	json   io.Writer // nil without --json
	steps  int       // seen
	shown  time.Time // of the last line

	// Of the steps since the last validation.
	loss   float64 // summed over tokens
	tokens int
}

func newTrainProgress(cmd *cobra.Command, s *screen, asJSON bool) *trainProgress {
	p := &trainProgress{screen: s, shown: time.Now()}
	if asJSON {
		p.json = cmd.OutOrStdout()
	}
	return p
}

// show takes note of a step. An error is one of writing JSON.
func (t *trainProgress) show(p seq2seq.Progress) error {
	if t.steps == 0 {
		t.screen.startBar(p.Steps)
	}
	t.steps++
	t.loss += p.Loss * float64(p.Tokens)
	t.tokens += p.Tokens
	loss := t.loss / float64(t.tokens)
	status := fmt.Sprintf("epoch %d/%d  loss %.3f  ppl %.2f  %.0f tok/s  left %v",
		p.Epoch, p.Epochs, loss, math.Exp(loss), p.Speed, p.Left.Round(time.Second))
	t.screen.moveBar(p.Step, status)

	var err error
	switch {
	case p.Validation != nil:
		t.line(p, status+validated(p.Validation))
		err = t.record(p, loss)
		t.loss, t.tokens = 0, 0
	case !t.screen.terminal && time.Since(t.shown) >= lineInterval:
		t.line(p, status)
	}
	if p.End != "" {
		fmt.Fprintf(t.screen, "the end: %s\n", p.End)
	}
	return err
}

func (t *trainProgress) line(p seq2seq.Progress, status string) {
	fmt.Fprintf(t.screen, "step %d/%d  %s\n", p.Step, p.Steps, status)
	t.shown = time.Now()
}

// validated is how a validation stands on its line.
func validated(v *seq2seq.Validation) string {
	best := ""
	if v.Best {
		best = "  best so far"
	}
	return fmt.Sprintf(" | validation: loss %.3f  ppl %.2f  accuracy %.2f %%%s", v.Loss, v.Perplexity(), 100*v.Accuracy, best)
}

// record writes a validation as JSON, if that is wanted. loss is that of training since the one before.
func (t *trainProgress) record(p seq2seq.Progress, loss float64) error {
	if t.json == nil {
		return nil
	}
	v := p.Validation
	return writeJSON(t.json, trainRecord{
		Step: p.Step, Steps: p.Steps, Epoch: p.Epoch, Loss: loss, Rate: p.Rate, TokensPerSecond: p.Speed,
		ValidLoss: v.Loss, ValidPerplexity: v.Perplexity(), ValidAccuracy: v.Accuracy, Best: v.Best,
	})
}

// trainRecord is a validation as --json writes it.
type trainRecord struct {
	Step            int     `json:"step"`
	Steps           int     `json:"steps"`
	Epoch           int     `json:"epoch"`
	Loss            float64 `json:"loss"` // of training, since the last validation, in nats a token
	Rate            float64 `json:"rate"`
	TokensPerSecond float64 `json:"tokens_per_second"`
	ValidLoss       float64 `json:"valid_loss"`
	ValidPerplexity float64 `json:"valid_perplexity"`
	ValidAccuracy   float64 `json:"valid_accuracy"` // 0 to 1
	Best            bool    `json:"best"`
}
