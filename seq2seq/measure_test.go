package seq2seq

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
)

// TestValidate holds that after a training the model measures as its best validation, also where that was before a
// stop.
func TestValidate(t *testing.T) {
	data := collect(t, corpora.Task("sort", 2, 60))
	learn, valid := data[:50], data[50:]
	o := TrainOptions{Epochs: 4, BatchSentences: 8, Average: 0.8, ValidateBy: "chrf", Schedule: rnn.Schedule{Kind: "constant", Rate: 0.01}}
	var best *Validation
	for _, p := range train(t, newModel(t, smallConfig(), data, 1), learn, valid, &o) {
		if p.Validation != nil && p.Validation.Best {
			best = p.Validation
		}
	}
	o.Checkpoint.State = filepath.Join(t.TempDir(), "state")
	for p, err := range newModel(t, smallConfig(), data, 1).Train(t.Context(), learn, valid, &o) {
		if err != nil {
			t.Fatal(err)
		}
		if p.End != "" {
			break
		}
	}
	m := newModel(t, smallConfig(), data, 1)
	if steps := train(t, m, learn, valid, &o); len(steps) != 0 {
		t.Fatalf("%d more steps: want none", len(steps))
	}
	got, err := m.Validate(t.Context(), valid, &o)
	if err != nil {
		t.Fatal(err)
	}
	got.Best = true
	if diff := cmp.Diff(best, got); diff != "" {
		t.Error("validation after a stop:", diff)
	}
	for _, bad := range [][]corpora.Example{nil, {{Source: " ", Targets: []string{"a"}}}} {
		if _, err := m.Validate(t.Context(), bad, nil); err == nil {
			t.Errorf("%v: no error", bad)
		}
	}
}
