package seq2seq

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
)

// TestPartsCoverAll holds that every parameter of every kind of model belongs to a part.
func TestPartsCoverAll(t *testing.T) {
	data := pairsOf("a b", "b a")
	full, vector := smallConfig(), smallConfig()
	full.Decoder.Attention, full.Decoder.Coverage, full.Decoder.Copy = "bahdanau", true, true
	full.TiedEmbeddings, full.Encoder.Factors, full.Encoder.LayerNorm = TieOutput, FactorConfig{Case: true}, true
	full.Encoder.Hidden, full.Encoder.Layers = 64, 2
	vector.Decoder.Attention, vector.Decoder.InputFeeding = "none", false
	vector.Bottleneck = BottleneckConfig{Size: 8, Pool: "attention", Variational: true}
	labels := DefaultClassifierConfig()
	labels.Classifier.Pool = "attention"
	for _, c := range []Config{full, vector, labels} {
		source, target, err := Learn(c, data)
		if err != nil {
			t.Fatal(err)
		}
		n, err := NewNetwork(c, source, target, 1)
		if err != nil {
			t.Fatal(err)
		}
		for p := range n.net.params.All() {
			if partOf(p.Name) == "" {
				t.Errorf("%s belongs to no part", p.Name)
			}
		}
	}
}

// TestFreeze holds that training changes no bit of frozen parts, with every optimizer, that it changes all other parts,
// and that it resumes to the same bits.
func TestFreeze(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 60))
	for _, test := range []struct {
		freeze []string
		o      TrainOptions
		tied   Tying
	}{
		{[]string{"encoder"}, TrainOptions{Average: 0.9}, ""},
		{[]string{"embeddings"}, TrainOptions{Optimizer: OptimizerOptions{Kind: "adamw", Decay: 0.1}, Average: 0.9}, ""},
		{[]string{"source_embeddings", "attention"}, TrainOptions{Optimizer: OptimizerOptions{Kind: "sgd", Momentum: 0.9, Decay: 0.1}}, ""},
		{[]string{"output"}, TrainOptions{}, TieOutput},
		{[]string{"decoder", "target_embeddings"}, TrainOptions{Average: 0.99}, ""},
	} {
		t.Run(strings.Join(test.freeze, ","), func(t *testing.T) {
			c := smallConfig()
			c.TiedEmbeddings = test.tied
			before, m := newModel(t, c, data, 1), newModel(t, c, data, 1)
			o := test.o
			o.Epochs, o.BatchSentences, o.Freeze = 2, 16, test.freeze
			train(t, m, data, data[:8], &o)
			frozen := map[string]bool{}
			for _, part := range test.freeze {
				for _, p := range m.net.paramsOf(part) {
					frozen[p.Name] = true
				}
			}
			if test.tied == TieOutput && !frozen["target.embedding.weight"] {
				t.Error("the output layer's matrix is not frozen with it")
			}
			for p := range m.net.params.All() {
				if same := slices.Equal(p.W, before.net.params.Get(p.Name).W); same != frozen[p.Name] {
					t.Errorf("%s has stayed: %v: want %v", p.Name, same, frozen[p.Name])
				}
			}
			o.Checkpoint.State = filepath.Join(t.TempDir(), "state")
			for p, err := range newModel(t, c, data, 1).Train(context.Background(), data, data[:8], &o) {
				if err != nil {
					t.Fatal(err)
				}
				if p.Step == 5 {
					break
				}
			}
			again := newModel(t, c, data, 1)
			train(t, again, data, data[:8], &o)
			if !slices.Equal(weights(again), weights(m)) {
				t.Error("other weights after a stop")
			}
		})
	}
}

// TestFreezeNorm holds that frozen gradients do not count in the clipped norm, and that the next training thaws all
// parts.
func TestFreezeNorm(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 16))
	c := smallConfig()
	norm := func(m *Model, freeze ...string) float64 {
		return train(t, m, data, nil, &TrainOptions{MaxSteps: 1, Freeze: freeze})[0].GradNorm
	}
	all := norm(newModel(t, c, data, 1))
	m := newModel(t, c, data, 1)
	some := norm(m, "encoder", "decoder", "embeddings")
	if !(some > 0 && some < all) {
		t.Errorf("norm %v with frozen parts, %v without: want less", some, all)
	}
	was := slices.Clone(m.net.params.Get("encoder.0.weight_hh").W)
	norm(m)
	if slices.Equal(was, m.net.params.Get("encoder.0.weight_hh").W) {
		t.Error("the encoder is still frozen in the next training")
	}
}

func TestFreezeRefuses(t *testing.T) {
	data := pairsOf("a b", "b a")
	for want, freeze := range map[string][]string{
		`options: freeze: "head": want attention, bottleneck, bridge, decoder, `:                          {"head"},
		"the model has no parameters of its bottleneck: want some of attention, decoder, embeddings, enc": {"bottleneck"},
		"all parameters are frozen: want some to train":                                                   {"encoder", "decoder", "attention", "embeddings", "output"},
		"its bottleneck: want some of attention, decoder, embeddings, encoder, output, source_embeddings": {"encoder", "bottleneck"},
	} {
		var err error
		for _, err = range newModel(t, smallConfig(), data, 1).Train(context.Background(), data, nil, &TrainOptions{Freeze: freeze}) {
			break
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("freezing %v: error %v: want %q", freeze, err, want)
		}
	}
}
