package seq2seq

import (
	"context"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/rnn"
)

func TestPrecisionNames(t *testing.T) {
	for _, name := range []Precision{"", Float32, BF16} {
		if err := (&TrainOptions{Precision: name}).Validate(); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	const want = `precision: "fp16": want float32 or bf16`
	if err := (&TrainOptions{Precision: "fp16"}).Validate(); err == nil || err.Error() != want {
		t.Errorf("got %v: want %s", err, want)
	}
}

// TestBF16IsDeterministic holds that bf16 gives the same bits on any number of cores, that they differ from float32's,
// and that a training may resume with another precision.
func TestBF16IsDeterministic(t *testing.T) {
	if rnn.BF16.Available() != nil {
		t.Cleanup(kernel.EmulateBF16())
	}
	data := collect(t, corpora.Task("reverse", 1, 60))
	c := smallConfig()
	state := filepath.Join(t.TempDir(), "state")
	run := func(procs int, precision Precision, state string) []float32 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		m := newModel(t, c, data, 3)
		train(t, m, data, nil, &TrainOptions{Epochs: 1, BatchSentences: 16, Precision: precision, Checkpoint: Checkpoint{State: state}})
		return weights(m)
	}
	one := run(1, "bf16", state)
	if !slices.Equal(one, run(3, "bf16", "")) {
		t.Error("three cores give other weights than one")
	}
	if slices.Equal(one, run(1, "", "")) {
		t.Error("bf16 gives the weights of float32")
	}
	more := train(t, newModel(t, c, data, 3), data, nil, &TrainOptions{Epochs: 2, BatchSentences: 16, Checkpoint: Checkpoint{State: state}})
	if len(more) != 4 || more[0].Step != 5 {
		t.Errorf("going on in float32: %d steps: want 4 from the fifth on", len(more))
	}
}

// TestBF16Learns holds that a model learns as fast in bf16 as in float32.
func TestBF16Learns(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for a second: left out with -short")
	}
	if err := rnn.BF16.Available(); err != nil {
		t.Skip(err)
	}
	data := collect(t, corpora.Task("reverse", 5, 300))
	loss := map[Precision]float64{}
	for _, precision := range []Precision{Float32, BF16} {
		m := newModel(t, smallConfig(), data, 1)
		steps := train(t, m, data, nil, &TrainOptions{MaxSteps: 500, Epochs: 100, BatchSentences: 30, Precision: precision, Schedule: rnn.Schedule{Rate: 0.01}})
		for _, p := range steps[len(steps)-10:] {
			loss[precision] += p.Loss / 10
		}
	}
	first, last := loss["float32"], loss["bf16"]
	if first > 0.2 || last > first+0.1 { // from above 3; the last losses vary
		t.Errorf("loss after 500 steps %.4f in float32, %.4f in bf16", first, last)
	}
}

// TestQuantize holds that an int8 model has nearly the original's loss, that batches do not change translations, and
// that the original does not change.
func TestQuantize(t *testing.T) {
	m, data := trained(t)
	exact, err := m.Evaluate(context.Background(), data, nil)
	if err != nil {
		t.Fatal(err)
	}
	q := m.Quantize()
	got, err := q.Evaluate(context.Background(), data, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := math.Abs(got.Loss - exact.Loss); d == 0 || d > 0.01*exact.Loss {
		t.Errorf("loss %.6f: want about %.6f and not the same", got.Loss, exact.Loss)
	}
	src := sourcesOf(data)
	together := collect(t, q.Translate(context.Background(), lines(src...), nil))
	alone := collect(t, q.Translate(context.Background(), lines(src...), &SearchOptions{BatchSentences: 1}))
	if diff := cmp.Diff(alone, together); diff != "" {
		t.Error("translations differ between batch and alone:", diff)
	}
	if again, err := m.Evaluate(context.Background(), data, nil); err != nil || again.Loss != exact.Loss {
		t.Errorf("the original's loss is %.6f, %v: want %.6f", again.Loss, err, exact.Loss)
	}
	for _, err := range q.Train(context.Background(), data, nil, nil) {
		if err == nil || !strings.Contains(err.Error(), "the model is quantized") {
			t.Errorf("training: %v", err)
		}
	}
}
