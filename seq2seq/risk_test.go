package seq2seq

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
)

func TestRiskOptions(t *testing.T) {
	if err := (RiskOptions{Metric: "ter", Samples: 5, Sharpness: 0.1}).Validate(); err != nil {
		t.Error(err)
	}
	for _, o := range []RiskOptions{{Metric: "bleus"}, {Samples: 3}, {Metric: "bleu", Samples: -1}, {Metric: "bleu", Sharpness: -1}} {
		if o.Validate() == nil {
			t.Errorf("%+v is valid", o)
		}
	}
	for _, c := range []struct {
		metric, text string
		low, high    float64
	}{
		{"bleu", "a b c d", -1e-9, 1e-9},
		{"bleu", "x y z", 0.99, 1},
		{"bleu", "a b c x", 0.2, 0.7},
		{"wer", "a b c d", 0, 0},
		{"wer", "a b x d", 0.25, 0.25},
	} {
		m, err := RiskOptions{Metric: c.metric}.metric()
		if err != nil {
			t.Fatal(err)
		}
		if got := riskOf(m, c.text, "a b c d"); got < c.low || got > c.high {
			t.Errorf("%s risk of %q is %v: want %v to %v", c.metric, c.text, got, c.low, c.high)
		}
	}
}

// TestRiskGradient compares the gradient with central differences of the expected risk over the same translations.
func TestRiskGradient(t *testing.T) {
	c := smallConfig()
	c.Dropout = 0.3 // risk training turns it off
	t.Run("generating", func(t *testing.T) { checkRiskGradient(t, c) })
	c.Decoder.Copy = true
	t.Run("copying", func(t *testing.T) { checkRiskGradient(t, c) })
}

func checkRiskGradient(t *testing.T, c Config) {
	data := collect(t, corpora.Task("reverse", 1, 6))
	m := newModel(t, c, data, 1)
	for p := range m.net.params.All() { // far from uniform, so that translations differ
		kernel.Scale(4, p.W)
	}
	o := TrainOptions{Risk: RiskOptions{Metric: "wer", Samples: 8, Sharpness: 0.5}}
	tr, err := m.newTrainer(t.Context(), data, nil, &o)
	if err != nil {
		t.Fatal(err)
	}
	objective := tr.objective.(*minimumRisk)
	drawn, err := objective.drawRiskSets(t.Context(), tr.train, rand.New(rand.NewPCG(7, 7)))
	if err != nil {
		t.Fatal(err)
	}
	most := 0
	for _, c := range drawn {
		most = max(most, len(c.pairs))
	}
	if most < 4 {
		t.Fatalf("%d translations at most: want a few", most)
	}
	risk := func() float64 {
		m.changed()
		sum := 0.0
		for _, c := range drawn {
			f, mem := m.inference(manyRows), new(rnn.Buffers)
			again := riskSet{c.pairs, make([]float64, len(c.pairs)), c.risks}
			s := f.decode(mem, f.encode(mem, sources(c.pairs)), 0)
			err := search.Force(t.Context(), s, targets(c.pairs), func(at search.Row, token int32) {
				again.logProbs[at.Hypothesis] += float64(at.Logits[token]) - float64(kernel.LogSumExp(at.Logits))
			})
			if err != nil {
				t.Fatal(err)
			}
			r, _ := again.expected(o.Risk.Sharpness)
			sum += r
		}
		return sum
	}
	m.net.params.ZeroGrads()
	stats, err := objective.gradients(t.Context(), batch{pairs: tr.train, rng: rand.New(rand.NewPCG(7, 7))})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(stats.NLL-risk()) > 1e-4 || stats.Tokens != len(tr.train) {
		t.Errorf("risk %g of %d sentences: want %g of %d", stats.NLL, stats.Tokens, risk(), len(tr.train))
	}
	compareDirections(t, m, risk)
}

// compareDirections compares the gradients of a model with the change of a risk along a direction near the gradient.
func compareDirections(t *testing.T, m *Model, risk func() float64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 3))
	for p := range m.net.params.All() {
		var grads []float32
		p.GradRows(func(at int, _, g []float32) {
			if grads == nil {
				grads = make([]float32, len(p.W))
			}
			copy(grads[at:], g)
		})
		// Rounding affects the change along the gradient least.
		norm := 0.0
		for _, g := range grads {
			norm += float64(g) * float64(g)
		}
		if norm = math.Sqrt(norm); norm < 1e-4 {
			continue
		}
		direction := make([]float32, len(grads))
		for i, g := range grads {
			direction[i] = g/float32(norm) + float32(rng.NormFloat64()/math.Sqrt(float64(len(grads)))/4)
		}
		want := 0.0
		for i, d := range direction {
			want += float64(d) * float64(grads[i])
		}
		const eps = 5e-3
		was := slices.Clone(p.W)
		kernel.Axpy(eps, direction, p.W)
		up := risk()
		copy(p.W, was)
		kernel.Axpy(-eps, direction, p.W)
		down := risk()
		copy(p.W, was)
		if got := (up - down) / (2 * eps); math.Abs(got-want) > 0.02*math.Abs(want)+2e-4 {
			t.Errorf("%s: the risk changes by %g along a direction: want %g", p.Name, got, want)
		}
	}
}

// TestRiskTraining lowers the edit rate of a partly trained model.
func TestRiskTraining(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for a second: left out with -short")
	}
	data := collect(t, corpora.Task("copy", 1, 200))
	m := newModel(t, smallConfig(), data, 1)
	train(t, m, data, nil, &TrainOptions{Epochs: 12, BatchSentences: 16, Schedule: rnn.Schedule{Rate: 0.01}})
	steps := train(t, m, data, nil, &TrainOptions{
		Epochs: 12, BatchSentences: 16, Schedule: rnn.Schedule{Rate: 0.001}, Risk: RiskOptions{Metric: "wer", Samples: 10, Sharpness: 0.5},
	})
	mean := func(ps []Progress) float64 {
		sum := 0.0
		for _, p := range ps {
			sum += p.Loss
		}
		return sum / float64(len(ps))
	}
	n := len(steps) / 12
	if before, after := mean(steps[:n]), mean(steps[len(steps)-n:]); after > 0.8*before {
		t.Errorf("the expected edit rate goes from %.3f to %.3f: want it to fall by a fifth", before, after)
	} else {
		t.Logf("the expected edit rate goes from %.3f to %.3f", before, after)
	}
}
