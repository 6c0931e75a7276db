package probe

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/diff/fd"

	"github.com/retell-rnn/retell/corpora"
)

// blobs returns random vectors around a center for each class, and their classes.
func blobs(n, size, classes int, spread float64, seed uint64) (*Dense, []int) {
	rng := rand.New(rand.NewPCG(seed, 3))
	centers := make([]float64, classes*size)
	for i := range centers {
		centers[i] = rng.NormFloat64()
	}
	data, labels := make([]float32, n*size), make([]int, n)
	for i := range labels {
		labels[i] = rng.IntN(classes)
		for d := range size {
			data[i*size+d] = float32(centers[labels[i]*size+d] + spread*rng.NormFloat64())
		}
	}
	return &Dense{size, data}, labels
}

func TestLogisticGradient(t *testing.T) {
	v, labels := blobs(20, 5, 3, 1, 1)
	rows := []int{0, 2, 3, 5, 7, 11, 13, 17, 19}
	l := newLogistic(v.features(), 20, 5, 3)
	rng := rand.New(rand.NewPCG(2, 2))
	at := make([]float64, len(l.params))
	for i := range at {
		at[i] = float64(float32(rng.NormFloat64()))
	}
	got := make([]float64, len(at))
	l.loss(at, got, rows, labels, 0.1)
	want := fd.Gradient(nil, func(x []float64) float64 {
		return l.loss(x, make([]float64, len(x)), rows, labels, 0.1)
	}, at, &fd.Settings{Formula: fd.Central, Step: 1e-2})
	for i := range got {
		if math.Abs(got[i]-want[i]) > 1e-4 {
			t.Errorf("parameter %d: %v, want %v", i, got[i], want[i])
		}
	}
}

// TestLogisticMinimum holds that a fit ends where the gradient is zero, from any initial parameters.
func TestLogisticMinimum(t *testing.T) {
	v, labels := blobs(200, 8, 4, 2, 5)
	rows := make([]int, 200)
	for i := range rows {
		rows[i] = i
	}
	for _, penalty := range []float64{1, 1e-2, 1e-4} {
		var losses []float64
		for _, begin := range []float64{0, 1} {
			l := newLogistic(v.features(), 200, 8, 4)
			for i := range l.params {
				l.params[i] = begin * float64(i%3)
			}
			if err := l.fit(rows, labels, penalty); err != nil {
				t.Fatal(err)
			}
			gradient := make([]float64, len(l.params))
			losses = append(losses, l.loss(l.params, gradient, rows, labels, penalty))
			for i, g := range gradient {
				if math.Abs(g) > 2e-3 {
					t.Errorf("penalty %v: derivative %d is %v: want 0", penalty, i, g)
				}
			}
		}
		if math.Abs(losses[0]-losses[1]) > 1e-4 {
			t.Errorf("penalty %v: losses %v from two initial points: want one minimum", penalty, losses)
		}
	}
}

// TestTwoClasses holds that one row of weights gives the loss of two rows of opposite weights.
func TestTwoClasses(t *testing.T) {
	v, labels := blobs(40, 3, 2, 1, 9)
	rows := []int{1, 2, 3, 5, 8, 13, 21, 34}
	one := newLogistic(v.features(), 40, 3, 2)
	both := newLogistic(v.features(), 40, 3, 3) // a third class without rows
	w := []float64{0.5, -1, 0.25, 0.125}
	at := make([]float64, 12)
	for d := range 3 {
		at[d], at[3+d] = -w[d]/2, w[d]/2
	}
	at[9], at[10], at[11] = -w[3]/2, w[3]/2, -1e9
	got := one.loss(w, make([]float64, 4), rows, labels, 0.3)
	want := both.loss(at, make([]float64, 12), rows, labels, 0.3)
	if math.Abs(got-want) > 1e-6 {
		t.Errorf("loss %v with one row of weights, %v with two", got, want)
	}
	gradient := make([]float64, 4)
	one.loss(w, gradient, rows, labels, 0.3)
	numeric := fd.Gradient(nil, func(x []float64) float64 {
		return one.loss(x, make([]float64, 4), rows, labels, 0.3)
	}, w, &fd.Settings{Formula: fd.Central, Step: 1e-2})
	for i := range gradient {
		if math.Abs(gradient[i]-numeric[i]) > 1e-4 {
			t.Errorf("parameter %d: %v, want %v", i, gradient[i], numeric[i])
		}
	}
}

func TestStratified(t *testing.T) {
	labels := make([]int, 103)
	for i := range labels {
		labels[i] = min(i%7, 2)
	}
	const k = 10
	tested := make([]int, len(labels))
	var in [k][3]int
	for f, part := range stratified(labels, k, 1) {
		if len(part.train)+len(part.test) != len(labels) {
			t.Errorf("fold %d has %d and %d lines", f, len(part.train), len(part.test))
		}
		for _, i := range part.test {
			tested[i]++
			in[f][labels[i]]++
			if slices.Contains(part.train, i) {
				t.Errorf("line %d of fold %d is both a training and a test line", i, f)
			}
		}
	}
	if slices.Min(tested) != 1 || slices.Max(tested) != 1 {
		t.Errorf("lines are tested %v times: want once", tested)
	}
	for c, total := range []int{15, 15, 73} {
		for f := range in {
			if n := in[f][c]; n < total/k || n > total/k+1 {
				t.Errorf("fold %d has %d lines of class %d: want %d or one more", f, n, c, total/k)
			}
		}
	}
	if diff := slices.Equal(stratified(labels, k, 1)[0].test, stratified(labels, k, 2)[0].test); diff {
		t.Error("two seeds give the same folds")
	}
}

// TestClassify holds that separable classes are found and random ones are not, with equal results on any number of
// cores.
func TestClassify(t *testing.T) {
	v, labels := blobs(300, 6, 3, 0.3, 7)
	numbers := make(map[string]int)
	lines := make([]corpora.Labeled, len(labels))
	for i, c := range labels {
		lines[i] = corpora.Labeled{Text: fmt.Sprint(i), Label: fmt.Sprint("class ", c)}
		numbers[lines[i].Text] = i
	}
	clear := fake{"clear", func(line string) []float32 { return v.Row(numbers[line]) }}
	noise := fake{"noise", func(line string) []float32 { return v.Row((numbers[line]*7 + 1) % len(labels)) }}
	got, err := Classify(t.Context(), clear, lines, nil)
	if err != nil || got.Accuracy < 0.99 || got.Lines != 300 || got.Classes != 3 || got.Folds != 10 {
		t.Errorf("separate classes: %+v, %v", got, err)
	}
	first, err := Classify(t.Context(), noise, lines, &ClassifyOptions{Folds: 5, Seed: 3})
	if err != nil || first.Accuracy > 0.45 || first.Deviation == 0 {
		t.Errorf("no classes: %+v, %v", first, err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	again, err := Classify(t.Context(), noise, lines, &ClassifyOptions{Folds: 5, Seed: 3})
	if err != nil || again != first {
		t.Errorf("on more cores %+v, %v; want %+v", again, err, first)
	}
	got, err = ClassifyOn(t.Context(), clear, lines[:200], lines[200:], nil)
	if err != nil || got.Accuracy < 0.99 || got.Lines != 100 || got.Folds != 1 || got.Deviation != 0 {
		t.Errorf("lines to test on: %+v, %v", got, err)
	}
}

// TestWordsBeside holds that features of both kinds equal one matrix, and that a classifier uses both.
func TestWordsBeside(t *testing.T) {
	dense, labels := blobs(30, 4, 2, 1, 5)
	sparse := &Dense{3, make([]float32, 30*3)}
	var columns []int32
	for i := range 30 {
		sparse.data[i*3+labels[i]] = 1
		columns = append(columns, int32(labels[i]))
	}
	right, err := NewSparse(3, slices.Repeat([]int{1}, 30), columns, slices.Repeat([]float32{1}, 30))
	if err != nil {
		t.Fatal(err)
	}
	joint := &jointFeatures{dense.features(), right}
	w, d := make([]float32, 2*7), make([]float32, 2*30)
	for i := range w {
		w[i] = float32(i%5) - 2
	}
	scores := make([]float32, 2*30)
	joint.scores(scores, w, 2)
	z := make([]float32, 30)
	dense.features().scores(z, w[7:11], 1)
	for i := range z {
		if want := z[i] + w[11+labels[i]]; math.Abs(float64(scores[30+i]-want)) > 1e-5 {
			t.Errorf("score %d: %v, want %v", i, scores[30+i], want)
		}
		d[i], d[30+i] = 1, float32(i)
	}
	gradient := make([]float32, 2*7)
	joint.gradient(gradient, d, 2)
	var sums [2]float32
	for i, c := range labels {
		sums[c] += float32(i)
	}
	if gradient[11] != sums[0] || gradient[12] != sums[1] || gradient[13] != 0 {
		t.Errorf("gradient %v: want %v at the end", gradient, sums)
	}

	lines := make([]corpora.Labeled, 40)
	for i := range lines {
		lines[i] = corpora.Labeled{Text: fmt.Sprintf("w%d x%d", i%4, i), Label: fmt.Sprint(i % 4 / 2)}
	}
	half := fake{"half", func(line string) []float32 { return []float32{float32(len(line)), 1} }}
	task := ClassifyTask("half", lines, nil, &ClassifyOptions{Folds: 5, Words: true})
	figures, err := task.Measure(t.Context(), half)
	if err != nil || len(figures) != 2 || figures[0].Value > 0.7 || figures[1].Value < 0.95 || figures[1].Part != "with TF-IDF" {
		t.Errorf("%+v, %v: want words to help", figures, err)
	}
	if figures, err = task.Measure(t.Context(), &TFIDF{}); err != nil || figures[0].Value != figures[1].Value {
		t.Errorf("%+v, %v: want equal figures of TF-IDF", figures, err)
	}
	if figures, err = task.Measure(t.Context(), &TFIDF{Min: 2, Max: 2}); err != nil || figures[1].Value < 0.95 {
		t.Errorf("%+v, %v: want words to help characters", figures, err)
	}
}
