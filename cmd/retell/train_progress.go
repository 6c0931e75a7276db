package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
)

// lineInterval is the time between progress lines if there is no bar.
const lineInterval = 10 * time.Second

// trainProgress shows the progress of a training: a line for each validation and, in between, a bar or an occasional
// line.
type trainProgress struct {
	screen *screen
	json   io.Writer // nil without --json
	steps  int       // seen
	shown  time.Time // time of the last line

	sets bool // a step's tokens are sets, of an embedder

	// Sums over the steps since the last validation.
	loss   float64 // sum over tokens
	tokens int
	found  float64 // number of sets that found their partner in the batch
	sought int     // number of sets that could
}

func newTrainProgress(cmd *cobra.Command, s *screen, kind string, asJSON bool) *trainProgress {
	p := &trainProgress{screen: s, shown: time.Now(), sets: kind == kindEmbedder}
	if asJSON {
		p.json = cmd.OutOrStdout()
	}
	return p
}

// show records a step and shows it. Its error is one of writing JSON.
func (t *trainProgress) show(p seqae.Progress) error {
	if t.steps == 0 {
		t.screen.startBar(p.Steps)
	}
	t.steps++
	t.loss += p.Loss * float64(p.Tokens)
	t.tokens += p.Tokens
	if share, ok := p.Figures.Of("contrast.recall@1"); ok {
		t.found += share * float64(p.Tokens)
		t.sought += p.Tokens
	}
	loss := t.loss / float64(t.tokens)
	status := t.status(p.Progress, loss)
	t.screen.moveBar(p.Step, status)

	var err error
	switch {
	case p.Validation != nil:
		if t.sets {
			status += validatedSets(p.Validation)
		} else {
			status += validated(p.Validation)
		}
		t.line(p.Progress, status+rewritten(p.Rewritten))
		t.samples(p)
		err = t.record(p, loss)
		t.loss, t.tokens, t.found, t.sought = 0, 0, 0, 0
	case !t.screen.terminal && time.Since(t.shown) >= lineInterval:
		t.line(p.Progress, status)
	}
	if p.End != "" {
		t.screen.line("the end: " + p.End)
	}
	return err
}

// status returns the text of a step. loss is the training loss since the last validation.
func (t *trainProgress) status(p seq2seq.Progress, loss float64) string {
	figures, unit := "  ppl "+shortPerplexity(metric.Perplexity(loss, 1)), "tok"
	if t.sets {
		figures, unit = "", "sets"
		if t.sought > 0 {
			figures = fmt.Sprintf("  found %.1f %%", 100*t.found/float64(t.sought))
		}
	}
	text := fmt.Sprintf("epoch %d/%d  loss %.3f%s  %.0f %s/s", p.Epoch, p.Epochs, loss, figures, p.Speed, unit)
	if t.steps == 1 && p.Left > 0 { // the first step allocates memory, and foretells nothing
		return text
	}
	return text + fmt.Sprintf("  left %v", p.Left.Round(time.Second))
}

func (t *trainProgress) line(p seq2seq.Progress, status string) {
	t.screen.line(fmt.Sprintf("step %d/%d  %s", p.Step, p.Steps, status))
	t.shown = time.Now()
}

// samples shows some validation lines and the model's outputs. Without a terminal, each is one record of the log.
func (t *trainProgress) samples(p seqae.Progress) {
	all := p.Validation.Samples
	if p.Rewritten != nil {
		for _, s := range p.Rewritten.Samples {
			all = append(all, seq2seq.Sample{Source: s.Line, Text: s.Rewritten, Reference: s.Line})
		}
	}
	for _, s := range all {
		if !t.screen.terminal {
			t.screen.logger().Info("sample", "source", s.Source, "text", s.Text, "wanted", s.Reference)
			continue
		}
		t.screen.line("    " + s.Source + "\n  → " + s.Text)
		if s.Reference != s.Text && s.Reference != s.Source {
			t.screen.line("    wanted: " + s.Reference)
		}
	}
}

// validated returns the text of a validation.
func validated(v *seq2seq.Validation) string {
	best := ""
	if v.Best {
		best = "  best so far"
	}
	score := ""
	if v.Score != nil {
		score = fmt.Sprintf("  %s %.2f", v.Score.Metric, v.Score.Value)
	}
	for _, set := range v.Also {
		score += fmt.Sprintf("  (%s: loss %.3f  accuracy %.2f %%", set.Name, set.Loss, 100*set.Accuracy)
		if set.Score != nil {
			score += fmt.Sprintf("  %s %.2f", set.Score.Metric, set.Score.Value)
		}
		score += ")"
	}
	return fmt.Sprintf(" | validation: loss %.3f  ppl %s  accuracy %.2f %%%s%s", v.Loss, shortPerplexity(v.Perplexity()), 100*v.Accuracy, score, best) + figures(v.Figures)
}

// validatedSets returns the text of an embedder's validation.
func validatedSets(v *seq2seq.Validation) string {
	text := fmt.Sprintf(" | validation: loss %.3f", v.Loss)
	if share, ok := v.Figures.Of("contrast.recall@1"); ok {
		text += fmt.Sprintf("  found %.2f %%", 100*share)
	}
	if r, ok := v.Figures.Of("contrast.spearman"); ok {
		text += fmt.Sprintf("  spearman %.2f", 100*r)
	}
	for _, set := range v.Also {
		text += fmt.Sprintf("  (%s: loss %.3f)", set.Name, set.Loss)
	}
	if v.Best {
		text += "  best so far"
	}
	return text
}

// figures returns the text of an objective's figures.
func figures(all seq2seq.Figures) string {
	var b strings.Builder
	last := ""
	for _, f := range all {
		of, name, _ := strings.Cut(f.Name, ".")
		if of != last {
			fmt.Fprintf(&b, " | %s:", of)
		} else {
			b.WriteByte(' ')
		}
		last = of
		name = strings.ReplaceAll(name, "_", " ")
		switch f.Unit {
		case "": // a count
			fmt.Fprintf(&b, " %s %.0f", name, f.Value)
		case "share":
			fmt.Fprintf(&b, " %s %.2f %%", name, 100*f.Value)
		default:
			fmt.Fprintf(&b, " %s %.2f", name, f.Value)
		}
	}
	return b.String()
}

// shortPerplexity returns a perplexity as text of few digits, however large it is.
func shortPerplexity(p float64) string {
	if p < 1e6 {
		return fmt.Sprintf("%.2f", p)
	}
	return fmt.Sprintf("%.1e", p)
}

// rewritten returns the text of an autoencoder's written-back validation lines.
func rewritten(r *seqae.Rewritten) string {
	if r == nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, " | of %d lines %.1f %% came back exactly, %.1f %% of their tokens", r.Lines, 100*r.Exact, 100*r.Accuracy)
	return b.String()
}

// record writes a validation as JSON if --json is given. loss is the training loss since the last validation.
func (t *trainProgress) record(p seqae.Progress, loss float64) error {
	if t.json == nil {
		return nil
	}
	v := p.Validation
	record := trainRecord{
		Step: p.Step, Steps: p.Steps, Epoch: p.Epoch, Loss: loss, Rate: p.Rate, TokensPerSecond: p.Speed,
		Samples: v.Samples, Also: v.Also, ValidLoss: v.Loss, ValidPerplexity: v.Perplexity(), ValidAccuracy: v.Accuracy, Best: v.Best, Figures: v.Figures.Groups(),
	}
	if t.sets { // a loss of sets is no logarithm of a perplexity
		record.ValidPerplexity = 0
	}
	record.Vector = record.Figures["vector"]
	delete(record.Figures, "vector")
	if v.Score != nil {
		record.ValidScore = &v.Score.Value
	}
	if r := p.Rewritten; r != nil {
		record.Exact, record.RewrittenAccuracy = &r.Exact, &r.Accuracy
	}
	return writeJSON(t.json, record)
}
