package metric

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"slices"
)

// TokenReport holds the scores of predicted labels, token by token.
type TokenReport struct {
	Sentences int           `json:"sentences"`           // number of sentences
	Tokens    int           `json:"tokens"`              // number of tokens
	Accuracy  float64       `json:"accuracy"`            // share of tokens with the right label, 0 to 1
	Interval  *Interval     `json:"interval,omitempty"`  // confidence interval of the accuracy; absent if none was asked for
	Exact     float64       `json:"sentence_accuracy"`   // share of sentences whose labels are all right, 0 to 1
	Unknown   *UnknownScore `json:"unknown,omitempty"`   // tokens that training has not seen; absent if they are not known
	Labels    []LabelScore  `json:"labels"`              // labels of the reference and the prediction, the most frequent first
	Confusion []Confusion   `json:"confusion,omitempty"` // wrong predictions, the most frequent first
}

// UnknownScore is the accuracy on tokens that training has not seen.
type UnknownScore struct {
	Tokens   int       `json:"tokens"`             // number of such tokens
	Accuracy float64   `json:"accuracy"`           // share of them with the right label, 0 to 1
	Interval *Interval `json:"interval,omitempty"` // confidence interval; absent if none was asked for
}

// LabelScore holds the scores of one label, token by token.
type LabelScore struct {
	Label     string  `json:"label"`     // label
	Gold      int     `json:"gold"`      // tokens that have the label
	Predicted int     `json:"predicted"` // tokens for which it is predicted
	Right     int     `json:"right"`     // tokens that have it and for which it is predicted
	Precision float64 `json:"precision"` // Right / Predicted, 0 to 1; 0 if Predicted is 0
	Recall    float64 `json:"recall"`    // Right / Gold, 0 to 1; 0 if Gold is 0
	F1        float64 `json:"f1"`        // harmonic mean of precision and recall, 0 to 1
}

// Confusion counts tokens that have one label and for which another is predicted.
type Confusion struct {
	Gold      string `json:"gold"`      // label of the reference
	Predicted string `json:"predicted"` // predicted label
	Tokens    int    `json:"tokens"`    // number of tokens
}

// ScoreLabels compares predicted labels with those of the reference, gold, token by token; each has a sequence of
// labels for each sentence.
func ScoreLabels(gold, predicted [][]string, opts *LabelOptions) (TokenReport, error) {
	o := LabelOptions{}
	if opts != nil {
		o = *opts
	}
	r := TokenReport{Sentences: len(gold)}
	if err := sameLengths(gold, predicted); err != nil {
		return r, err
	}
	rows := make([]Stats, len(gold)) // right, all, right and unknown, all unknown, whole sentences
	pairs := map[[2]string]int{}
	for i := range gold {
		if o.Unknown != nil && len(o.Unknown[i]) != len(gold[i]) {
			return r, errors.New("metric: unknown tokens of another number: want one for each label")
		}
		row := make(Stats, 5)
		for k, want := range gold[i] {
			got := predicted[i][k]
			right := 0.0
			if got == want {
				right = 1
			}
			pairs[[2]string{want, got}]++
			row[0], row[1] = row[0]+right, row[1]+1
			if o.Unknown != nil && o.Unknown[i][k] {
				row[2], row[3] = row[2]+right, row[3]+1
			}
		}
		if row[0] == row[1] {
			row[4] = 1
		}
		rows[i] = row
	}
	sum := Sum(rows)
	r.Tokens, r.Accuracy, r.Exact = int(sum[1]), sum[0]/max(1, sum[1]), sum[4]/float64(len(gold))
	if o.Unknown != nil {
		r.Unknown = &UnknownScore{Tokens: int(sum[3]), Accuracy: sum[2] / max(1, sum[3])}
	}
	r.Labels, r.Confusion = countLabels(pairs)
	if o.Samples > 0 {
		intervals := resampled(rows, o.Samples, rand.New(rand.NewPCG(o.Seed, 0)), func(sum Stats) []float64 {
			return []float64{sum[0] / max(1, sum[1]), sum[2] / max(1, sum[3])}
		})
		r.Interval = &intervals[0]
		if r.Unknown != nil {
			r.Unknown.Interval = &intervals[1]
		}
	}
	return r, nil
}

// countLabels returns the scores of labels and the confusions, from the numbers of pairs of a label and a predicted
// one.
func countLabels(pairs map[[2]string]int) ([]LabelScore, []Confusion) {
	scores := map[string]*LabelScore{}
	of := func(label string) *LabelScore {
		if scores[label] == nil {
			scores[label] = &LabelScore{Label: label}
		}
		return scores[label]
	}
	var confused []Confusion
	for pair, n := range pairs {
		want, got := of(pair[0]), of(pair[1])
		want.Gold += n
		got.Predicted += n
		if want == got {
			want.Right += n
		} else {
			confused = append(confused, Confusion{pair[0], pair[1], n})
		}
	}
	var all []LabelScore
	for _, s := range scores {
		right := float64(s.Right)
		s.Precision, s.Recall = right/max(1, float64(s.Predicted)), right/max(1, float64(s.Gold))
		s.F1 = 2 * right / max(1, float64(s.Predicted+s.Gold))
		all = append(all, *s)
	}
	slices.SortFunc(all, func(a, b LabelScore) int { return cmp.Or(b.Gold-a.Gold, cmp.Compare(a.Label, b.Label)) })
	slices.SortFunc(confused, func(a, b Confusion) int {
		return cmp.Or(b.Tokens-a.Tokens, cmp.Compare(a.Gold, b.Gold), cmp.Compare(a.Predicted, b.Predicted))
	})
	return all, confused
}
