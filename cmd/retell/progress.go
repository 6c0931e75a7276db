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
		t.screen.startBar(int64(p.Steps))
	}
	t.steps++
	t.loss += p.Loss * float64(p.Tokens)
	t.tokens += p.Tokens
	loss := t.loss / float64(t.tokens)
	now := fmt.Sprintf("epoch %d/%d  loss %.3f  ppl %.2f  %.0f tokens/s  left %v",
		p.Epoch, p.Epochs, loss, math.Exp(loss), p.Speed, p.Left.Round(time.Second))
	t.screen.moveBar(int64(p.Step), now)

	v := p.Validation
	if v == nil && (t.screen.terminal || time.Since(t.shown) < lineInterval) {
		return t.ended(p)
	}
	t.shown = time.Now()
	line := fmt.Sprintf("step %d/%d  %s", p.Step, p.Steps, now)
	if v == nil {
		fmt.Fprintln(t.screen, line)
		return t.ended(p)
	}
	best := ""
	if v.Best {
		best = "  best so far"
	}
	fmt.Fprintf(t.screen, "%s | validation: loss %.3f  ppl %.2f  accuracy %.2f %%%s\n", line, v.Loss, v.Perplexity(), 100*v.Accuracy, best)
	t.loss, t.tokens = 0, 0
	if t.json != nil {
		err := writeJSON(t.json, trainRecord{
			Step: p.Step, Steps: p.Steps, Epoch: p.Epoch, Loss: loss, Rate: p.Rate, TokensPerSecond: p.Speed,
			ValidLoss: v.Loss, ValidPerplexity: v.Perplexity(), ValidAccuracy: v.Accuracy, Best: v.Best,
		})
		if err != nil {
			return err
		}
	}
	return t.ended(p)
}

// ended shows why the training ends, if it does.
func (t *trainProgress) ended(p seq2seq.Progress) error {
	if p.End != "" {
		t.screen.endBar()
		fmt.Fprintf(t.screen, "the end: %s\n", p.End)
	}
	return nil
}

// end takes the bar away.
func (t *trainProgress) end() { t.screen.endBar() }

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
