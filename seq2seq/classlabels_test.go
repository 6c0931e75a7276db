package seq2seq

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// TestLabelsAreText holds that labels are returned as given, whatever they look like. It includes files whose labels
// are tokens of kind space.
func TestLabelsAreText(t *testing.T) {
	for kind, labels := range map[tokenize.Kind][]string{
		tokenize.Line:  {"Quite Good", "quite good", "<unk>", "</s>", `\<s>`},
		tokenize.Space: {"good", "Good", "<unk>", "</s>", `\<s>`},
	} {
		var data []corpora.Example
		for i := range 50 {
			data = append(data, corpora.Example{Source: fmt.Sprintf("w%d of %d", i%5, i%7), Targets: []string{labels[i%5]}})
		}
		config := classifierConfig("mean")
		config.Target.Kind = kind
		c := newClassifier(t, config, data, 1)
		path := filepath.Join(t.TempDir(), "c.retell")
		train(t, c, data, data, &TrainOptions{Epochs: 30, Patience: -1, BatchSentences: 10, Checkpoint: Checkpoint{Model: path}, ValidateBy: "exact", Schedule: rnn.Schedule{Kind: "constant", Rate: 0.02}})
		c, err := LoadClassifier(path)
		if err != nil {
			t.Fatal(err)
		}
		got := c.Labels()
		slices.Sort(got)
		slices.Sort(labels)
		if !slices.Equal(got, labels) {
			t.Errorf("%s: labels %q: want %q", kind, got, labels)
		}
		r, err := c.Evaluate(t.Context(), data)
		if err != nil {
			t.Fatal(err)
		}
		if r.Accuracy != 1 || len(r.Labels) != len(labels) {
			t.Errorf("%s: accuracy %v over %d labels: want 1 and %d", kind, r.Accuracy, len(r.Labels), len(labels))
		}
	}
}

// TestBlankLinesHaveNoLabel holds that lines without tokens get no label and count for no label.
func TestBlankLinesHaveNoLabel(t *testing.T) {
	data := labeled(20)
	c := newClassifier(t, classifierConfig("max"), data, 1)
	got := collect(t, c.Predict(t.Context(), corpora.Stream([]string{"", "1 2", "   "}), nil))
	if got[0].Label != "" || got[0].Probability != 0 || got[2].Label != "" || got[1].Label == "" {
		t.Errorf("labels %+v: want a label only for the second line", got)
	}
	r, err := c.Evaluate(t.Context(), append(data, corpora.Example{Source: " ", Targets: []string{"one"}}))
	if err != nil {
		t.Fatal(err)
	}
	predicted := 0
	for _, l := range r.Labels {
		predicted += l.Predicted
	}
	if predicted != 20 || r.Examples != 21 || len(r.Labels) != 3 {
		t.Errorf("%d labels are predicted for %d examples: want 20 of 21", predicted, r.Examples)
	}
}

// skewed makes lines of words. One line in twenty is of the class "very rare"; its typical words also occur in the
// other class.
func skewed(n int) []corpora.Example {
	rng := rand.New(rand.NewPCG(8, 1))
	var out []corpora.Example
	for i := range n {
		e := corpora.Example{Targets: []string{"common"}}
		odds := 0.25
		if i%20 == 0 {
			e.Targets, odds = []string{"very rare"}, 0.5
		}
		for range 6 {
			w := fmt.Sprintf("w%d", rng.IntN(4))
			if rng.Float64() < odds {
				w = fmt.Sprintf("odd%d", rng.IntN(4))
			}
			e.Source += w + " "
		}
		out = append(out, e)
	}
	return out
}

// TestClassWeights holds that balanced weights make a classifier predict a rare class that it never predicts without
// them, and that class weights multiply the weights of examples.
func TestClassWeights(t *testing.T) {
	data := skewed(800)
	learn, valid, test := data[:600], data[600:700], data[700:]
	recall := func(balanced bool) float64 {
		c := newClassifier(t, classifierConfig("mean"), learn, 1)
		learn, valid := slices.Clone(learn), slices.Clone(valid)
		if balanced {
			weights := c.BalancedWeights(learn)
			if err := errors.Join(c.Weigh(learn, weights), c.Weigh(valid, weights)); err != nil {
				t.Fatal(err)
			}
		}
		train(t, c, learn, valid, &TrainOptions{Epochs: 8, BatchSentences: 20, Schedule: rnn.Schedule{Rate: 0.01}})
		r, err := c.Evaluate(t.Context(), test)
		if err != nil {
			t.Fatal(err)
		}
		return r.Labels[slices.Index(c.Labels(), "very rare")].Recall
	}
	if plain, balanced := recall(false), recall(true); plain > 0.1 || balanced < 0.5 {
		t.Errorf("recall of the rare class %.2f without weights and %.2f with: want none and at least 0.5", plain, balanced)
	}

	c := newClassifier(t, classifierConfig("mean"), learn, 1)
	if w := c.BalancedWeights(learn); math.Abs(w["very rare"]-10) > 1e-9 || math.Abs(w["common"]-600.0/2/570) > 1e-9 {
		t.Errorf("balanced weights %v: want 10 and 0.526", w)
	}
	own := slices.Clone(learn[:2])
	own[0].Weight = 3
	if err := c.Weigh(own, map[string]float64{"very rare": 4}); err != nil {
		t.Fatal(err)
	}
	if own[0].Weight != 12 || own[1].Weight != 0 {
		t.Errorf("weights %v and %v: want 12 and 0", own[0].Weight, own[1].Weight)
	}
	for label, w := range map[string]float64{"rare": 2, "common": -1, "very rare": math.NaN()} {
		if err := c.Weigh(own, map[string]float64{label: w}); err == nil {
			t.Errorf("weight %v of %q: no error", w, label)
		}
	}
}
