package main

import (
	"bufio"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/retell-rnn/retell/metric"
)

// writeComparisons compares the systems with the first of them, by each metric.
func (f *scoreFlags) writeComparisons(w *bufio.Writer, metrics []metric.Metric, systems []scored, refs [][]string) error {
	texts := make([][]string, len(systems))
	for i, s := range systems {
		texts[i] = s.lines
	}
	for i, m := range metrics {
		compared, err := metric.Compare(m, texts, refs, &f.options)
		if err != nil {
			return err
		}
		c := comparison{Metric: m.Name(), Signature: compared[0].Score.Signature}
		for k, s := range compared {
			c.Systems = append(c.Systems, comparedSystem{systems[k].name, s})
		}
		if f.json {
			err = writeJSON(w, c)
		} else {
			if i > 0 {
				fmt.Fprintln(w)
			}
			err = c.write(w)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// write writes a table.
func (c *comparison) write(w *bufio.Writer) error {
	fmt.Fprintf(w, "%s|%s\n", c.Metric, c.Signature)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "system\tscore\tμ ± 95 %\tdifference\tp (bootstrap)\tp (randomization)")
	baseline := c.Systems[0].Score.Value
	for i, s := range c.Systems {
		fmt.Fprintf(table, "%s\t%.2f\t%.2f ± %.2f", s.File, s.Score.Value, s.Score.Confidence.Mean, s.Score.Confidence.HalfWidth)
		switch difference := s.Score.Value - baseline; {
		case i == 0:
			fmt.Fprintln(table, "\tbaseline\t–\t–")
		case difference == 0: // a significance test has nothing to test
			fmt.Fprintln(table, "\tnone\t–\t–")
		default:
			fmt.Fprintf(table, "\t%+.2f\t%.4f\t%.4f\n", difference, s.Bootstrap.PValue, s.Randomization.PValue)
		}
	}
	return table.Flush()
}

// writeSentences writes the scores of each sentence on a line.
func (f *scoreFlags) writeSentences(w *bufio.Writer, metrics []metric.Metric, systems []scored, refs [][]string) error {
	lines := make([]sentenceScores, len(refs))
	for _, s := range systems {
		for _, m := range metrics {
			scores, err := metric.Sentences(m, s.lines, refs)
			if err != nil {
				return err
			}
			for i, score := range scores {
				lines[i].Sentence = i + 1
				lines[i].Scores = append(lines[i].Scores, score.Value)
			}
		}
	}
	for _, line := range lines {
		if f.json {
			if err := writeJSON(w, line); err != nil {
				return err
			}
			continue
		}
		var columns []string
		for _, s := range line.Scores {
			columns = append(columns, fmt.Sprintf("%.2f", s))
		}
		if _, err := fmt.Fprintln(w, strings.Join(columns, "\t")); err != nil {
			return err
		}
	}
	return nil
}
