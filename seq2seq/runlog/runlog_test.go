package runlog

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

// TestLog records a training that is killed after step 25 and resumes from step 13, where its state was saved.
func TestLog(t *testing.T) {
	dir := t.TempDir()
	path, folder := filepath.Join(dir, "log"), filepath.Join(dir, "events")
	clock := time.Unix(1000, 0)
	learn := func(from, to int) *Log {
		l, err := New(&Options{Path: path, TensorBoard: folder, Now: func() time.Time { return clock }})
		if err != nil {
			t.Fatal(err)
		}
		for step := from; step <= to; step++ {
			clock = clock.Add(time.Second)
			p := seq2seq.Progress{Step: step, Epoch: 1, Loss: float64(step), Tokens: 1 + step%2}
			if step == 12 {
				p.Validation = &seq2seq.Validation{Loss: 3, Accuracy: 0.5, Best: true}
			}
			if err := l.Record(p); err != nil {
				t.Fatal(err)
			}
		}
		return l
	}
	learn(1, 25) // killed: never closed
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.WriteString(`{"step":25,"epo`)
	_ = f.Close()
	clock = clock.Add(time.Hour)
	if err := learn(13, 33).Close(); err != nil {
		t.Fatal(err)
	}
	var steps []int
	var seconds []float64
	var valid []float64
	records, err := Read(path)
	for _, r := range records {
		steps, seconds = append(steps, r.Step), append(seconds, r.Seconds)
		if r.ValidLoss != nil {
			valid = append(valid, *r.ValidLoss, *r.ValidAccuracy)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{10, 12, 20, 30, 33}; !slices.Equal(steps, want) {
		t.Errorf("records of steps %v: want %v", steps, want)
	}
	// The clock of a training begins with its first step.
	if want := []float64{9, 11, 18, 28, 31}; !slices.Equal(seconds, want) {
		t.Errorf("records at seconds %v: want %v", seconds, want)
	}
	if want := []float64{3, 0.5}; !slices.Equal(valid, want) {
		t.Errorf("validation %v: want %v", valid, want)
	}
	files, err := filepath.Glob(filepath.Join(folder, "events.out.tfevents.*"))
	if err != nil || len(files) != 2 {
		t.Errorf("event files %v: want two", files)
	}
}

// errKilled ends a training like a kill: nothing is written afterwards.
var errKilled = errors.New("killed")

// killed is a recorder that is killed before its at-th call of Record or Sync, counted from 1.
type killed struct {
	*Log
	calls, at int
}

func (k *killed) call(f func() error) error {
	if k.calls++; k.calls >= k.at {
		return errKilled
	}
	return f()
}

func (k *killed) Record(p seq2seq.Progress) error {
	return k.call(func() error { return k.Log.Record(p) })
}
func (k *killed) Sync() error { return k.call(k.Log.Sync) }

// TestKillsLoseNoRecord kills a training before each of its records and saves. After it resumes, the log has each step
// and each validation once.
func TestKillsLoseNoRecord(t *testing.T) {
	data, err := corpora.Collect(corpora.Task("copy", 1, 8))
	if err != nil {
		t.Fatal(err)
	}
	config := seq2seq.DefaultConfig()
	config.Source = tokenize.Config{Kind: tokenize.Space}
	config.Target = config.Source
	config.Encoder.Hidden, config.Encoder.Embedding, config.Decoder.Hidden, config.Decoder.Embedding = 4, 2, 4, 2
	source, target, err := seq2seq.Learn(config, data)
	if err != nil {
		t.Fatal(err)
	}
	learn := func(dir string, at int) (ended bool) {
		m, err := seq2seq.New(config, source, target, 1)
		if err != nil {
			t.Fatal(err)
		}
		l, err := New(&Options{Path: filepath.Join(dir, "log")})
		if err != nil {
			t.Fatal(err)
		}
		o := seq2seq.TrainOptions{
			Epochs: 2, BatchSentences: 2, ValidateEvery: 3, Checkpoint: seq2seq.Checkpoint{SaveEvery: 2, State: filepath.Join(dir, "state")}, Recorder: &killed{Log: l, at: at},
		}
		for _, err := range m.Train(t.Context(), data[:6], data[6:], &o) {
			if errors.Is(err, errKilled) {
				for _, f := range l.close {
					f.Close()
				}
				return false
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return true
	}
	kills := 0
	for at := 1; ; at++ {
		dir := t.TempDir()
		if learn(dir, at) {
			break
		}
		kills++
		learn(dir, math.MaxInt)
		steps := 0
		var validated []int
		records, err := Read(filepath.Join(dir, "log"))
		for _, r := range records {
			if steps += r.Steps; steps != r.Step {
				t.Errorf("killed at call %d: the record of step %d is of %d steps, and those before are of %d", at, r.Step, r.Steps, steps-r.Steps)
			}
			if r.ValidLoss != nil {
				validated = append(validated, r.Step)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		if want := []int{3, 6}; steps != 6 || !slices.Equal(validated, want) {
			t.Errorf("killed at call %d: %d steps are recorded, and validations after %v: want 6 and %v", at, steps, validated, want)
		}
	}
	if kills < 10 {
		t.Errorf("%d kills: want one at each record and each save", kills)
	}
}
