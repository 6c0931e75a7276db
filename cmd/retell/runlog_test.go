package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/retell-rnn/retell/seq2seq"
)

// TestRunLog follows a training that is killed after step 25 and goes on from step 13, where its state was saved.
func TestRunLog(t *testing.T) {
	dir := t.TempDir()
	path, folder := filepath.Join(dir, "log"), filepath.Join(dir, "events")
	clock := time.Unix(1000, 0)
	learn := func(from, to int) *runLog {
		l := &runLog{path: path, folder: folder, now: func() time.Time { return clock }}
		for step := from; step <= to; step++ {
			clock = clock.Add(time.Second)
			p := seq2seq.Progress{Step: step, Epoch: 1, Loss: float64(step), Tokens: 1 + step%2}
			if step == 12 {
				p.Validation = &seq2seq.Validation{Loss: 3, Accuracy: 0.5, Best: true}
			}
			if err := l.note(p); err != nil {
				t.Fatal(err)
			}
		}
		return l
	}
	learn(1, 25) // killed: never ended
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.WriteString(`{"step":25,"epo`)
	_ = f.Close()
	clock = clock.Add(time.Hour)
	if err := learn(13, 33).end(); err != nil {
		t.Fatal(err)
	}
	var steps []int
	var seconds []float64
	var valid []float64
	err = readRunLog(path, func(_ []byte, r runRecord) {
		steps, seconds = append(steps, r.Step), append(seconds, r.Seconds)
		if r.ValidLoss != nil {
			valid = append(valid, *r.ValidLoss, *r.ValidAccuracy)
		}
	})
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
