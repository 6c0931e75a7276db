package seq2seq

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
)

// lastError trains a model. It returns the error that ends the training, and the steps before it.
func lastError(t *testing.T, m *Model, train, valid []corpora.Example, o *TrainOptions) (steps []Progress, err error) {
	t.Helper()
	for p, e := range m.Train(t.Context(), train, valid, o) {
		if e != nil {
			return steps, e
		}
		steps = append(steps, p)
	}
	return steps, nil
}

// TestDivergence trains with rates that are far too high.
func TestDivergence(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 120))
	for _, c := range []struct {
		name    string
		options TrainOptions
		want    string
	}{
		{"rate", TrainOptions{BatchSentences: 10, Schedule: rnn.Schedule{Rate: 50}}, "want a train.schedule.rate below 50"},
		{"few steps", TrainOptions{Epochs: 1, Schedule: rnn.Schedule{Rate: 500}}, "the training loss is"},
		{"no number", TrainOptions{Clip: -1, Optimizer: OptimizerOptions{Kind: "sgd"}, Schedule: rnn.Schedule{Rate: 3e38}}, "diverged at step 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			o := c.options
			o.Checkpoint.Model, o.Checkpoint.State = filepath.Join(dir, "m"), filepath.Join(dir, "s")
			steps, err := lastError(t, newModel(t, smallConfig(), data, 1), data[:100], data[100:], &o)
			if !errors.Is(err, ErrDiverged) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v: want ErrDiverged that says %q", err, c.want)
			}
			if len(steps) > 20 {
				t.Errorf("%d steps before the error: want 20 at most", len(steps))
			}
			for _, p := range steps {
				if p.Validation != nil && p.Step > trendLeast {
					t.Errorf("step %d is validated", p.Step)
				}
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("%v are on disk: want no files of a training that learned nothing", left)
			}
		})
	}
}

func TestDivergenceWarn(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 100))
	o := TrainOptions{Epochs: 6, BatchSentences: 20, OnDivergence: "warn", Schedule: rnn.Schedule{Rate: 50}}
	steps, err := lastError(t, newModel(t, smallConfig(), data, 1), data, nil, &o)
	if err != nil || len(steps) != 30 {
		t.Errorf("ends after %d steps with %v: want all 30", len(steps), err)
	}
}

// TestDivergenceEarly holds that a diverging training keeps no weights at validations before its divergence is certain,
// and that it ends with an error if rewinds undo all of its steps.
func TestDivergenceEarly(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 80))
	for _, c := range []struct {
		policy DivergencePolicy
		valid  []corpora.Example
	}{{"stop", nil}, {"stop", data[60:]}, {"rewind", nil}, {"rewind", data[60:]}} {
		dir := t.TempDir()
		o := TrainOptions{
			Epochs: 5, BatchSentences: 20, OnDivergence: c.policy, Schedule: rnn.Schedule{Kind: "constant", Rate: 1e6}, Checkpoint: Checkpoint{Model: filepath.Join(dir, "m"), State: filepath.Join(dir, "s"), Keep: 1},
		}
		steps, err := lastError(t, newModel(t, smallConfig(), data, 1), data[:60], c.valid, &o)
		if !errors.Is(err, ErrDiverged) {
			t.Errorf("%s with %d examples to validate on: %v: want ErrDiverged", c.policy, len(c.valid), err)
		}
		for _, p := range steps {
			if p.Validation != nil && p.Validation.Best {
				t.Errorf("%s: step %d, of loss %g, is the best", c.policy, p.Step, p.Validation.Loss)
			}
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%s with %d examples to validate on: %v are on disk", c.policy, len(c.valid), left)
		}
	}
}

// TestRewind holds that rewinds lower a rate that is far too high until the training converges, and that such a
// training resumes to the same bits.
func TestRewind(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 100))
	learn, valid := data[:80], data[80:]
	o := TrainOptions{Epochs: 40, BatchSentences: 16, OnDivergence: "rewind", Schedule: rnn.Schedule{Kind: "constant", Rate: 20}}
	whole := newModel(t, smallConfig(), data, 1)
	steps, err := lastError(t, whole, learn, valid, &o)
	if err != nil {
		t.Fatal(err)
	}
	last := steps[len(steps)-1]
	if last.Rate > 5 || math.Log2(20/last.Rate) != math.Trunc(math.Log2(20/last.Rate)) {
		t.Errorf("the last rate is %g: want 20, halved several times", last.Rate)
	}
	if guess := math.Log(float64(whole.Target().Size())); last.Loss > 1.5*guess {
		t.Errorf("the last loss is %g: want about the loss of a guess, %g, or less", last.Loss, guess)
	}
	first := slices.IndexFunc(steps, func(p Progress) bool { return p.Rate < 20 })
	for _, stop := range []int{first - 3, first + 2} {
		o := o
		o.Checkpoint.State = filepath.Join(t.TempDir(), "state")
		for p, err := range newModel(t, smallConfig(), data, 1).Train(t.Context(), learn, valid, &o) {
			if err != nil {
				t.Fatal(err)
			}
			if p.Step == stop {
				break
			}
		}
		m := newModel(t, smallConfig(), data, 1)
		if _, err := lastError(t, m, learn, valid, &o); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(weights(m), weights(whole)) {
			t.Errorf("stopped after step %d (the rate first falls at %d): other weights", stop, first+1)
		}
	}
}
