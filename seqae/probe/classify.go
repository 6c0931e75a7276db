package probe

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/setting"
)

// ClassifyOptions say how a classifier is tested. The zero value and a nil pointer mean the defaults.
type ClassifyOptions struct {
	Folds int    // number of folds of the cross-validation, 2 or more; 0 means 10
	Seed  uint64 // seed of the folds
}

// Validate returns [seq2seq.Violations], or nil.
func (o *ClassifyOptions) Validate() error {
	var v setting.Check
	if o != nil && (o.Folds < 0 || o.Folds == 1) {
		v.Add("folds", "%d: want 2 or more, or 0 for the default", o.Folds)
	}
	return v.Err()
}

// Accuracy is the result of a classification.
type Accuracy struct {
	Lines     int     `json:"lines"`     // number of test lines
	Classes   int     `json:"classes"`   // number of classes
	Folds     int     `json:"folds"`     // number of folds; 1 for given test lines
	Accuracy  float64 `json:"accuracy"`  // share of test lines with the right class, 0 to 1
	Deviation float64 `json:"deviation"` // standard deviation of the folds' accuracies; 0 for one fold
	Majority  float64 `json:"majority"`  // share of the most frequent class, the accuracy of always answering it
}

// Classify fits a logistic regression to the vectors of labeled lines and tests it by stratified cross-validation. It
// standardizes dense vectors over all lines; sparse ones stay unchanged.
//
// Each fold chooses its L2 penalty among 1, 0.1, ... 1e-6 by the accuracy on a fifth of its training lines. The choice
// ends after two penalties in a row without improvement.
func Classify(ctx context.Context, e Embedder, lines []corpora.Labeled, opts *ClassifyOptions) (Accuracy, error) {
	if err := opts.Validate(); err != nil {
		return Accuracy{}, fmt.Errorf("probe: classify options: %w", err)
	}
	o := ClassifyOptions{}
	if opts != nil {
		o = *opts
	}
	if o.Folds == 0 {
		o.Folds = 10
	}
	if len(lines) < o.Folds {
		return Accuracy{}, fmt.Errorf("probe: %d labeled lines: want at least %d, one per fold", len(lines), o.Folds)
	}
	labels, classes := number(lines)
	return classify(ctx, e, lines, labels, classes, stratified(labels, o.Folds, o.Seed))
}

// ClassifyOn is [Classify] with given training and test lines.
func ClassifyOn(ctx context.Context, e Embedder, train, test []corpora.Labeled) (Accuracy, error) {
	if len(train) == 0 || len(test) == 0 {
		return Accuracy{}, fmt.Errorf("probe: %d training lines and %d test lines: want at least one of each", len(train), len(test))
	}
	lines := slices.Concat(train, test)
	labels, classes := number(lines)
	order := make([]int, len(lines))
	for i := range order {
		order[i] = i
	}
	return classify(ctx, e, lines, labels, classes, []fold{{order[:len(train)], order[len(train):]}})
}

// number numbers the classes in the order of their names and returns the number of each line's class.
func number(lines []corpora.Labeled) (labels []int, classes int) {
	ids := make(map[string]int)
	for _, l := range lines {
		ids[l.Label] = 0
	}
	for i, name := range slices.Sorted(maps.Keys(ids)) {
		ids[name] = i
	}
	for _, l := range lines {
		labels = append(labels, ids[l.Label])
	}
	return labels, len(ids)
}

func classify(ctx context.Context, e Embedder, lines []corpora.Labeled, labels []int, classes int, folds []fold) (Accuracy, error) {
	r := Accuracy{Classes: classes, Folds: len(folds)}
	if classes < 2 {
		return r, fmt.Errorf("probe: all lines have class %q: want at least 2 classes", lines[0].Label)
	}
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.Text
	}
	v, err := embed(ctx, e, texts)
	if err != nil {
		return r, err
	}
	x := v.features()
	right, errs := make([]int, len(folds)), make([]error, len(folds))
	kernel.Tasks(len(folds), func(i int) {
		right[i], errs[i] = tune(ctx, newLogistic(x, v.Len(), v.Size(), classes), labels, folds[i])
	})
	accuracies, sum := make([]float64, len(folds)), 0
	frequencies := make([]int, classes)
	for i, f := range folds {
		if errs[i] != nil {
			return r, errs[i]
		}
		accuracies[i] = float64(right[i]) / float64(len(f.test))
		r.Lines += len(f.test)
		sum += right[i]
		for _, k := range f.test {
			frequencies[labels[k]]++
		}
	}
	r.Accuracy = float64(sum) / float64(r.Lines)
	r.Majority = float64(slices.Max(frequencies)) / float64(r.Lines)
	if len(folds) > 1 {
		r.Deviation = stat.StdDev(accuracies, nil)
	}
	return r, nil
}

// tune chooses the penalty on a part of the training lines, fits all of them, and returns the number of test lines
// whose class is right.
func tune(ctx context.Context, l *logistic, labels []int, f fold) (right int, err error) {
	const parts = 5
	if len(f.train) < parts {
		return 0, fmt.Errorf("probe: %d training lines: want at least %d", len(f.train), parts)
	}
	mine := make([]int, len(f.train))
	for i, k := range f.train {
		mine[i] = labels[k]
	}
	inner := stratified(mine, parts, 0)[0].within(f.train)
	best, bestRight := 0, -1
	var bestParams []float64
	for exponent := 0; exponent <= min(6, best+2); exponent++ {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if err := l.fit(inner.train, labels, penaltyOf(exponent)); err != nil {
			return 0, err
		}
		if n := l.right(inner.test, labels); n > bestRight {
			best, bestRight, bestParams = exponent, n, slices.Clone(l.params)
		}
	}
	copy(l.params, bestParams)
	if err := l.fit(f.train, labels, penaltyOf(best)); err != nil {
		return 0, err
	}
	return l.right(f.test, labels), nil
}

func penaltyOf(exponent int) float64 { return math.Pow(10, -float64(exponent)) }
