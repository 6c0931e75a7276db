package seq2seq

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/retell-rnn/retell/corpora"
)

// variationalConfig is smallConfig with a variational bottleneck in place of attention.
func variationalConfig() Config {
	c := smallConfig()
	c.Decoder.Attention, c.Decoder.InputFeeding = "none", false
	c.Bottleneck = BottleneckConfig{Size: 8, Variational: true}
	return c
}

// TestNewObjective checks the objective that options choose for a model.
func TestNewObjective(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 20))
	risk := TrainOptions{Risk: RiskOptions{Metric: "wer"}}
	name := func(o objective) string {
		if v, ok := o.(*variational); ok {
			return fmt.Sprintf("%T of %T", v, v.objective)
		}
		return fmt.Sprintf("%T", o)
	}
	for _, test := range []struct {
		c    Config
		o    TrainOptions
		want string
		kept any
	}{
		{smallConfig(), TrainOptions{}, "*seq2seq.likelihood", nil},
		{smallConfig(), risk, "*seq2seq.minimumRisk", nil},
		{variationalConfig(), TrainOptions{}, "*seq2seq.variational of *seq2seq.likelihood", &latentState{}},
		{variationalConfig(), risk, "*seq2seq.variational of *seq2seq.minimumRisk", &latentState{}},
	} {
		tr, err := newModel(t, test.c, data, 1).newTrainer(t.Context(), data, nil, &test.o)
		if err != nil {
			t.Fatal(err)
		}
		if got := name(tr.objective); got != test.want {
			t.Errorf("objective %s: want %s", got, test.want)
		}
		if diff := cmp.Diff(test.kept, tr.objective.state()); diff != "" {
			t.Errorf("%s: state: %s", test.want, diff)
		}
		if chance := tr.objective.chance(); math.IsInf(chance, 1) != (test.o.Risk.Metric != "") {
			t.Errorf("%s: the loss of a guess is %v", test.want, chance)
		}
	}
}

// TestStopWithinAStep ends the context while a step draws tokens or translations. The training then resumes to the same
// bits.
func TestStopWithinAStep(t *testing.T) {
	data := collect(t, corpora.Task("sort", 1, 40))
	apart := 11 // looks at the context between two stops
	if testing.Short() {
		apart = 19
	}
	for _, test := range []struct {
		name string
		c    Config
		o    TrainOptions
	}{
		{"risk", smallConfig(), TrainOptions{Risk: RiskOptions{Metric: "wer", Samples: 3}}},
		{"scheduled sampling", smallConfig(), TrainOptions{ScheduledSampling: ScheduledSampling{Kind: "linear", K: 1}}},
		{"ahead", variationalConfig(), TrainOptions{
			ScheduledSampling: ScheduledSampling{Kind: "linear", K: 1}, Latent: LatentOptions{AggressiveSteps: 3, AggressiveUpdates: 2, Guard: "adapt"},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := test.o
			o.MaxSteps, o.BatchSentences, o.ValidateEvery = 4, 10, 2
			whole := newModel(t, test.c, data, 3)
			train(t, whole, data, data[:5], &o)
			within := false
			for n := 1; ; n += apart {
				o.Checkpoint.State = filepath.Join(t.TempDir(), "state")
				ctx := &countdown{t.Context(), n}
				stopped, last := false, 0
				for p, err := range newModel(t, test.c, data, 3).Train(ctx, data, data[:5], &o) {
					if stopped = err != nil; !stopped {
						last = p.Step
					}
				}
				if !stopped {
					break
				}
				within = within || n > last+1 // a step without draws looks once
				m := newModel(t, test.c, data, 3)
				train(t, m, data, data[:5], &o)
				if !slices.Equal(weights(m), weights(whole)) {
					t.Errorf("stopped after %d looks at the context, in step %d: other weights", n, last+1)
				}
			}
			if !within {
				t.Error("no training is stopped within a step")
			}
		})
	}
}

// TestObjectiveState holds that a state stores the guard's actions, under the same key as earlier files.
func TestObjectiveState(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 30))
	o := TrainOptions{MaxSteps: 4, BatchSentences: 10, ValidateEvery: 2, Latent: LatentOptions{Weight: 1000, Guard: "adapt"}}
	o.Checkpoint.State = filepath.Join(t.TempDir(), "state")
	train(t, newModel(t, variationalConfig(), data, 1), data, data, &o)
	f, closeFile, err := open(o.Checkpoint.State, kindState)
	if err != nil {
		t.Fatal(err)
	}
	defer closeFile()
	var at struct{ Latent latentState }
	if err := json.Unmarshal([]byte(f.Metadata()[metaPosition]), &at); err != nil {
		t.Fatal(err)
	}
	want := latentState{Halved: 2, Collapsed: 2}
	if at.Latent != want {
		t.Errorf("the state keeps %+v: want %+v", at.Latent, want)
	}
	tr, err := newModel(t, variationalConfig(), data, 1).newTrainer(t.Context(), data, data, &o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&want, tr.objective.state()); diff != "" {
		t.Error("restored:", diff)
	}
	if v := tr.objective.(*variational); v.weight(4) != 250 {
		t.Errorf("the divergence weighs %v: want a quarter of 1000", v.weight(4))
	}
}

func TestFigures(t *testing.T) {
	var sum lossSums
	for _, n := range []int{1, 3} {
		s := lossSums{}
		s.Tokens = n
		s.note("vector.divergence", "nats a sentence", 2*float64(n), n)
		s.note("vector.norm", "", 8, n)
		sum.add(s)
	}
	got := sum.figures()
	if diff := cmp.Diff(Figures{{"vector.divergence", 2, "nats a sentence"}, {"vector.norm", 4, ""}}, got); diff != "" || sum.Tokens != 4 {
		t.Errorf("%d tokens, figures: %s", sum.Tokens, diff)
	}
	if v, ok := got.Of("vector.norm"); v != 4 || !ok {
		t.Errorf("vector.norm is %v, %v: want 4", v, ok)
	}
	if v, ok := got.Of("norm"); v != 0 || ok {
		t.Errorf("norm is %v, %v: want none", v, ok)
	}
	want := map[string]map[string]float64{"vector": {"divergence": 2, "norm": 4}}
	if diff := cmp.Diff(want, got.Groups()); diff != "" {
		t.Error("groups:", diff)
	}
}

// TestCorrupted holds that noise changes a batch but not the training pairs, with other draws each time.
func TestCorrupted(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 30))
	tr, err := newModel(t, smallConfig(), data, 1).newTrainer(t.Context(), data, nil, &TrainOptions{Noise: reversing{0.5}})
	if err != nil {
		t.Fatal(err)
	}
	was := sources(tr.train)
	rng := rand.New(rand.NewPCG(1, 1))
	indices := []int{4, 2, 9, 7, 11, 20}
	first, err := tr.corrupted(indices, rng)
	if err != nil {
		t.Fatal(err)
	}
	second, err := tr.corrupted(indices, rng)
	if err != nil {
		t.Fatal(err)
	}
	changed, again := 0, 0
	for i, k := range indices {
		if !slices.Equal(first[i].src, tr.train[k].src) {
			changed++
		}
		if !slices.Equal(first[i].src, second[i].src) {
			again++
		}
		if !slices.Equal(first[i].tgt, tr.train[k].tgt) {
			t.Errorf("target %d has changed", k)
		}
	}
	if changed == 0 || changed == len(indices) || again == 0 {
		t.Errorf("%d sources are corrupted, %d otherwise the next time: want some", changed, again)
	}
	if diff := cmp.Diff(ids(was), ids(sources(tr.train))); diff != "" {
		t.Error("the training pairs have changed:", diff)
	}
}
