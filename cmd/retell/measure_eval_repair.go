package main

import (
	"bufio"
	"fmt"
	"iter"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seqae/repair"
)

// evalRepairHelp explains the scores.
const evalRepairHelp = `A model that repairs lines is measured beside the lines as they are (copy). --data holds pairs: dirty line TAB clean
line. --lexicon names words to know beside the model's, as in 'retell repair'. Tokens stand between white space; words
are runs of letters, digits, apostrophes and hyphens.

  words        words of the clean lines that the repaired lines have, in percent; sentences: whole lines
  corrected    wrong tokens that became right, in percent
  precision    edits that are right, in percent; an edit is a run of changed tokens and what it becomes
  recall       edits to make that were made; F0.5 of both counts precision twice as much
  CER, WER     edits of characters and of tokens to the clean line, in percent of its length
  F1           of capital letters, and of spaces, where the characters align
  falsely      tokens changed in lines that were clean, per thousand`

// loadRepairer returns the only model of the flags if it repairs lines, or nil. --lexicon then names words to know.
func (f *inferenceFlags) loadRepairer(search *searchFlags) (*repair.Repairer, error) {
	if len(f.paths) != 1 {
		return nil, nil
	}
	model, err := repair.Load(f.paths[0])
	if err != nil {
		return nil, nil // of another kind, or an error that loading it as such finds again
	}
	if f.int8 {
		if model, err = model.Quantize(); err != nil {
			return nil, err
		}
	}
	file := search.lexicon
	search.lexicon = ""
	return informed(model, file)
}

// evalRepair measures a model that repairs lines, beside the lines as they are.
func (f *evalFlags) evalRepair(cmd *cobra.Command, model *repair.Repairer, asJSON bool) error {
	if len(f.metrics) > 0 {
		return misusef("--metric: the model repairs lines, which has metrics of its own")
	}
	if len(f.references) > 1 {
		return misusef("%d references: want one for a model that repairs lines", len(f.references))
	}
	opts := readOptions(cmd)
	opts.AllowEmpty = true
	pairs := corpora.Format{Type: corpora.TypeTSV}.Read(f.data, opts)
	if f.data == "" {
		pairs = corpora.Parallel(f.source, f.references, opts)
	}
	report := repairReport{versioned: version1()}
	err := compareRepairs(cmd, model, pairs, &report)
	if err != nil {
		return err
	}
	return writeOutput(cmd, "", func(w *bufio.Writer) error {
		if asJSON {
			return writeJSON(w, report)
		}
		return report.write(w)
	})
}

// compareRepairs computes the scores of the pairs as they are, and repaired.
func compareRepairs(cmd *cobra.Command, model *repair.Repairer, pairs iter.Seq2[corpora.Example, error], report *repairReport) error {
	all, err := clean(pairs, "evaluation", corpora.Filter{}, false, logger(cmd))
	if err != nil {
		return err
	}
	var before, after metric.RepairCounts
	i := 0
	for r, err := range model.Repair(cmd.Context(), corpora.Sources(corpora.Stream(all)), nil) {
		if err != nil {
			return err
		}
		reference := all[i].Targets[0]
		before.Add(r.Source, r.Source, reference)
		after.Add(r.Source, r.Text, reference)
		if r.Flagged {
			report.Flagged++
		}
		i++
	}
	report.Copy, report.Model = before.Scores(), after.Scores()
	return nil
}

// repairReport is what eval --json writes of a model that repairs lines.
type repairReport struct {
	Copy    metric.RepairScores `json:"copy"`    // scores of the lines as they are
	Model   metric.RepairScores `json:"model"`   // scores of the repaired lines
	Flagged int                 `json:"flagged"` // lines that would have changed too much, and stayed as they are
	versioned
}

// write writes a table.
func (r *repairReport) write(w *bufio.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "\tcopy\tmodel\t\n")
	fmt.Fprintf(table, "lines\t%d\t%d\t\n", r.Copy.Lines, r.Model.Lines)
	for _, row := range []struct {
		name  string
		value func(metric.RepairScores) float64
	}{
		{"words", func(s metric.RepairScores) float64 { return s.Words }},
		{"sentences", func(s metric.RepairScores) float64 { return s.Sentences }},
		{"corrected", func(s metric.RepairScores) float64 { return s.Corrected }},
		{"precision", func(s metric.RepairScores) float64 { return s.Precision }},
		{"recall", func(s metric.RepairScores) float64 { return s.Recall }},
		{"F0.5", func(s metric.RepairScores) float64 { return s.F05 }},
		{"CER", func(s metric.RepairScores) float64 { return s.CER }},
		{"WER", func(s metric.RepairScores) float64 { return s.WER }},
		{"capitals F1", func(s metric.RepairScores) float64 { return s.Capitals }},
		{"spaces F1", func(s metric.RepairScores) float64 { return s.Spaces }},
	} {
		fmt.Fprintf(table, "%s\t%.2f\t%.2f\t\n", row.name, row.value(r.Copy), row.value(r.Model))
	}
	if r.Copy.CleanWords > 0 {
		fmt.Fprintf(table, "falsely changed, ‰\t%.2f\t%.2f\t\n", r.Copy.Falsely, r.Model.Falsely)
	}
	fmt.Fprintf(table, "left as they are\t\t%d\t\n", r.Flagged)
	return table.Flush()
}
