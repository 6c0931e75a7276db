package probe

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/diff/fd"

	"github.com/retell-rnn/retell/internal/kernel"
)

// TestRegression holds that the weights are those of vectors as they are: dense ones of any scale, constant columns,
// and sparse ones behind them.
func TestRegression(t *testing.T) {
	v, labels := blobs(300, 6, 3, 0.4, 9)
	for i := range v.Len() {
		row := v.Row(i)
		row[0], row[1], row[2] = 1000*row[0]+5000, 0.001*row[1], 7
	}
	lengths, columns, values := make([]int, 300), make([]int32, 300), make([]float32, 300)
	for i := range lengths {
		lengths[i], columns[i], values[i] = 1, int32(labels[i]), 1
	}
	sparse, err := NewSparse(4, lengths, columns, values)
	if err != nil {
		t.Fatal(err)
	}
	valid := []int{1, 5, 9, 100, 200, 299}
	for name, c := range map[string]struct {
		beside  *Sparse
		opts    *RegressionOptions
		heldOut int
	}{
		"dense":         {nil, nil, 60},
		"sparse beside": {sparse, nil, 60},
		"valid":         {nil, &RegressionOptions{Valid: valid}, len(valid)},
		"weights":       {sparse, &RegressionOptions{Weights: []float64{1, 5, 2}}, 60},
	} {
		r, err := FitRegression(t.Context(), v, c.beside, labels, 3, c.opts)
		if err != nil {
			t.Fatal(err)
		}
		right, size := 0, 6
		if c.beside != nil {
			size += 4
		}
		for i, label := range labels {
			scores := slices.Clone(r.Biases)
			for k := range scores {
				w := r.Weights[k*size:][:size]
				scores[k] += kernel.Dot(w[:6], v.Row(i))
				if c.beside != nil {
					scores[k] += w[6+label]
				}
			}
			if kernel.ArgMax(scores) == label {
				right++
			}
		}
		if r.HeldOut != c.heldOut || r.Accuracy < 0.8 || right < 270 || r.Penalty <= 0 {
			t.Errorf("%s: %d of 300 right, %v of %d held out, penalty %v", name, right, r.Accuracy, r.HeldOut, r.Penalty)
		}
	}
	for want, try := range map[string]func() error{
		"probe: 2 labels for 300 vectors":   func() error { _, err := FitRegression(t.Context(), v, nil, labels[:2], 3, nil); return err },
		"probe: 1 classes: want at least 2": func() error { _, err := FitRegression(t.Context(), v, nil, labels, 1, nil); return err },
	} {
		if err := try(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v: want %q", err, want)
		}
	}
}

// TestWeightedGradient holds that the gradient is that of the loss with weights of classes.
func TestWeightedGradient(t *testing.T) {
	v, labels := blobs(20, 4, 3, 1, 1)
	rows := []int{0, 2, 3, 5, 7, 11, 13, 17, 19}
	l := newLogistic(v.features(), 20, 4, 3)
	l.weights = []float64{0.5, 3, 1}
	at := make([]float64, len(l.params))
	for i := range at {
		at[i] = float64(float32(math.Sin(float64(i))))
	}
	got := make([]float64, len(at))
	l.loss(at, got, rows, labels, 0.1)
	want := fd.Gradient(nil, func(x []float64) float64 { return l.loss(x, make([]float64, len(x)), rows, labels, 0.1) }, at,
		&fd.Settings{Formula: fd.Central, Step: 1e-2})
	for i := range got {
		if math.Abs(got[i]-want[i]) > 1e-4 {
			t.Errorf("parameter %d: %v, want %v", i, got[i], want[i])
		}
	}
}

// TestRegressionOfTwoClasses holds that the weights of two classes are opposite and separate them.
func TestRegressionOfTwoClasses(t *testing.T) {
	v, labels := blobs(200, 5, 2, 0.5, 4)
	r, err := FitRegression(t.Context(), v, nil, labels, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i, label := range labels {
		margin := r.Biases[1] - r.Biases[0] + kernel.Dot(r.Weights[5:], v.Row(i)) - kernel.Dot(r.Weights[:5], v.Row(i))
		if margin > 0 == (label == 1) {
			right++
		}
	}
	if right < 190 || len(r.Weights) != 10 || r.Weights[0] != -r.Weights[5] || r.Biases[0] != -r.Biases[1] {
		t.Errorf("%d of 200 right, %+v", right, r)
	}
}

func TestNewTFIDF(t *testing.T) {
	fitted := FitTFIDF([]string{"a dog runs", "a cat"})
	words, weights := fitted.Words()
	if !slices.Equal(words, []string{"a", "cat", "dog", "runs"}) {
		t.Fatalf("words %q", words)
	}
	again, err := NewTFIDF(words, weights)
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{"a cat and a dog", "", "cat"}
	v, err := fitted.Embed(t.Context(), lines)
	w, errW := again.Embed(t.Context(), lines)
	if err != nil || errW != nil || !slices.Equal(v.(*Sparse).values, w.(*Sparse).values) || !slices.Equal(v.(*Sparse).columns, w.(*Sparse).columns) {
		t.Errorf("the words read back give other vectors (%v, %v)", err, errW)
	}
	for want, try := range map[string]func() (*TFIDF, error){
		"4 words and 3 weights":  func() (*TFIDF, error) { return NewTFIDF(words, weights[:3]) },
		"word 2 is \"a\"":        func() (*TFIDF, error) { return NewTFIDF([]string{"b", "a"}, weights[:2]) },
		"the weight of \"a\" is": func() (*TFIDF, error) { return NewTFIDF([]string{"a"}, []float32{float32(math.NaN())}) },
	} {
		if _, err := try(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v: want %q", err, want)
		}
	}
}
