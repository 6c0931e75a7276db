package seq2seq

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/retell-rnn/retell/corpora"
)

// weighted returns the examples with weights.
func weighted(examples []corpora.Example, weights ...float64) []corpora.Example {
	out := slices.Clone(examples)
	for i := range out {
		out[i].Weight = weights[i%len(weights)]
	}
	return out
}

// TestWeights holds that gradients are linear in the examples' weights, with every term of the loss.
func TestWeights(t *testing.T) {
	data := collect(t, corpora.Task("reverse", 5, 8))
	for name, c := range map[string]func() (*Model, TrainOptions){
		"writer": func() (*Model, TrainOptions) {
			return newModel(t, smallConfig(), data, 1), TrainOptions{LabelSmoothing: 0.1}
		},
		"copying": func() (*Model, TrainOptions) {
			c := smallConfig()
			c.Decoder.Copy, c.Target.MaxSize = true, 5
			return newModel(t, c, data, 1), TrainOptions{}
		},
		"variational": func() (*Model, TrainOptions) {
			return newModel(t, variationalConfig(), data, 1), TrainOptions{Latent: LatentOptions{Weight: 0.5}}
		},
		"risk": func() (*Model, TrainOptions) {
			return newModel(t, smallConfig(), data, 1), TrainOptions{Risk: RiskOptions{Metric: "chrf", Samples: 4, Sharpness: 1}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, o := c()
			checkLinear(t, m, data, o)
		})
	}
	t.Run("classifier", func(t *testing.T) {
		data := labeled(8)
		checkLinear(t, newClassifier(t, classifierConfig("max"), data, 1), data, TrainOptions{})
	})
}

func checkLinear(t *testing.T, of aNetwork, data []corpora.Example, o TrainOptions) {
	t.Helper()
	m := of.network()
	gradients := func(weights ...float64) []float64 {
		tr, err := m.newTrainer(t.Context(), weighted(data, weights...), nil, &o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tr.gradients(t.Context(), tr.epoch(), rand.New(rand.NewPCG(1, 1))); err != nil {
			t.Fatal(err)
		}
		var all []float64
		for p := range m.net.params.All() {
			grad := make([]float64, len(p.W))
			p.GradRows(func(at int, _, g []float32) {
				for i, v := range g {
					grad[at+i] = float64(v)
				}
			})
			all = append(all, grad...)
		}
		return all
	}
	one, left, right := gradients(1), gradients(3, 1), gradients(1, 3)
	if !slices.Equal(one, gradients(0)) {
		t.Error("weights of 0 and 1 differ")
	}
	differ := 0
	for i := range one {
		if diff := left[i] + right[i] - 4*one[i]; math.Abs(diff) > 1e-4*(1+math.Abs(left[i])+math.Abs(right[i])) {
			t.Fatalf("gradient %d is %g and %g with weights of 3 for every other example: want a sum of %g", i, left[i], right[i], 4*one[i])
		}
		if math.Abs(left[i]-right[i]) > 1e-4 {
			differ++
		}
	}
	if differ == 0 {
		t.Error("weights of different examples give the same gradients")
	}
}

// TestWeightsOfTraining holds that weights of 1 change no bit, that other weights change the training hash, and that
// validation ignores weights.
func TestWeightsOfTraining(t *testing.T) {
	data := collect(t, corpora.Task("sort", 2, 40))
	run := func(learn, valid []corpora.Example) (*Model, []Progress) {
		m := newModel(t, smallConfig(), data, 1)
		return m, train(t, m, learn, valid, &TrainOptions{Epochs: 2, BatchSentences: 8})
	}
	plain, steps := run(data[:30], data[30:])
	ones, _ := run(weighted(data[:30], 1), weighted(data[30:], 7))
	if diff := cmp.Diff(plain.Summary(), ones.Summary()); diff != "" || !slices.Equal(weights(plain), weights(ones)) {
		t.Error("weights of 1 change the training:", diff)
	}
	other, otherSteps := run(weighted(data[:30], 1, 5), data[30:])
	if s := other.Summary(); s.TrainHash == plain.Summary().TrainHash || slices.Equal(weights(other), weights(plain)) {
		t.Errorf("weights of 5 give the same weights or the hash %s of all weights 1", s.TrainHash)
	}
	if otherSteps[0].Loss != steps[0].Loss {
		t.Errorf("the first step's loss is %g with weights: want %g as without", otherSteps[0].Loss, steps[0].Loss)
	}
	for _, w := range []float64{-1, 1e-9, math.Inf(1), math.NaN()} {
		for _, err := range newModel(t, smallConfig(), data, 1).Train(context.Background(), weighted(data, 1, 1, w), nil, nil) {
			if err == nil || !strings.Contains(err.Error(), "example 3 (") || !strings.Contains(err.Error(), "want 1e-06 to 1e+06") {
				t.Errorf("weight %v: error %v: want one about example 3", w, err)
			}
			break
		}
	}
}
