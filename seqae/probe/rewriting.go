package probe

import (
	"fmt"
	"strings"

	"github.com/retell-rnn/retell/metric"
)

// Rewriting says how well lines of some lengths come back from their vectors.
type Rewriting struct {
	From     int     `json:"from"`           // words of the shortest line, 1 or more
	To       int     `json:"to"`             // words of the longest line; 0 is no bound
	Lines    int     `json:"lines"`          // number of lines
	Exact    float64 `json:"exact"`          // share of lines that come back word for word, 0 to 1
	Accuracy float64 `json:"token_accuracy"` // share of words that come back in their place, 0 to 1
	BLEU     float64 `json:"bleu"`           // score of the lines that come back, as sacreBLEU's, 0 to 100
	Edits    float64 `json:"edits"`          // words to insert, delete or substitute: mean over the lines
}

// buckets are the bounds of the lengths, and all of them as the last.
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

// Rewritings compares lines with what became of them, by buckets of their lengths in words between white space, and
// over all as the last. Buckets without lines are left out, and so are blank lines.
func Rewritings(lines, rewritten []string) ([]Rewriting, error) {
	if len(lines) != len(rewritten) {
		return nil, fmt.Errorf("probe: %d lines and %d rewritten ones: want as many", len(lines), len(rewritten))
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
		return nil, fmt.Errorf("probe: %d lines are all blank: want text to rewrite", len(lines))
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
