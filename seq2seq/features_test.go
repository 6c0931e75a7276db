package seq2seq

import (
	"context"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// features lists changes of a configuration. What TestFeatures checks must hold for each of them.
var features = map[string]func(c *Config){
	"tied output":            func(c *Config) { c.TiedEmbeddings, c.Decoder.AttentionSize = TieOutput, c.Decoder.Embedding },
	"tied output, projected": func(c *Config) { c.TiedEmbeddings = TieOutput },
	"tied": func(c *Config) {
		c.SharedVocab, c.TiedEmbeddings = true, TieAll
		c.Decoder.Attention, c.Decoder.InputFeeding = "none", false
	},
	"residual": func(c *Config) {
		c.Encoder.Layers, c.Decoder.Layers, c.Encoder.Residual, c.Decoder.Residual = 3, 3, true, true
	},
	"levels": func(c *Config) {
		c.Encoder.Levels, c.Encoder.Hidden, c.Encoder.Residual, c.VariationalDropout = 1, 12, true, true
	},
	"layer norm": func(c *Config) {
		c.Encoder.LayerNorm, c.Decoder.LayerNorm, c.Decoder.Cell, c.RecurrentDropout = true, true, "gru", 0.1
	},
	"coverage": func(c *Config) { c.Decoder.Attention, c.Decoder.Coverage = "bahdanau", true },
	"copying":  func(c *Config) { c.Decoder.Copy, c.Target.MaxSize = true, 5 },
	"copying, tied, with coverage": func(c *Config) {
		c.Decoder.Attention, c.Decoder.Coverage, c.Decoder.Copy, c.TiedEmbeddings = "concat", true, true, TieOutput
	},
	"factors": func(c *Config) {
		c.Encoder.Factors = FactorConfig{Stem: "english", Case: true, Shape: true, Columns: 2, Size: 3, Buckets: 50}
	},
	"factors, summed": func(c *Config) { c.Encoder.Factors = FactorConfig{Shape: true, Columns: 1, Join: "sum"} },
	"variational dropout": func(c *Config) {
		c.Dropout, c.VariationalDropout, c.RecurrentDropout, c.EmbeddingDropout = 0.2, true, 0.1, 0.1
	},
	"recurrent dropout of a GRU": func(c *Config) { c.Encoder.Cell, c.RecurrentDropout = "gru", 0.2 },
	"minimal gated units":        func(c *Config) { c.Encoder.Cell, c.RecurrentDropout, c.Decoder.LayerNorm = rnn.MGU, 0.1, true },
	"peepholes":                  func(c *Config) { c.Encoder.Cell, c.RecurrentDropout, c.Decoder.LayerNorm = rnn.Peephole, 0.1, true },
	"characters": func(c *Config) {
		c.Source.Kind, c.Source.MinCount = tokenize.Words, 30
		c.Encoder.Chars, c.Encoder.WordDropout = CharConfig{Hidden: 6, Size: 4, Buckets: 300, Dropout: 0.1}, 0.3
	},
	"word dropout": func(c *Config) { c.Encoder.WordDropout, c.Decoder.WordDropout = 0.2, 0.5 },
}

// TestFeatures holds, for every feature, that training has the same bits on any number of cores and after a stop, that
// the stepwise loss equals the graph's loss, that a saved model equals the model, and that it learns one batch.
func TestFeatures(t *testing.T) {
	data := collect(t, corpora.Task("reverse", 5, 56))
	learn, valid := data[:48], data[48:]
	for name, change := range features {
		t.Run(name, func(t *testing.T) {
			c := smallConfig()
			c.Encoder.Layers, c.Decoder.Layers, c.Encoder.Bidirectional, c.Dropout = 2, 2, true, 0.1
			change(&c)
			o := TrainOptions{Epochs: 2, BatchSentences: 16, Seed: 4, Schedule: rnn.Schedule{Rate: 0.01}}
			if c.Decoder.Coverage {
				o.CoverageLoss = 1
			}
			run := func(procs int) *Model {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
				m := newModel(t, c, learn, 3)
				train(t, m, learn, valid, &o)
				return m
			}
			m := run(1)
			if !slices.Equal(weights(m), weights(run(3))) {
				t.Error("three cores give other weights than one")
			}
			o.Checkpoint.State = filepath.Join(t.TempDir(), "state")
			o.Checkpoint.Model = filepath.Join(t.TempDir(), "model")
			for p, err := range newModel(t, c, learn, 3).Train(context.Background(), learn, valid, &o) {
				if err != nil {
					t.Fatal(err)
				}
				if p.Step == 2 {
					break
				}
			}
			again := newModel(t, c, learn, 3)
			train(t, again, learn, valid, &o)
			if !slices.Equal(weights(m), weights(again)) {
				t.Error("a stop gives other weights")
			}
			saved, err := Load(o.Checkpoint.Model)
			if err != nil {
				t.Fatal(err)
			}
			src := sourcesOf(valid)
			got := collect(t, saved.Translate(context.Background(), lines(src...), nil))
			if diff := cmp.Diff(got, collect(t, m.Translate(context.Background(), lines(src...), nil))); diff != "" {
				t.Error("translations of the saved model:", diff)
			}
			if diff := cmp.Diff(got[3:4], collect(t, m.Translate(context.Background(), lines(src[3]), nil))); diff != "" {
				t.Error("a translation alone:", diff)
			}
			checkLoss(t, m, valid)
		})
	}
}

// checkLoss compares the stepwise loss with the graph's loss.
func checkLoss(t *testing.T, m *Model, data []corpora.Example) {
	t.Helper()
	r, err := m.Evaluate(context.Background(), data, nil)
	if err != nil {
		t.Fatal(err)
	}
	var pass rnn.Pass
	var stats rnn.LossStats
	pass.Start(nil)
	m.net.loss(&pass, m.encodePairs(data, false, nil), lossTerms{stats: &stats})
	if err := pass.Forward(); err != nil {
		t.Fatal(err)
	}
	if want := stats.NLL / float64(stats.Tokens); math.Abs(r.Loss-want) > 1e-6 {
		t.Errorf("loss by steps %.9g: want %.9g", r.Loss, want)
	}
}
