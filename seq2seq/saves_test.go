package seq2seq

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/atomicfile"
	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/rnn"
)

// TestSavesByTheClock trains without validation examples, with a clock that advances at each look.
func TestSavesByTheClock(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 60))
	for _, c := range []struct {
		name    string
		tick    time.Duration // time of one look
		options TrainOptions
		want    []int // steps after which the state is saved
	}{
		{"clock", time.Second / 2, TrainOptions{Checkpoint: Checkpoint{SaveSeconds: 10}, Epochs: 2}, []int{3, 28, 40}}, // a save takes half a second, so 25 lie between two
		{"steps", 0, TrainOptions{Checkpoint: Checkpoint{SaveEvery: 15}, Epochs: 2}, []int{15, 20, 30, 40}},
		{"neither", 0, TrainOptions{Epochs: 2}, []int{20, 40}}, // the ends of epochs
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			now := time.Unix(1e9, 0)
			o := c.options
			o.Checkpoint.Model, o.Checkpoint.State, o.BatchSentences = filepath.Join(dir, "m"), filepath.Join(dir, "s"), 3
			o.Now = func() time.Time { now = now.Add(c.tick); return now }
			var saved []int
			was := -1
			for p, err := range newModel(t, smallConfig(), data, 1).Train(t.Context(), data, nil, &o) {
				if err != nil {
					t.Fatal(err)
				}
				s, err := ReadState(o.Checkpoint.State)
				if err != nil && !errors.Is(err, fs.ErrNotExist) {
					t.Fatal(err)
				}
				if err == nil && s.Steps != was {
					was = s.Steps
					saved = append(saved, p.Step)
				}
			}
			if !slices.Equal(saved, c.want) {
				t.Errorf("saved after steps %v: want %v", saved, c.want)
			}
			if m, err := Load(o.Checkpoint.Model); err != nil || m.Summary().Steps != 40 {
				t.Errorf("the model: %v, %v: want one of 40 steps", m, err)
			}
		})
	}
}

// TestStateComesFirst holds that a state is on disk before the first model.
func TestStateComesFirst(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 60))
	dir := t.TempDir()
	o := TrainOptions{Checkpoint: Checkpoint{Model: filepath.Join(dir, "none", "m"), State: filepath.Join(dir, "s")}, Epochs: 2, BatchSentences: 20}
	if _, err := lastError(t, newModel(t, smallConfig(), data, 1), data[:40], data[40:], &o); err == nil {
		t.Fatal("a model is saved in a missing folder")
	}
	o.Checkpoint.Model = filepath.Join(dir, "m")
	m := newModel(t, smallConfig(), data, 1)
	steps, err := lastError(t, m, data[:40], data[40:], &o)
	if err != nil || len(steps) == 0 || steps[0].Step != 3 {
		t.Fatalf("resumes with %v, %v: want step 3", steps, err)
	}
	whole := newModel(t, smallConfig(), data, 1)
	train(t, whole, data[:40], data[40:], &TrainOptions{Epochs: 2, BatchSentences: 20})
	saved, err := Load(o.Checkpoint.Model)
	if err != nil || !slices.Equal(weights(saved), weights(whole)) {
		t.Errorf("the model on disk has other weights, %v", err)
	}
}

func TestKeptModels(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"m.retell", "m-10.retell", "m-x.retell", "m-.retell", "m-7.retell.state", "m-3", "n-10.retell"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for model, want := range map[string]string{"m.retell": "m-10.retell", "m": "m-3"} {
		if got, err := KeptModels(filepath.Join(dir, model)); err != nil || len(got) != 1 || filepath.Base(got[0]) != want {
			t.Errorf("beside %s: %v, %v: want %s", model, got, err, want)
		}
	}
}

// TestGoOnWithOtherSettings stops a training and resumes it with one changed setting.
func TestGoOnWithOtherSettings(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 150))
	learn, valid := data[:100], data[100:125]
	for _, c := range []struct {
		name   string
		change func(o *TrainOptions, config *Config)
		says   string
	}{
		{"rate", func(o *TrainOptions, _ *Config) { o.Schedule.Rate = 0.1 }, "setting=train.schedule.rate was=0.01 is=0.1"},
		{"warmup", func(o *TrainOptions, _ *Config) { o.Schedule.Warmup = 3 }, "setting=train.schedule.warmup was=<nil> is=3"},
		{"batch", func(o *TrainOptions, _ *Config) { o.BatchSentences = 5 }, "setting=train.batch_sentences was=10 is=5"},
		{"clip", func(o *TrainOptions, _ *Config) { o.Clip = 5 }, "setting=train.clip was=1 is=5"},
		{"smoothing", func(o *TrainOptions, _ *Config) { o.LabelSmoothing = 0.1 }, "setting=train.label_smoothing was=0 is=0.1"},
		{"validation", func(o *TrainOptions, _ *Config) { o.ValidateEvery = 3 }, "setting=train.validate_every was=0 is=3"},
		{"average", func(o *TrainOptions, _ *Config) { o.Average = 0.9 }, "setting=train.average was=0 is=0.9"},
		{"metric", func(o *TrainOptions, _ *Config) { o.ValidateBy = "wer" }, `setting=train.validate_by was="" is=wer`},
		{"dropout", func(_ *TrainOptions, c *Config) { c.Dropout = 0.4 }, "setting=model.dropout was=0 is=0.4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := TrainOptions{Checkpoint: Checkpoint{State: filepath.Join(t.TempDir(), "s")}, Epochs: 3, BatchSentences: 10, Schedule: rnn.Schedule{Rate: 0.01}}
			for p, err := range newModel(t, smallConfig(), learn, 1).Train(t.Context(), learn, valid, &o) {
				if err != nil {
					t.Fatal(err)
				}
				if p.Step == 14 { // four tenths of the second epoch
					break
				}
			}
			var said bytes.Buffer
			config := smallConfig()
			o.Log = slog.New(slog.NewTextHandler(&said, nil))
			c.change(&o, &config)
			m := newModel(t, config, learn, 1)
			steps, err := lastError(t, m, learn, valid, &o)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(said.String(), c.says) {
				t.Errorf("the log says\n%s\nwant %s", &said, c.says)
			}
			want := 16 // six of the second epoch, ten of the third
			if c.name == "batch" {
				want = 32
			}
			if len(steps) != want || steps[0].Step != 15 {
				t.Errorf("%d more steps: want %d", len(steps), want)
			}
			if now := m.Config().Dropout; now != config.Dropout {
				t.Errorf("the model says dropout %v: want %v", now, config.Dropout)
			}
		})
	}
}

// TestGoOnWithOtherExamples holds that other examples need Continue, and that Continue needs a state.
func TestGoOnWithOtherExamples(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 200))
	o := TrainOptions{Checkpoint: Checkpoint{State: filepath.Join(t.TempDir(), "s")}, Epochs: 2, BatchSentences: 10}
	if _, err := lastError(t, newModel(t, smallConfig(), data, 1), data[:100], data[180:], &TrainOptions{Checkpoint: Checkpoint{State: o.Checkpoint.State, Continue: true}}); err == nil || !strings.Contains(err.Error(), "no state") {
		t.Errorf("no state to resume from: %v: want an error", err)
	}
	first := newModel(t, smallConfig(), data, 1)
	train(t, first, data[:100], data[180:], &o)
	o.Epochs = 4
	if _, err := lastError(t, newModel(t, smallConfig(), data, 1), data[:150], data[180:], &o); err == nil || !strings.Contains(err.Error(), "training_examples") {
		t.Errorf("more examples without Continue: %v: want an error", err)
	}
	o.Checkpoint.Continue = true
	m := newModel(t, smallConfig(), data, 1)
	steps, err := lastError(t, m, data[:150], data[170:], &o)
	if err != nil || len(steps) != 30 || steps[0].Step != 21 {
		t.Fatalf("%d more steps, %v: want 30 that begin with step 21", len(steps), err)
	}
	loss := func(m *Model) float64 {
		r, err := m.Evaluate(t.Context(), data[170:], nil)
		if err != nil {
			t.Fatal(err)
		}
		return r.Loss
	}
	if was, is := loss(first), loss(m); is >= was || math.Abs(is-m.Summary().Loss) > 1e-9 {
		t.Errorf("loss %g after %g, summary %g: want less, and the same", is, was, m.Summary().Loss)
	}
}

// TestStateOfAnEarlierVersion resumes from an old state without changes, and checks that the error about a change names
// the version.
func TestStateOfAnEarlierVersion(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 60))
	o := TrainOptions{Checkpoint: Checkpoint{State: filepath.Join(t.TempDir(), "s")}, Epochs: 1}
	train(t, newModel(t, smallConfig(), data, 1), data, nil, &o)
	f, closeFile, err := open(o.Checkpoint.State, kindState)
	if err != nil {
		t.Fatal(err)
	}
	meta := maps.Clone(f.Metadata())
	meta[metaVersion] = "1"
	delete(meta, "crc32c")
	var tensors []safetensors.Tensor
	for _, info := range f.Tensors() {
		tensor := safetensors.Tensor{Name: info.Name, Shape: info.Shape, Data: make([]float32, info.Len())}
		if err := f.Read(info.Name, tensor.Data); err != nil {
			t.Fatal(err)
		}
		tensors = append(tensors, tensor)
	}
	closeFile()
	if err := atomicfile.Write(o.Checkpoint.State, func(w io.Writer) error { return safetensors.Write(w, meta, tensors) }); err != nil {
		t.Fatal(err)
	}
	_, err = lastError(t, newModel(t, smallConfig(), data, 2), data, nil, &TrainOptions{Checkpoint: Checkpoint{State: o.Checkpoint.State}, Epochs: 2})
	if err == nil || !strings.Contains(err.Error(), "earlier version") || !strings.Contains(err.Error(), "seed was 1 and is 2") {
		t.Errorf("%v: want an error that names the difference and the version", err)
	}
	o.Epochs = 2
	if more := train(t, newModel(t, smallConfig(), data, 1), data, nil, &o); len(more) != 1 {
		t.Errorf("%d more steps: want 1", len(more))
	}
}

// TestLeavingWithoutSaving leaves the loop while the state cannot be written.
func TestLeavingWithoutSaving(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 60))
	var said bytes.Buffer
	o := TrainOptions{Checkpoint: Checkpoint{State: filepath.Join(t.TempDir(), "none", "s")}, BatchSentences: 10, Log: slog.New(slog.NewTextHandler(&said, nil))}
	for _, err := range newModel(t, smallConfig(), data, 1).Train(t.Context(), data, nil, &o) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if !strings.Contains(said.String(), "the state is not saved") {
		t.Errorf("the log says %q: want that the state is not saved", &said)
	}
}

// TestReadState reads the description of a training from its state.
func TestReadState(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 60))
	o := TrainOptions{Checkpoint: Checkpoint{State: filepath.Join(t.TempDir(), "s"), About: "the settings"}, Epochs: 2}
	m := newModel(t, smallConfig(), data, 1)
	train(t, m, data, nil, &o)
	s, err := ReadState(o.Checkpoint.State)
	if err != nil {
		t.Fatal(err)
	}
	if s.Steps != 2 || s.Epochs != 2 || s.About != "the settings" || s.Source.Size() != m.Source().Size() || s.Target.Size() != m.Target().Size() {
		t.Errorf("state %+v: want 2 steps, 2 epochs and the model's tokenizers", s)
	}
	if _, err := ReadState(o.Checkpoint.State + "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v: want an error about a missing file", err)
	}
}

// TestKeepLeavesOthers holds that a training that keeps models, resumed or not, does not touch another training's
// files.
func TestKeepLeavesOthers(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 20))
	dir := t.TempDir()
	o := TrainOptions{Epochs: 1, Checkpoint: Checkpoint{Model: filepath.Join(dir, "m.retell"), State: filepath.Join(dir, "s")}}
	train(t, newModel(t, smallConfig(), data, 1), data, nil, &o)
	other := filepath.Join(dir, "m-2.retell")
	if err := os.WriteFile(other, []byte("another's"), 0o666); err != nil {
		t.Fatal(err)
	}
	o.Epochs, o.Checkpoint.Keep = 2, 1
	if _, err := lastError(t, newModel(t, smallConfig(), data, 1), data, nil, &o); err == nil || !strings.Contains(err.Error(), "m-2.retell, of an earlier training") {
		t.Errorf("keeping models beside a file with such a name: %v: want an error", err)
	}
	if text, _ := os.ReadFile(other); string(text) != "another's" {
		t.Errorf("the file is %.20q", text)
	}
	if err := os.Remove(other); err != nil {
		t.Fatal(err)
	}
	train(t, newModel(t, smallConfig(), data, 1), data, nil, &o)
	o.Epochs = 3 // keeps its own files
	train(t, newModel(t, smallConfig(), data, 1), data, nil, &o)
	if left, _ := KeptModels(o.Checkpoint.Model); len(left) != 1 || filepath.Base(left[0]) != "m-3.retell" {
		t.Errorf("%v are kept: want m-3.retell", left)
	}
}

// TestMomentumBegins holds that a training may resume with momentum that it did not have before.
func TestMomentumBegins(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 20))
	o := TrainOptions{Epochs: 1, Optimizer: OptimizerOptions{Kind: "sgd"}, Checkpoint: Checkpoint{State: filepath.Join(t.TempDir(), "s")}}
	train(t, newModel(t, smallConfig(), data, 1), data, nil, &o)
	o.Epochs, o.Optimizer.Momentum = 2, 0.9
	if steps := train(t, newModel(t, smallConfig(), data, 1), data, nil, &o); len(steps) != 1 {
		t.Errorf("%d steps: want the second epoch's", len(steps))
	}
}
