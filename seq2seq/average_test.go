package seq2seq

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/rnn"
)

// TestValidateBy holds that the best model is the one with the best translations.
func TestValidateBy(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 220))
	learn, valid := data[:200], data[200:]
	m := newModel(t, smallConfig(), learn, 1)
	best := -1.0
	for _, p := range train(t, m, learn, valid, &TrainOptions{Epochs: 8, BatchSentences: 16, ValidateBy: "accuracy", Schedule: rnn.Schedule{Rate: 0.01}}) {
		if v := p.Validation; v != nil {
			if v.Best != (v.Score.Value > best) {
				t.Errorf("step %d: score %.2f after %.2f, best: %v", p.Step, v.Score.Value, best, v.Best)
			}
			best = max(best, v.Score.Value)
		}
	}
	r, err := m.Evaluate(context.Background(), valid, &EvalOptions{Search: &SearchOptions{Beam: 1}, Metrics: []metric.Metric{metric.NewTokenAccuracy()}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Scores[0].Value != best {
		t.Errorf("the model's score is %.3f: want the best, %.3f", r.Scores[0].Value, best)
	}
}

func TestAverageOfModels(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 40))
	a, b, c := newModel(t, smallConfig(), data, 1), newModel(t, smallConfig(), data, 2), newModel(t, smallConfig(), data, 3)
	c.summary.Loss, c.summary.Accuracy, c.summary.Score = 1, 0.5, &metric.Score{Value: 30}
	mean, err := Average(a.Network, b.Network, c.Network)
	if err != nil {
		t.Fatal(err)
	}
	if s := mean.Summary(); s.Loss != 0 || s.Accuracy != 0 || s.Score != nil {
		t.Errorf("the average has the validation of its last model: %+v", s)
	}
	wa, wb, wc := weights(a), weights(b), weights(c)
	for i, w := range weights(mean) {
		if want := (float64(wa[i]) + float64(wb[i]) + float64(wc[i])) / 3; math.Abs(float64(w)-want) > 1e-7 {
			t.Fatalf("weight %d is %g: want %g", i, w, want)
		}
	}
	same, err := Average(a.Network, a.Network)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(weights(same), wa) {
		t.Error("the average of a model with itself differs from the model")
	}
	wider, other := smallConfig(), newModel(t, smallConfig(), data, 1)
	wider.Dropout = 0.1
	if err := other.SetKind("other", nil); err != nil {
		t.Fatal(err)
	}
	if mean, err := Average(other.Network, other.Network); err != nil || mean.Kind() != "other" {
		t.Errorf("an average of another kind: %v, error %v", mean, err)
	}
	for _, m := range []*Model{newModel(t, wider, data, 1), newModel(t, smallConfig(), data[:2], 1), other} {
		if _, err := Average(m.Network, a.Network); err == nil || !strings.Contains(err.Error(), "model 1 has another ") {
			t.Errorf("error %v: want one about what differs", err)
		}
	}
	if _, err := Average(); err == nil {
		t.Error("no error about no models")
	}
}

// TestTrainAverage holds that validation and files use the moving average, and that the trained weights do not change.
func TestTrainAverage(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 120))
	learn, valid := data[:100], data[100:]
	dir := t.TempDir()
	o := TrainOptions{Epochs: 3, BatchSentences: 16, Average: 0.9, Checkpoint: Checkpoint{Model: filepath.Join(dir, "m.retell"), Keep: 2}}
	m := newModel(t, smallConfig(), learn, 1)
	plain := newModel(t, smallConfig(), learn, 1)
	var loss float64
	steps := train(t, plain, learn, nil, &TrainOptions{Epochs: 3, BatchSentences: 16})
	for i, p := range train(t, m, learn, valid, &o) {
		if p.Loss != steps[i].Loss {
			t.Fatalf("step %d has a loss of %g: want %g, as without an average", p.Step, p.Loss, steps[i].Loss)
		}
		if p.Validation != nil {
			loss = p.Validation.Loss
		}
	}
	if slices.Equal(weights(m), weights(plain)) {
		t.Error("the model ends with the last weights: want the average")
	}
	saved, err := Load(o.Checkpoint.Model)
	if err != nil {
		t.Fatal(err)
	}
	r, err := saved.Evaluate(context.Background(), valid, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Loss != loss {
		t.Errorf("the saved model's loss is %g: want the last validation's, %g", r.Loss, loss)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{filepath.Join(dir, "m-14.retell"), filepath.Join(dir, "m-21.retell"), o.Checkpoint.Model}
	if !slices.Equal(files, want) {
		t.Errorf("files %v: want %v", files, want)
	}
	last, err := os.ReadFile(want[1])
	if err != nil {
		t.Fatal(err)
	}
	best, err := os.ReadFile(o.Checkpoint.Model)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(last, best) {
		t.Error("the last validation was the best, but the last model is not the best model")
	}
}
