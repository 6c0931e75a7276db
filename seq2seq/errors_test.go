package seq2seq

import (
	"errors"
	"io/fs"
	"math"
	"path/filepath"
	"testing"

	"github.com/retell-rnn/retell/corpora"
)

// TestErrorsOfStates holds that errors.Is tells why a training does not resume.
func TestErrorsOfStates(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 20))
	state := filepath.Join(t.TempDir(), "state")
	o := TrainOptions{MaxSteps: 1, Checkpoint: Checkpoint{State: state, Continue: true}}
	if _, err := lastError(t, newModel(t, smallConfig(), data, 1), data, nil, &o); !errors.Is(err, ErrNoState) {
		t.Errorf("error %v: want %v", err, ErrNoState)
	}
	if _, err := ReadState(state); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v: want %v", err, fs.ErrNotExist)
	}
	o.Checkpoint.Continue = false
	train(t, newModel(t, smallConfig(), data, 1), data, nil, &o)
	o.Seed, o.MaxSteps = 7, 2
	if _, err := lastError(t, newModel(t, smallConfig(), data, 1), data, nil, &o); !errors.Is(err, ErrOtherTraining) {
		t.Errorf("error %v: want %v", err, ErrOtherTraining)
	}
}

// TestErrNotFinite holds that a search of any width returns ErrNotFinite if the weights are NaN.
func TestErrNotFinite(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 20))
	m := newModel(t, smallConfig(), data, 1)
	m.net.params.Get("output.bias").W[5] = float32(math.NaN())
	for _, beam := range []int{1, 3} {
		for _, err := range m.Translate(t.Context(), lines(data[0].Source), &SearchOptions{Beam: beam}) {
			if !errors.Is(err, ErrNotFinite) {
				t.Errorf("beam of %d: error %v: want %v", beam, err, ErrNotFinite)
			}
		}
	}
}
