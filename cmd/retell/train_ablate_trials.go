package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/retell-rnn/retell/metric"
)

// same reports whether two trials have equal settings and seeds.
func (t *trial) same(o trial) bool { return t.Seed == o.Seed && slices.Equal(t.Settings, o.Settings) }

// readTrials reads the trials done so far, without repeats. It removes a last line that a kill cut off.
func readTrials(path string) ([]trial, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if end := bytes.LastIndexByte(text, '\n') + 1; end < len(text) {
		text = text[:end]
		if err := os.Truncate(path, int64(end)); err != nil {
			return nil, err
		}
	}
	var done []trial
	n := 0
	for line := range bytes.Lines(text) {
		var t trial
		if n++; len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if err := json.Unmarshal(line, &t); err != nil || len(t.Settings) == 0 {
			return nil, fmt.Errorf("%s:%d: want a result of an ablation", path, n)
		}
		if !slices.ContainsFunc(done, t.same) { // two ablations of old versions may both have written it
			done = append(done, t)
		}
	}
	return done, nil
}

// appendTrial appends a trial to a file and syncs it to disk.
func appendTrial(path string, t trial) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	return errors.Join(writeJSON(file, t), file.Sync(), file.Close())
}

// spreadOf returns the mean and deviation of x, nil if x is empty.
func spreadOf(x []float64) *spread {
	if len(x) == 0 {
		return nil
	}
	var sum, squares float64
	for _, v := range x {
		sum += v
	}
	s := &spread{Mean: sum / float64(len(x))}
	for _, v := range x {
		squares += (v - s.Mean) * (v - s.Mean)
	}
	if len(x) > 1 {
		deviation := math.Sqrt(squares / float64(len(x)-1))
		s.Deviation = &deviation
	}
	return s
}

func (s *spread) text(digits int) string {
	switch {
	case s == nil:
		return ""
	case s.Deviation == nil:
		return fmt.Sprintf("%.*f", digits, s.Mean)
	}
	return fmt.Sprintf("%.*f ± %.*f", digits, s.Mean, digits, *s.Deviation)
}

// summarize returns the combinations of settings, the best first by train.validate_by.
func summarize(settings [][]string, done []trial) []combination {
	var all []combination
	metrics := map[string]bool{}
	for _, s := range settings {
		c := combination{Settings: s}
		var score, loss, accuracy, exact, gain []float64
		for _, t := range done {
			switch {
			case !slices.Equal(t.Settings, s):
				continue
			case t.Failed != "":
				c.Failed = append(c.Failed, t.Failed)
				continue
			}
			c.Seeds, c.Metric = append(c.Seeds, t.Seed), t.Metric
			metrics[t.Metric] = true
			loss, accuracy = append(loss, t.Loss), append(accuracy, t.Accuracy)
			if t.Score != nil {
				score = append(score, *t.Score)
			}
			if t.Exact != nil {
				exact = append(exact, *t.Exact)
			}
			if g, ok := t.Vector["gain"]; ok {
				gain = append(gain, g)
			}
		}
		c.Score, c.Loss, c.Accuracy, c.Exact, c.Gain = spreadOf(score), spreadOf(loss), spreadOf(accuracy), spreadOf(exact), spreadOf(gain)
		all = append(all, c)
	}
	byScore := len(metrics) == 1
	slices.SortStableFunc(all, func(a, b combination) int { return cmp.Compare(a.cost(byScore), b.cost(byScore)) })
	if len(all) > 1 && !math.IsInf(all[0].cost(byScore), 1) {
		all[0].Best = true
	}
	return all
}

// cost orders combinations, the best lowest: by score if all scores are of one metric, else by loss. A combination with
// a failed trial comes last.
func (c *combination) cost(byScore bool) float64 {
	if c.Loss == nil || len(c.Failed) > 0 {
		return math.Inf(1)
	}
	if m, err := metric.Parse(c.Metric); byScore && c.Score != nil && err == nil {
		if m.HigherIsBetter() {
			return -c.Score.Mean
		}
		return c.Score.Mean
	}
	return c.Loss.Mean
}

// writeAblation writes a line for each combination. It leaves out columns without a number.
func writeAblation(w io.Writer, all []combination) error {
	percent := func(s *spread) *spread {
		if s == nil {
			return nil
		}
		p := spread{Mean: 100 * s.Mean}
		if s.Deviation != nil {
			d := 100 * *s.Deviation
			p.Deviation = &d
		}
		return &p
	}
	columns := []struct {
		name string
		of   func(c combination) string
	}{
		{"", func(c combination) string { return map[bool]string{true: "best"}[c.Best] }},
		{"settings", func(c combination) string { return strings.Join(c.Settings, " ") }},
		{"seeds", func(c combination) string { return fmt.Sprint(len(c.Seeds)) }},
		{"failed", func(c combination) string { return map[bool]string{true: fmt.Sprint(len(c.Failed))}[len(c.Failed) > 0] }},
		{"score", func(c combination) string { return strings.TrimSpace(c.Metric + " " + c.Score.text(2)) }},
		{"loss", func(c combination) string { return c.Loss.text(3) }},
		{"accuracy", func(c combination) string { return percent(c.Accuracy).text(2) }},
		{"exact", func(c combination) string { return percent(c.Exact).text(1) }},
		{"gain", func(c combination) string { return c.Gain.text(2) }},
	}
	columns = slices.DeleteFunc(columns, func(column struct {
		name string
		of   func(c combination) string
	},
	) bool {
		return !slices.ContainsFunc(all, func(c combination) bool { return column.of(c) != "" })
	})
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	var line []string
	for _, column := range columns {
		line = append(line, column.name)
	}
	fmt.Fprintln(table, strings.Join(line, "\t"))
	for _, c := range all {
		line = line[:0]
		for _, column := range columns {
			line = append(line, column.of(c))
		}
		fmt.Fprintln(table, strings.Join(line, "\t"))
	}
	return table.Flush()
}
