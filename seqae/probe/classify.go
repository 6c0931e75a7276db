package probe

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/setting"
)

// ClassifyOptions say how a classifier is tested. The zero value and a nil pointer mean the defaults.
type ClassifyOptions struct {
	Folds int    // number of folds of the cross-validation, 2 or more; 0 means 10
	Seed  uint64 // seed of the folds
	Words bool   // beside the vectors, give the classifier the TF-IDF of the lines' words
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
	c, err := newClassification(lines, nil, opts)
	if err != nil {
		return Accuracy{}, err
	}
	r, _, err := c.measure(ctx, e, c.words)
	return r, err
}

// ClassifyOn is [Classify] with given training and test lines. It has no folds.
func ClassifyOn(ctx context.Context, e Embedder, train, test []corpora.Labeled, opts *ClassifyOptions) (Accuracy, error) {
	if len(train) == 0 || len(test) == 0 {
		return Accuracy{}, fmt.Errorf("probe: %d training lines and %d test lines: want at least one of each", len(train), len(test))
	}
	c, err := newClassification(train, test, opts)
	if err != nil {
		return Accuracy{}, err
	}
	r, _, err := c.measure(ctx, e, c.words)
	return r, err
}

// ClassifyTask is [Classify] on labeled lines, or [ClassifyOn] if there are test lines. With opts.Words, the part
// "with TF-IDF" has the accuracy with these features too.
func ClassifyTask(name string, lines, test []corpora.Labeled, opts *ClassifyOptions) Task {
	tested := lines
	if len(test) > 0 {
		tested = test
	}
	t := Task{Name: name, Of: "lines", Size: len(tested)}
	for _, l := range tested {
		t.Texts = append(t.Texts, []string{l.Text})
	}
	t.Measure = func(ctx context.Context, e Embedder) ([]Figure, error) {
		c, err := newClassification(lines, test, opts)
		if err != nil {
			return nil, err
		}
		var figures []Figure
		for _, part := range []string{"", "with TF-IDF"} {
			if part != "" && !c.words {
				break
			}
			_, right, err := c.measure(ctx, e, part != "")
			if err != nil {
				return nil, err
			}
			figures = append(figures, newFigure("accuracy", part, newMean(right), len(right), nil))
		}
		return figures, nil
	}
	return t
}

// classification is labeled lines and their folds.
type classification struct {
	lines   []corpora.Labeled
	labels  []int // number of each line's class
	classes int
	folds   []fold
	tested  int  // index of the first line that is tested; the lines from it are
	words   bool // give the classifier TF-IDF as well
}

// newClassification makes folds, or one fold of training and test lines if there are test lines.
func newClassification(lines, test []corpora.Labeled, opts *ClassifyOptions) (*classification, error) {
	if err := opts.Validate(); err != nil {
		return nil, fmt.Errorf("probe: classify options: %w", err)
	}
	o := ClassifyOptions{}
	if opts != nil {
		o = *opts
	}
	if o.Folds == 0 {
		o.Folds = 10
	}
	c := &classification{lines: lines, words: o.Words}
	if len(test) > 0 {
		c.lines, c.tested = slices.Concat(lines, test), len(lines)
	} else if len(lines) < o.Folds {
		return nil, fmt.Errorf("probe: %d labeled lines: want at least %d, one per fold", len(lines), o.Folds)
	}
	c.labels, c.classes = number(c.lines)
	if c.classes < 2 {
		return nil, fmt.Errorf("probe: all lines have class %q: want at least 2 classes", c.lines[0].Label)
	}
	if len(test) == 0 {
		c.folds = stratified(c.labels, o.Folds, o.Seed)
		return c, nil
	}
	var f fold
	for i := range c.lines {
		if i < c.tested {
			f.train = append(f.train, i)
		} else {
			f.test = append(f.test, i)
		}
	}
	c.folds = []fold{f}
	return c, nil
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

// measure returns the accuracy of an embedder's vectors, and 1 for each tested line whose class is right.
func (c *classification) measure(ctx context.Context, e Embedder, words bool) (Accuracy, []float64, error) {
	r := Accuracy{Lines: len(c.lines) - c.tested, Classes: c.classes, Folds: len(c.folds)}
	x, err := c.features(ctx, e, words)
	if err != nil {
		return r, nil, err
	}
	right, errs := make([]float64, len(c.lines)), make([]error, len(c.folds))
	kernel.Tasks(len(c.folds), func(i int) {
		errs[i] = tune(ctx, newLogistic(x, len(c.lines), x.width(), c.classes), c.labels, c.folds[i], right)
	})
	if err := cmp.Or(errs...); err != nil {
		return r, nil, err
	}
	var accuracies []float64
	frequencies := make([]int, c.classes)
	for _, f := range c.folds {
		sum := 0.0
		for _, k := range f.test {
			sum += right[k]
			frequencies[c.labels[k]]++
		}
		accuracies = append(accuracies, sum/float64(len(f.test)))
	}
	r.Accuracy = floats.Sum(right) / float64(r.Lines)
	r.Majority = float64(slices.Max(frequencies)) / float64(r.Lines)
	if len(c.folds) > 1 {
		r.Deviation = stat.StdDev(accuracies, nil)
	}
	return r, right[c.tested:], nil
}

// features returns the inputs of the regression. Beside TF-IDF, whose rows have length 1, the mean square length of
// dense rows is 1 too.
func (c *classification) features(ctx context.Context, e Embedder, words bool) (features, error) {
	texts := make([]string, len(c.lines))
	for i, l := range c.lines {
		texts[i] = l.Text
	}
	v, err := embed(ctx, e, texts)
	if err != nil {
		return nil, err
	}
	if t, ok := e.(*TFIDF); !words || ok && t.Max == 0 {
		return v.features(), nil
	}
	beside, err := embed(ctx, &TFIDF{}, texts)
	if err != nil {
		return nil, err
	}
	joint := &jointFeatures{v.features(), beside.features()}
	if dense, ok := v.(*Dense); ok {
		joint.left = dense.standardized(1 / math.Sqrt(float64(dense.size)))
	}
	return joint, nil
}

// tune chooses the penalty on a part of the training lines, fits all of them, and sets right to 1 for each test line
// whose class is right.
func tune(ctx context.Context, l *logistic, labels []int, f fold, right []float64) error {
	const parts = 5
	if len(f.train) < parts {
		return fmt.Errorf("probe: %d training lines: want at least %d", len(f.train), parts)
	}
	mine := make([]int, len(f.train))
	for i, k := range f.train {
		mine[i] = labels[k]
	}
	inner := stratified(mine, parts, 0)[0].within(f.train)
	penalty, err := l.choose(ctx, inner, labels, func(rows []int) (float64, float64) { return float64(len(l.right(rows, labels))), 0 })
	if err != nil {
		return err
	}
	if err := l.fit(f.train, labels, penalty); err != nil {
		return err
	}
	for _, i := range l.right(f.test, labels) {
		right[i] = 1
	}
	return nil
}
