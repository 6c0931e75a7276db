package probe

import (
	"fmt"
	"strings"

	"github.com/retell-rnn/retell/metric"
)

// Rewriting measures the reconstructions of lines with a range of lengths.
type Rewriting struct {
	From     int     `json:"from"`           // minimum number of words of a line, 1 or more
	To       int     `json:"to"`             // maximum number of words of a line; 0 means no maximum
	Lines    int     `json:"lines"`          // number of lines
	Exact    float64 `json:"exact"`          // share of lines that come back word for word, 0 to 1
	Accuracy float64 `json:"token_accuracy"` // share of words that come back in their places, 0 to 1
	BLEU     float64 `json:"bleu"`           // BLEU of the reconstructions, equal to sacreBLEU's, 0 to 100
	Edits    float64 `json:"edits"`          // mean number of words to insert, delete or replace per line
}

// buckets returns the ranges of lengths; the last has all lengths.
func buckets() []Rewriting {
	return []Rewriting{
		{From: 1, To: 5},
		{From: 6, To: 10},
		{From: 11, To: 15},
		{From: 16, To: 20},
		{From: 21, To: 30},
		{From: 31},
		{From: 1},
	}
}

// Rewritings compares lines with their reconstructions by length, in words between white space. The last element
// measures all lengths. Blank lines and lengths without lines are left out.
func Rewritings(lines, rewritten []string) ([]Rewriting, error) {
	if len(lines) != len(rewritten) {
		return nil, fmt.Errorf("probe: %d lines and %d reconstructions: want equal numbers", len(lines), len(rewritten))
	}
	var out []Rewriting
	for _, r := range buckets() {
		var hyps []string
		var refs [][]string
		for i, line := range lines {
			if n := len(strings.Fields(line)); n >= r.From && (r.To == 0 || n <= r.To) {
				hyps, refs = append(hyps, rewritten[i]), append(refs, []string{line})
			}
		}
		if r.Lines = len(hyps); r.Lines == 0 {
			continue
		}
		if err := r.score(hyps, refs); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("probe: %d lines are all blank: want at least one with text", len(lines))
	}
	return out, nil
}

func (r *Rewriting) score(hyps []string, refs [][]string) error {
	bleu, err := metric.NewBLEU(nil)
	if err != nil {
		return err
	}
	var scores []metric.Score
	for _, m := range []metric.Metric{metric.NewExactMatch(), metric.NewTokenAccuracy(), bleu, metric.NewWER()} {
		s, err := metric.Corpus(m, hyps, refs)
		if err != nil {
			return err
		}
		scores = append(scores, s)
	}
	r.Exact, r.Accuracy, r.BLEU = scores[0].Value/100, scores[1].Value/100, scores[2].Value
	r.Edits = scores[3].Ratio.Count / float64(r.Lines)
	return nil
}
