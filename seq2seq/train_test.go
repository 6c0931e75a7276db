package seq2seq

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// collect gathers a stream that must not fail.
func collect[T any](tb testing.TB, seq func(func(T, error) bool)) []T {
	tb.Helper()
	var out []T
	for v, err := range seq {
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// smallConfig returns a small model whose tokens stand between spaces.
func smallConfig() Config {
	c := DefaultConfig()
	c.Source = tokenize.Config{Kind: tokenize.Space}
	c.Target = c.Source
	c.Encoder.Hidden, c.Encoder.Embedding = 32, 16
	c.Decoder.Hidden, c.Decoder.Embedding = 32, 16
	c.Dropout = 0
	return c
}

func newModel(tb testing.TB, c Config, train []corpora.Example, seed uint64) *Model {
	tb.Helper()
	source, target, err := Learn(c, train)
	if err != nil {
		tb.Fatal(err)
	}
	m, err := New(c, source, target, seed)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func train(tb testing.TB, m aNetwork, train, valid []corpora.Example, o *TrainOptions) []Progress {
	tb.Helper()
	return collect(tb, m.network().Train(context.Background(), train, valid, o))
}

func weights(m aNetwork) []float32 {
	var t trainer
	t.Network = m.network()
	return t.weights(nil)
}

func TestTrainIsDeterministic(t *testing.T) {
	data := collect(t, corpora.Task("reverse", 1, 300))
	c := smallConfig()
	c.Dropout = 0.2
	run := func(procs int) []float32 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		m := newModel(t, c, data, 3)
		train(t, m, data[:250], data[250:], &TrainOptions{Epochs: 2, BatchSentences: 16, Seed: 4, LabelSmoothing: 0.1})
		return weights(m)
	}
	one := run(1)
	if !slices.Equal(one, run(2)) {
		t.Error("two cores give other weights than one")
	}
	if !slices.Equal(one, run(5)) {
		t.Error("five cores give other weights than one")
	}
}

// TestScheduleOverTraining holds that a schedule without an end ends with the training, and that a long warm-up is
// shortened.
func TestScheduleOverTraining(t *testing.T) {
	data := collect(t, corpora.Task("sort", 1, 48))
	for _, o := range []TrainOptions{{Epochs: 2, BatchSentences: 16}, {Epochs: 9, BatchSentences: 16, MaxSteps: 5}} {
		o.Schedule = rnn.Schedule{Kind: "cosine", Rate: 0.01, Warmup: 2, Floor: 0.1}
		steps := train(t, newModel(t, smallConfig(), data, 3), data, nil, &o)
		if last := steps[len(steps)-1].Rate; math.Abs(last-0.001) > 1e-9 || steps[len(steps)-2].Rate <= last {
			t.Errorf("%d steps: the last rates are %g and %g: want a fall to 0.001", len(steps), steps[len(steps)-2].Rate, last)
		}
		o.Schedule.Warmup = len(steps)
		short := train(t, newModel(t, smallConfig(), data, 3), data, nil, &o)
		if short[0].Rate < 0.009 || math.Abs(short[len(short)-1].Rate-0.001) > 1e-9 {
			t.Errorf("a warm-up of all %d steps: rates from %g to %g: want it shortened", len(steps), short[0].Rate, short[len(short)-1].Rate)
		}
	}
}

// TestResume stops trainings at random steps, resumes them, and compares the bits with a training without a stop.
func TestResume(t *testing.T) {
	data := collect(t, corpora.Task("sort", 1, 240))
	learn, valid := data[:200], data[200:]
	c := smallConfig()
	c.Dropout = 0.2
	stops := 3
	if testing.Short() {
		stops = 1
	}
	for _, o := range []TrainOptions{
		{Epochs: 3, BatchSentences: 16, Seed: 4},
		{Epochs: 3, BatchTokens: 150, Accumulate: 3, ValidateEvery: 5, Optimizer: OptimizerOptions{Kind: "sgd", Momentum: 0.9}, Schedule: rnn.Schedule{Kind: "cosine", Rate: 0.5, Steps: 30}},
		{Epochs: 3, BatchSentences: 16, Seed: 6, ScheduledSampling: ScheduledSampling{Kind: "linear", K: 30, Least: 0.2}},
		{Epochs: 2, BatchSentences: 16, Seed: 7, Risk: RiskOptions{Metric: "bleu", Samples: 4}, ValidateBy: "wer"},
		{Epochs: 3, BatchSentences: 16, Seed: 5, Average: 0.9, Checkpoint: Checkpoint{Keep: 1}, Schedule: rnn.Schedule{Kind: "one_cycle", Rate: 0.01}},
	} {
		whole := newModel(t, c, learn, 3)
		steps := len(train(t, whole, learn, valid, &o))
		rng := rand.New(rand.NewPCG(1, uint64(steps)))
		for range stops {
			dir := t.TempDir()
			o := o
			o.Checkpoint.State, o.Checkpoint.Model = filepath.Join(dir, "state"), filepath.Join(dir, "model")
			stop := 1 + rng.IntN(steps-1)
			m := newModel(t, c, learn, 3)
			for p, err := range m.Train(context.Background(), learn, valid, &o) {
				if err != nil {
					t.Fatal(err)
				}
				if p.Step == stop {
					break
				}
			}
			m = newModel(t, c, learn, 3)
			rest := train(t, m, learn, valid, &o)
			if len(rest) != steps-stop || rest[0].Step != stop+1 {
				t.Fatalf("stopped after step %d of %d: %d more steps from %d on", stop, steps, len(rest), rest[0].Step)
			}
			if !slices.Equal(weights(m), weights(whole)) {
				t.Errorf("stopped after step %d of %d: other weights", stop, steps)
			}
			check := func() {
				saved, err := Load(o.Checkpoint.Model)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(weights(saved), weights(whole)) {
					t.Error("the model's file holds other weights than the model")
				}
				if diff := cmp.Diff(saved.Summary(), whole.Summary()); diff != "" {
					t.Error("summary:", diff)
				}
			}
			check()
			if err := os.Remove(o.Checkpoint.Model); err != nil { // the state still has the model
				t.Fatal(err)
			}
			if more := train(t, newModel(t, c, learn, 3), learn, valid, &o); len(more) != 0 {
				t.Errorf("%d steps after the end", len(more))
			}
			check()
		}
	}
}

// countdown is a context that ends after a number of calls of Err.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestResumeFromEveryMoment ends the context at each call of Err, also within validations.
func TestResumeFromEveryMoment(t *testing.T) {
	data := collect(t, corpora.Task("sort", 1, 180))
	learn, valid := data[:40], data[40:]
	c := smallConfig()
	o := TrainOptions{Epochs: 2, BatchSentences: 10, ValidateEvery: 2, Seed: 4, OnDivergence: "warn", Schedule: rnn.Schedule{Kind: "plateau", Rate: 1}}
	whole := newModel(t, c, learn, 3)
	train(t, whole, learn, valid, &o)
	for n := range 12 {
		o := o
		o.Checkpoint.State = filepath.Join(t.TempDir(), "state")
		stopped := false
		for _, err := range newModel(t, c, learn, 3).Train(&countdown{context.Background(), n}, learn, valid, &o) {
			stopped = err != nil
		}
		if want := n < 8; stopped != want { // eight steps, each of which looks once
			t.Errorf("after %d looks at the context, stopped: %v", n, stopped)
		}
		m := newModel(t, c, learn, 3)
		train(t, m, learn, valid, &o)
		if !slices.Equal(weights(m), weights(whole)) {
			t.Errorf("stopped after %d looks at the context: other weights", n)
		}
	}
}

// TestEpochsAreWhole holds that training visits every pair once an epoch, also if epochs differ in their number of
// batches.
func TestEpochsAreWhole(t *testing.T) {
	data := collect(t, corpora.Task("copy", 2, 250))
	m := newModel(t, smallConfig(), data, 1)
	want := 0
	for _, p := range m.encodePairs(data, true, nil) {
		want += len(p.tgt) + 1
	}
	tokens, steps := map[int]int{}, map[int]int{}
	for _, p := range train(t, m, data, nil, &TrainOptions{Epochs: 3, BatchTokens: 24, Seed: 3}) {
		tokens[p.Epoch] += p.Tokens
		steps[p.Epoch]++
	}
	lengths := map[int]bool{}
	for epoch := 1; epoch <= 3; epoch++ {
		if tokens[epoch] != want {
			t.Errorf("epoch %d has %d tokens: want %d", epoch, tokens[epoch], want)
		}
		lengths[steps[epoch]] = true
	}
	if len(tokens) != 3 || len(lengths) < 2 {
		t.Errorf("%d epochs of %v steps: want 3 that differ", len(tokens), steps)
	}
}

func TestContextStopsTraining(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 100))
	m := newModel(t, smallConfig(), data, 1)
	state := filepath.Join(t.TempDir(), "state")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	steps := 0
	var end error
	for p, err := range m.Train(ctx, data, nil, &TrainOptions{Checkpoint: Checkpoint{State: state}, BatchSentences: 8}) {
		if end = err; err == nil {
			steps = p.Step
		}
		if steps == 3 {
			cancel()
		}
	}
	if !errors.Is(end, context.Canceled) || steps != 3 {
		t.Errorf("ends after step %d with %v: want step 3 and the context's error", steps, end)
	}
	if _, err := os.Stat(state); err != nil {
		t.Error("no state:", err)
	}
}

// TestStateOfAnotherTraining checks that the error names the difference.
func TestStateOfAnotherTraining(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 100))
	state := filepath.Join(t.TempDir(), "state")
	o := TrainOptions{Checkpoint: Checkpoint{State: state}, MaxSteps: 1}
	train(t, newModel(t, smallConfig(), data, 1), data, nil, &o)
	check := func(m *Model, learn []corpora.Example, o TrainOptions, want string) {
		t.Helper()
		for _, err := range m.Train(context.Background(), learn, nil, &o) {
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), state) {
				t.Errorf("error %v: want one about %s and %s", err, want, state)
			}
			return
		}
		t.Errorf("no error about %s", want)
	}
	check(newModel(t, smallConfig(), data, 2), data, o, "seed was 1 and is 2")
	check(newModel(t, smallConfig(), data, 1), data[:90], o, "training_examples")
	for _, err := range newModel(t, smallConfig(), data, 1).Train(t.Context(), data, data[:5], &o) {
		if err == nil || !strings.Contains(err.Error(), "validation_examples was none and is ") {
			t.Errorf("error %v: want one about validation examples", err)
		}
		break
	}
	check(newModel(t, smallConfig(), data, 1), data, TrainOptions{Checkpoint: Checkpoint{State: state}, Seed: 3}, "train.seed was 0 and is 3")
	check(newModel(t, smallConfig(), data, 1), data, TrainOptions{Checkpoint: Checkpoint{State: state}, Optimizer: OptimizerOptions{Kind: "sgd"}}, "train.optimizer.kind was adam and is sgd")
	c := smallConfig()
	c.Decoder.Hidden = 30
	check(newModel(t, c, data, 1), data, o, "model.decoder.hidden was 32 and is 30")
	if err := os.WriteFile(state, []byte("not a state"), 0o644); err != nil {
		t.Fatal(err)
	}
	check(newModel(t, smallConfig(), data, 1), data, o, "remove it")
}

// TestOverfit trains on one batch until its loss is almost 0, with every kind of attention and cell. With -short, each
// kind of one meets one kind of the other.
func TestOverfit(t *testing.T) {
	data := collect(t, corpora.Task("reverse", 5, 8))
	for i, attention := range rnn.Attentions() {
		for k, cell := range rnn.Cells() {
			if testing.Short() && k != i%len(rnn.Cells()) { // each attention once
				continue
			}
			c := smallConfig()
			c.Encoder.Cell, c.Decoder.Attention, c.Decoder.InputFeeding = cell, attention, attention != rnn.NoAttention
			m := newModel(t, c, data, 1)
			steps := train(t, m, data, nil, &TrainOptions{Epochs: 300, Schedule: rnn.Schedule{Rate: 0.01}})
			if loss := steps[len(steps)-1].Loss; loss > 0.01 {
				t.Errorf("%s, %s: loss %g after %d steps: want less than 0.01", attention, cell, loss, len(steps))
			}
			r, err := m.Evaluate(context.Background(), data, nil)
			if err != nil {
				t.Fatal(err)
			}
			if r.Exact != 1 {
				t.Errorf("%s, %s: exact match %g: want 1", attention, cell, r.Exact)
			}
		}
	}
}

func TestPatienceEndsTraining(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 60))
	m := newModel(t, smallConfig(), data, 1)
	valid := []corpora.Example{{Source: "1 2 3", Targets: []string{"9 9 9 9 9 9"}}}
	steps := train(t, m, data, valid, &TrainOptions{Epochs: 100, ValidateEvery: 1, Patience: 3, Schedule: rnn.Schedule{Rate: 0.02}})
	last := steps[len(steps)-1]
	if last.End == "" || len(steps) == 200 {
		t.Fatalf("ends after %d steps: %q", len(steps), last.End)
	}
	best := steps[len(steps)-4]
	if !best.Validation.Best {
		t.Error("the best validation is not the third before the end")
	}
	r, err := m.Evaluate(context.Background(), valid, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Loss != best.Validation.Loss {
		t.Errorf("the model's loss is %g: want the best, %g", r.Loss, best.Validation.Loss)
	}
}
