package repair

import (
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/corpora/noise"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq"
)

func TestWordTokens(t *testing.T) {
	line := "Don't well-known 3.5, x… «été»!"
	var got []string
	for _, w := range wordTokens(line) {
		got = append(got, line[w.start:w.end])
		if w.text != strings.ToLower(line[w.start:w.end]) {
			t.Errorf("text %q of %q", w.text, line[w.start:w.end])
		}
	}
	want := []string{"Don't", "well-known", "3.5", ",", "x", "…", "«", "été", "»", "!"}
	if !slices.Equal(got, want) {
		t.Errorf("tokens %q: want %q", got, want)
	}
}

func TestCased(t *testing.T) {
	for _, test := range [][3]string{{"their", "Thier", "Their"}, {"their", "THIER", "THEIR"}, {"a", "X", "A"}, {"their", "thier", "their"}} {
		if got := cased(test[0], test[1]); got != test[2] {
			t.Errorf("%s like %s is %s: want %s", test[0], test[1], got, test[2])
		}
	}
}

// TestWord trains a repairer of the form word on sentences in which a word's neighbors decide between two candidates
// that look alike.
func TestWord(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a network")
	}
	var clean []string
	for range 40 {
		clean = append(clean, "the cat drinks milk .", "the boy wears a cap .", "a car needs fuel .", "one can drinks nothing .")
	}
	c := DefaultConfig(FormWord)
	c.Model.Encoder.Hidden, c.Model.Encoder.Embedding = 16, 16
	c.Task.Noise = noise.Spec{{Kind: noise.Typos, Rate: 0.2}}
	c.Task.Lexicon = []string{"Caution"}
	r, _, err := Begin(c, Lines(clean), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	opts := &seq2seq.TrainOptions{Seed: 1, Epochs: 25, Schedule: rnn.Schedule{Rate: 0.01}}
	for _, err := range r.Train(t.Context(), Lines(clean), Lines(clean[:4]), opts) {
		if err != nil {
			t.Fatal(err)
		}
	}
	lines := []string{"the cax drinks milk .", "the boy wears a Cax .", "the cat drinks milk .", "", "cautoin", "zzqx qqzzx"}
	want := []string{"the cat drinks milk .", "the boy wears a Cap .", "the cat drinks milk .", "", "caution", "zzqx qqzzx"}
	i := 0
	for fixed, err := range r.Repair(t.Context(), corpora.Stream(lines), &Options{Suggest: 3, Bound: -1}) {
		if err != nil {
			t.Fatal(err)
		}
		if fixed.Text != want[i] || applyEdits(lines[i], fixed.Edits) != fixed.Text {
			t.Errorf("%q becomes %q by %v: want %q", lines[i], fixed.Text, fixed.Edits, want[i])
		}
		i++
	}
	path := t.TempDir() + "/word.retell"
	if err := r.Save(path); err != nil {
		t.Fatal(err)
	}
	again, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	for fixed, err := range again.Repair(t.Context(), corpora.Stream(lines[:1]), nil) {
		if err != nil || fixed.Text != want[0] {
			t.Errorf("loaded: %q, error %v: want %q", fixed.Text, err, want[0])
		}
	}
}
