package seq2seq

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// embedderConfig returns a small embedder whose tokens stand between spaces.
func embedderConfig() Config {
	c := DefaultEmbedderConfig()
	c.Source = tokenize.Config{Kind: tokenize.Space}
	c.Target = c.Source
	c.Encoder.Embedding, c.Encoder.Frequency, c.Encoder.NGrams = 16, 0, NGramConfig{}
	c.Bottleneck.Size = 16
	return c
}

// recurrentEmbedderConfig is embedderConfig with a layer and dropout.
func recurrentEmbedderConfig() Config {
	c := embedderConfig()
	c.Encoder.Layers, c.Encoder.Hidden, c.Dropout = 1, 12, 0.1
	c.Bottleneck.Pool, c.Bottleneck.Projection, c.Bottleneck.Skip = "mean+max", rnn.ProjectLinear, rnn.SkipGate
	return c
}

// ngramConfig is embedderConfig with n-grams and pairs of words.
func ngramConfig() Config {
	c := embedderConfig()
	c.Source.Kind, c.Target.Kind = tokenize.Words, tokenize.Words
	c.Encoder.NGrams = NGramConfig{Max: 3, Buckets: 300, Pairs: true}
	c.Encoder.Frequency = 0.01
	return c
}

// jointConfig returns a small autoencoder.
func jointConfig() Config {
	c := embedderConfig()
	c.Encoder.Layers, c.Encoder.Hidden = 1, 16
	c.Bottleneck.Projection = ""
	c.Decoder = DecoderConfig{Layers: 1, Hidden: 16, Embedding: 8, Attention: rnn.NoAttention}
	return c
}

// joinedConfig is jointConfig with a vector whose first part is the mean of weighted n-grams.
func joinedConfig() Config {
	c := jointConfig()
	c.Source.Kind, c.Target.Kind = tokenize.Words, tokenize.Words
	c.Encoder.NGrams, c.Encoder.Frequency = NGramConfig{Max: 3, Buckets: 300, Only: true}, 0.01
	c.Bottleneck.Skip, c.Bottleneck.Size, c.Bottleneck.Contrast, c.Bottleneck.Unit = rnn.SkipJoin, 24, 16, false
	return c
}

// twoLanguages returns n sentences of made-up words, each with its translation word by word.
func twoLanguages(n int, seed uint64) []corpora.Example {
	rng := rand.New(rand.NewPCG(seed, 0))
	out := make([]corpora.Example, n)
	for i := range out {
		var a, b []string
		for range 3 + rng.IntN(4) {
			w := rng.IntN(30)
			a, b = append(a, fmt.Sprint("a", w)), append(b, fmt.Sprint("b", w))
		}
		out[i] = corpora.Example{Source: strings.Join(a, " "), Targets: []string{strings.Join(b, " ")}}
	}
	return out
}

func newEmbedder(tb testing.TB, c Config, data []corpora.Example, seed uint64) *Network {
	tb.Helper()
	source, target, err := Learn(c, data)
	if err != nil {
		tb.Fatal(err)
	}
	m, err := NewNetwork(c, source, target, seed)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// TestContrastLearnsRetrieval holds that an embedder learns which sentence translates another, with every loss.
func TestContrastLearnsRetrieval(t *testing.T) {
	data := twoLanguages(500, 1)
	learn, valid := data[:400], data[400:]
	recurrent := recurrentEmbedderConfig()
	recurrent.Dropout = 0
	for name, test := range map[string]struct {
		c Config
		o ContrastOptions
	}{
		"mean":      {embedderConfig(), ContrastOptions{}},
		"margin":    {embedderConfig(), ContrastOptions{Loss: rnn.MarginLoss}},
		"sizes":     {embedderConfig(), ContrastOptions{Sizes: []int{8, 16}, Chunk: 30}},
		"mined":     {embedderConfig(), ContrastOptions{Mine: 1}},
		"recurrent": {recurrent, ContrastOptions{}},
	} {
		if testing.Short() && name != "sizes" {
			continue
		}
		m := newEmbedder(t, test.c, data, 1)
		before, err := m.Validate(t.Context(), valid, &TrainOptions{Contrast: test.o})
		if err != nil {
			t.Fatal(err)
		}
		o := TrainOptions{Epochs: 12, BatchSentences: 50, Contrast: test.o, Schedule: rnn.Schedule{Kind: "constant", Rate: 0.02}, ValidateBy: "recall@1"}
		train(t, m, learn, valid, &o)
		after, err := m.Validate(t.Context(), valid, &o)
		if err != nil {
			t.Fatal(err)
		}
		was, _ := before.Figures.Of(figureFound)
		is, _ := after.Figures.Of(figureFound)
		if was > 0.2 || is < 0.8 {
			t.Errorf("%s: %v of the sentences find their translation, %v before training: want most, and few", name, is, was)
		}
		if !(after.Loss < before.Loss/2) {
			t.Errorf("%s: loss %v, %v before training", name, after.Loss, before.Loss)
		}
	}
}

// TestContrastFiles holds that an embedder comes back from its file, and that its vectors do not depend on the batch.
func TestContrastFiles(t *testing.T) {
	data := twoLanguages(120, 1)
	for _, c := range []Config{embedderConfig(), recurrentEmbedderConfig(), ngramConfig()} {
		m := newEmbedder(t, c, data, 1)
		path := filepath.Join(t.TempDir(), "m.retell")
		train(t, m, data[:100], data[100:], &TrainOptions{Epochs: 2, BatchSentences: 20, Checkpoint: Checkpoint{Model: path}})
		e, err := LoadEmbedder(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := append(sources1(data[:70]), "")
		vectors := embeddings(t, &Model{m}, nil, lines...)
		for i, v := range embeddings(t, &Model{e.Network}, &EmbedOptions{BatchSentences: 1}, lines...) {
			if !slices.Equal(v, vectors[i]) || len(v) != e.VectorSize() {
				t.Errorf("line %d: another vector alone, from the file", i)
			}
		}
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "is an embedder file") {
			t.Errorf("loading an embedder as a model: %v", err)
		}
		if _, err := ModelOf(m); err == nil {
			t.Error("an embedder is a model")
		}
	}
}

// TestVectorsInTraining holds that a graph and the packed network give the same vectors.
func TestVectorsInTraining(t *testing.T) {
	data := twoLanguages(30, 1)
	for name, c := range map[string]Config{"recurrent": recurrentEmbedderConfig(), "n-grams": ngramConfig(), "joint": jointConfig(), "joined": joinedConfig()} {
		m := newEmbedder(t, c, data, 1)
		o := m.options(&TrainOptions{Contrast: ContrastOptions{Weight: 1}})
		if gate := m.net.params.Get("bottleneck.gate"); gate != nil {
			for i := range gate.W {
				gate.W[i] = 0.5
			}
		}
		pairs := m.encodeSets(data, &o)
		z, err := (&contrast{Network: m, o: &o, pass: new(rnn.Pass)}).vectors(pairs, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range embeddings(t, &Model{m}, nil, sources1(data)...) {
			for k := range v {
				if math.Abs(float64(v[k]-z[i*len(v)+k])) > 1e-5 {
					t.Fatalf("%s: line %d: number %d is %v in a graph: want %v", name, i, k, z[i*len(v)+k], v[k])
				}
			}
		}
	}
}

// TestContrastIsDeterministic holds that a training with contrast has the same bits on any number of cores, and if it
// is stopped at any step.
func TestContrastIsDeterministic(t *testing.T) {
	data := twoLanguages(90, 1)
	for i := range data {
		data[i].Corpus = i % 2 * 3
		if i%6 == 0 {
			data[i].Targets = append(data[i].Targets, "a1 b2 "+data[i].Source)
		}
		if i%3 == 2 {
			score := float64(i%5) / 4
			data[i].Judged = &score
			data[i].Targets = data[i].Targets[:1]
		}
	}
	for name, test := range map[string]struct {
		c Config
		o ContrastOptions
	}{
		"embedder": {recurrentEmbedderConfig(), ContrastOptions{Mine: 1}},
		"n-grams":  {ngramConfig(), ContrastOptions{}},
		"chunks":   {recurrentEmbedderConfig(), ContrastOptions{Chunk: 7}},
		"joint":    {jointConfig(), ContrastOptions{Weight: 0.5}},
		"joined":   {joinedConfig(), ContrastOptions{Weight: 0.5}},
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name != "chunks" {
				t.Skip("left out with -short")
			}
			o := TrainOptions{Epochs: 2, BatchSentences: 10, Seed: 4, Contrast: test.o, Mixture: MixtureOptions{Power: 0.5}, ValidateEvery: 3}
			run := func(o TrainOptions, procs int) []float32 {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
				m := newEmbedder(t, test.c, data, 3)
				train(t, m, data[:72], data[72:], &o)
				return weights(m)
			}
			whole := run(o, 1)
			if !slices.Equal(run(o, 3), whole) {
				t.Error("other weights on three cores")
			}
			for n := range 12 {
				if testing.Short() && n != 4 {
					continue
				}
				o := o
				o.Checkpoint.State = filepath.Join(t.TempDir(), "state")
				for _, err := range newEmbedder(t, test.c, data, 3).Train(&countdown{t.Context(), n}, data[:72], data[72:], &o) {
					if err == nil {
						continue
					}
				}
				if !slices.Equal(run(o, 2), whole) {
					t.Errorf("stopped after %d looks at the context: other weights", n)
				}
			}
		})
	}
}

// TestChunks holds that chunks give the gradients of whole batches, up to rounding.
func TestChunks(t *testing.T) {
	data := twoLanguages(40, 1)
	configs := map[string]Config{"mean": embedderConfig(), "n-grams": ngramConfig(), "recurrent": recurrentEmbedderConfig(), "joint": jointConfig(), "joined": joinedConfig()}
	for name, c := range configs {
		c.Dropout = 0
		gradients := func(chunk int) []float64 {
			m := newEmbedder(t, c, data, 3)
			o := &TrainOptions{BatchSentences: 40, Contrast: ContrastOptions{Weight: 1, Chunk: chunk}}
			tr, err := m.newTrainer(t.Context(), data, nil, o)
			if err != nil {
				t.Fatal(err)
			}
			sum, err := tr.gradients(t.Context(), tr.epoch()[:1], rand.New(rand.NewPCG(1, 1)))
			if err != nil {
				t.Fatal(err)
			}
			out := []float64{sum.NLL / float64(sum.Tokens)}
			for p := range m.net.params.All() {
				g := make([]float32, len(p.W))
				p.GradRows(func(at int, _, v []float32) { copy(g[at:], v) })
				for _, v := range g {
					out = append(out, float64(v))
				}
			}
			return out
		}
		want := gradients(0)
		top := 0.0
		for _, v := range want {
			top = max(top, math.Abs(v))
		}
		for _, chunk := range []int{1, 7, 79, 1000} {
			for i, v := range gradients(chunk) {
				if math.Abs(v-want[i]) > 1e-5*top {
					t.Errorf("%s: chunks of %d: number %d is %v: want %v", name, chunk, i, v, want[i])
					break
				}
			}
		}
	}
}
