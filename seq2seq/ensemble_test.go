package seq2seq

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// bytewise returns a model of another shape for the data of trained. It reads bytes.
func bytewise(t *testing.T, data []corpora.Example) *Model {
	c := smallConfig()
	c.Source = tokenize.Config{Kind: tokenize.Bytes}
	c.Encoder.Cell = "gru"
	m := newModel(t, c, data, 2)
	train(t, m, data, nil, &TrainOptions{MaxSteps: 12, Epochs: 100, BatchSentences: 30, Schedule: rnn.Schedule{Rate: 0.01}})
	return m
}

func ensemble(t *testing.T, models ...*Model) *Ensemble {
	t.Helper()
	e, err := NewEnsemble(models...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestEnsembleOfEqualModels holds that an ensemble of equal models returns the results of one.
func TestEnsembleOfEqualModels(t *testing.T) {
	m, data := trained(t)
	src := append(sourcesOf(data[:20]), "")
	twice := ensemble(t, m, m)
	close := cmp.Options{cmpopts.EquateApprox(1e-4, 1e-5)}
	for _, o := range []*SearchOptions{{Beam: 1}, {NBest: 5}, {CoveragePenalty: 0.2}, {Sample: 3, NBest: 3, Seed: 4}} {
		want := collect(t, m.Translate(t.Context(), lines(src...), o))
		if diff := cmp.Diff(want, collect(t, twice.Translate(t.Context(), lines(src...), o)), close); diff != "" {
			t.Errorf("%+v: %s", o, diff)
		}
		if diff := cmp.Diff(want, collect(t, ensemble(t, m).Translate(t.Context(), lines(src...), o))); diff != "" {
			t.Errorf("%+v: alone: %s", o, diff)
		}
	}
	want, err := m.Evaluate(t.Context(), data, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := twice.Evaluate(t.Context(), data, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, close); diff != "" {
		t.Error(diff)
	}
}

// TestEnsembleIsTheMean holds that an ensemble's probabilities are the means of its models' probabilities, also if the
// models have different source tokens.
func TestEnsembleIsTheMean(t *testing.T) {
	m, data := trained(t)
	models := []*Model{m, bytewise(t, data), m.Quantize()}
	both := ensemble(t, models...)
	want := make([][]Scored, len(models))
	for k, m := range models {
		want[k] = collect(t, m.Score(t.Context(), corpora.Stream(data), nil))
	}
	for i, s := range collect(t, both.Score(t.Context(), corpora.Stream(data), nil)) {
		for at, got := range s.Targets[0].LogProbs {
			mean := 0.0
			for k := range models {
				mean += math.Exp(want[k][i].Targets[0].LogProbs[at]) / float64(len(models))
			}
			if math.Abs(got-math.Log(mean)) > 1e-5*math.Abs(got)+1e-6 {
				t.Fatalf("example %d, token %d: log-probability %v: want %v", i, at, got, math.Log(mean))
			}
		}
	}
	src := sourcesOf(data[:20])
	together := collect(t, both.Translate(t.Context(), lines(src...), &SearchOptions{CoveragePenalty: 0.1}))
	for i, tr := range together {
		alone := collect(t, both.Translate(t.Context(), lines(src[i]), &SearchOptions{CoveragePenalty: 0.1}))
		if diff := cmp.Diff(alone[0], tr); diff != "" {
			t.Errorf("%q alone: %s", src[i], diff)
		}
	}
}

func TestEnsembleErrors(t *testing.T) {
	m, data := trained(t)
	other := newModel(t, smallConfig(), data[:2], 1)
	c := smallConfig()
	c.Target.Lowercase = true
	lower := newModel(t, c, data, 1)
	words := slices.Clone(data)
	for i := range words {
		words[i].Targets = []string{strings.ReplaceAll(words[i].Targets[0], "1", "one")}
	}
	for want, models := range map[string][]*Model{
		"no models":                       nil,
		"model 2: ":                       {m, other},
		"model 3: another kind of tokens": {m, m, lower},
		"want the one of model 1":         {m, newModel(t, smallConfig(), words, 1)},
	} {
		if _, err := NewEnsemble(models...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v: want %s", err, want)
		}
	}
}
