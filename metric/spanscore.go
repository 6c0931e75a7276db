package metric

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// SpanScore holds precision, recall and F1 of the spans of a type, or of several.
type SpanScore struct {
	Type      string    `json:"type,omitempty"`     // type; absent for averages
	Gold      int       `json:"gold"`               // spans of the reference
	Predicted int       `json:"predicted"`          // predicted spans
	Right     int       `json:"right"`              // predicted spans that the reference has, with the same borders and type
	Precision float64   `json:"precision"`          // Right / Predicted, 0 to 1; 0 if Predicted is 0
	Recall    float64   `json:"recall"`             // Right / Gold, 0 to 1; 0 if Gold is 0
	F1        float64   `json:"f1"`                 // harmonic mean of precision and recall, 0 to 1
	Interval  *Interval `json:"interval,omitempty"` // confidence interval of F1; absent if none was asked for
}

// SpanReport holds the scores of predicted spans. The scores equal those of seqeval and, with [Lenient], those of
// conlleval.
type SpanReport struct {
	Micro    SpanScore   `json:"micro"`    // all spans alike: conlleval's overall score
	Macro    SpanScore   `json:"macro"`    // mean over the types
	Weighted SpanScore   `json:"weighted"` // mean over the types, weighted by their spans in the reference
	Types    []SpanScore `json:"types"`    // types of the reference and the prediction, sorted
}

// LabelOptions are the settings of ScoreSpans and ScoreLabels. The zero value and a nil pointer mean the defaults.
type LabelOptions struct {
	Scheme  SpanScheme // how labels mark spans; not read by ScoreLabels
	Samples int        // resampled corpora of each confidence interval; 0 means no intervals
	Seed    uint64     // seed of the samples
	Unknown [][]bool   // which tokens training has not seen, for ScoreLabels; nil means none is known to be
}

// ScoreSpans compares the spans of predicted labels with those of the reference, gold; each has a sequence of labels
// for each sentence.
func ScoreSpans(gold, predicted [][]string, opts *LabelOptions) (SpanReport, error) {
	o := LabelOptions{}
	if opts != nil {
		o = *opts
	}
	if err := sameLengths(gold, predicted); err != nil {
		return SpanReport{}, err
	}
	sentences := make([]map[string]*[3]float64, len(gold)) // right, predicted, gold by type
	all := map[string]bool{}
	for i := range gold {
		counts, err := countSpans(o.Scheme, gold[i], predicted[i])
		if err != nil {
			return SpanReport{}, fmt.Errorf("metric: sentence %d: %w", i+1, err)
		}
		sentences[i] = counts
		for kind := range counts {
			all[kind] = true
		}
	}
	types := slices.Sorted(maps.Keys(all))
	rows := make([]Stats, len(gold))
	for i, counts := range sentences {
		rows[i] = make(Stats, 3*len(types))
		for k, kind := range types {
			if c := counts[kind]; c != nil {
				copy(rows[i][3*k:], c[:])
			}
		}
	}
	r := spanReport(types, Sum(rows))
	if o.Samples > 0 {
		r.addIntervals(rows, o.Samples, rand.New(rand.NewPCG(o.Seed, 0)))
	}
	return r, nil
}

// sameLengths returns an error unless there are sentences and each has a prediction for every label.
func sameLengths(gold, predicted [][]string) error {
	switch {
	case len(gold) != len(predicted):
		return fmt.Errorf("metric: %d sentences and predictions of %d: want equal numbers", len(gold), len(predicted))
	case len(gold) == 0:
		return fmt.Errorf("metric: no sentences: want at least 1")
	}
	for i := range gold {
		if len(gold[i]) != len(predicted[i]) {
			return fmt.Errorf("metric: sentence %d has %d labels and %d predicted ones: want equal numbers", i+1, len(gold[i]), len(predicted[i]))
		}
	}
	return nil
}

// countSpans returns the right, predicted and gold spans of a sentence, by type.
func countSpans(scheme SpanScheme, gold, predicted []string) (map[string]*[3]float64, error) {
	counts := map[string]*[3]float64{}
	of := func(kind string) *[3]float64 {
		if counts[kind] == nil {
			counts[kind] = new([3]float64)
		}
		return counts[kind]
	}
	want, err := scheme.Spans(gold)
	if err != nil {
		return nil, err
	}
	got, err := scheme.Spans(predicted)
	if err != nil {
		return nil, err
	}
	right := map[Span]bool{}
	for _, s := range want {
		right[s] = true
		of(s.Type)[2]++
	}
	for _, s := range got {
		of(s.Type)[1]++
		if right[s] {
			of(s.Type)[0]++
		}
	}
	return counts, nil
}

// spanReport computes the scores of a sum of counts.
func spanReport(types []string, sum Stats) SpanReport {
	var r SpanReport
	all := make(Stats, 3)
	for k, kind := range types {
		one := sum[3*k : 3*k+3]
		all.Add(one)
		s := spanScore(one)
		s.Type = kind
		r.Types = append(r.Types, s)
		r.Macro.Precision += s.Precision / float64(len(types))
		r.Macro.Recall += s.Recall / float64(len(types))
		r.Macro.F1 += s.F1 / float64(len(types))
		r.Weighted.Precision += s.Precision * float64(s.Gold)
		r.Weighted.Recall += s.Recall * float64(s.Gold)
		r.Weighted.F1 += s.F1 * float64(s.Gold)
	}
	r.Micro = spanScore(all)
	for _, s := range []*SpanScore{&r.Macro, &r.Weighted} {
		s.Gold, s.Predicted, s.Right = r.Micro.Gold, r.Micro.Predicted, r.Micro.Right
	}
	n := max(1, all[2])
	r.Weighted.Precision, r.Weighted.Recall, r.Weighted.F1 = r.Weighted.Precision/n, r.Weighted.Recall/n, r.Weighted.F1/n
	return r
}

// spanScore computes the score of right, predicted and gold spans.
func spanScore(counts Stats) SpanScore {
	right, predicted, gold := counts[0], counts[1], counts[2]
	s := SpanScore{Gold: int(gold), Predicted: int(predicted), Right: int(right)}
	s.Precision, s.Recall, s.F1 = right/max(1, predicted), right/max(1, gold), 2*right/max(1, predicted+gold)
	return s
}

// addIntervals adds the confidence intervals of all F1 scores. rows are the counts of each sentence.
func (r *SpanReport) addIntervals(rows []Stats, samples int, rng *rand.Rand) {
	scores := []*SpanScore{&r.Micro, &r.Macro, &r.Weighted}
	var types []string
	for k := range r.Types {
		scores = append(scores, &r.Types[k])
		types = append(types, r.Types[k].Type)
	}
	intervals := resampled(rows, samples, rng, func(sum Stats) []float64 {
		s := spanReport(types, sum)
		f1 := []float64{s.Micro.F1, s.Macro.F1, s.Weighted.F1}
		for _, t := range s.Types {
			f1 = append(f1, t.F1)
		}
		return f1
	})
	for k, s := range scores {
		s.Interval = &intervals[k]
	}
}

// resampled returns the confidence interval of each figure that score computes from the sum of a resampled corpus.
func resampled(rows []Stats, samples int, rng *rand.Rand, score func(sum Stats) []float64) []Interval {
	var scores [][]float64 // by figure
	draw, sample, sum := withReplacement(rng), make([]int, len(rows)), make(Stats, len(rows[0]))
	for range samples {
		draw(sample)
		clear(sum)
		for _, i := range sample {
			sum.Add(rows[i])
		}
		figures := score(sum)
		if scores == nil {
			scores = make([][]float64, len(figures))
		}
		for k, x := range figures {
			scores[k] = append(scores[k], x)
		}
	}
	intervals := make([]Interval, len(scores))
	for k := range scores {
		intervals[k] = interval(scores[k])
	}
	return intervals
}
