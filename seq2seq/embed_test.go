package seq2seq

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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

// sameLines returns lines of made-up words as sources, with the same lines as targets.
func sameLines(n int) []corpora.Example {
	var out []corpora.Example
	for i := range n {
		line := strings.Join(strings.Split(fmt.Sprint(1000+i*37%9000), ""), " ")
		out = append(out, corpora.Example{Source: line, Targets: []string{line}})
	}
	return out
}

// bottlenecked returns a small model with a bottleneck, trained on sameLines.
func bottlenecked(t *testing.T, change func(*Config), o TrainOptions) (*Model, []corpora.Example, []Progress) {
	t.Helper()
	c := DefaultConfig()
	c.Source = tokenize.Config{Kind: tokenize.Space}
	c.Target, c.SharedVocab = c.Source, true
	c.Encoder.Hidden, c.Encoder.Embedding, c.Decoder.Hidden, c.Decoder.Embedding = 24, 12, 24, 12
	c.Decoder.Attention, c.Decoder.InputFeeding, c.Dropout = "none", false, 0
	c.Bottleneck = BottleneckConfig{Size: 16}
	change(&c)
	data := sameLines(300)
	source, target, err := Learn(c, data)
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(c, source, target, 1)
	if err != nil {
		t.Fatal(err)
	}
	var all []Progress
	if o.Schedule.Rate == 0 {
		o.Schedule.Kind, o.Schedule.Rate = "constant", 0.01
	}
	for p, err := range m.Train(context.Background(), data[:250], data[250:], &o) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return m, data, all
}

func embeddings(t *testing.T, m *Model, o *EmbedOptions, lines ...string) [][]float32 {
	t.Helper()
	var out [][]float32
	for e, err := range m.Embed(context.Background(), corpora.Stream(lines), o) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Text != lines[len(out)] {
			t.Fatalf("vector %d is of %q: want %q", len(out), e.Text, lines[len(out)])
		}
		out = append(out, e.Vector)
	}
	return out
}

func sources1(data []corpora.Example) []string {
	var out []string
	for _, e := range data {
		out = append(out, e.Source)
	}
	return out
}

// TestEmbed holds that a line's vector is bit-identical whatever the other lines, and that decoding it gives the line's
// translation.
func TestEmbed(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"mean":        func(*Config) {},
		"last-feed":   func(c *Config) { c.Bottleneck.Pool, c.Bottleneck.Condition = "last", true },
		"max-unit":    func(c *Config) { c.Bottleneck.Pool, c.Bottleneck.Unit, c.Encoder.Cell = "max", true, "gru" },
		"attention":   func(c *Config) { c.Bottleneck.Pool, c.Decoder.Layers = "attention", 2 },
		"variational": func(c *Config) { c.Bottleneck.Variational = true },
		"none":        func(c *Config) { c.Bottleneck.Size = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			m, data, _ := bottlenecked(t, change, TrainOptions{MaxSteps: 20})
			lines := append([]string{"", "1 2 3 4 5 6 7 8 9 0 1 2 3"}, sources1(data[:70])...)
			all := embeddings(t, m, nil, lines...)
			for _, i := range []int{1, 2, 30, 71} {
				if alone := embeddings(t, m, &EmbedOptions{BatchSentences: 1}, lines[i])[0]; !slices.Equal(alone, all[i]) {
					t.Errorf("the vector of line %d differs between alone and among %d lines", i, len(lines))
				}
			}
			if slices.ContainsFunc(all[0], func(x float32) bool { return x != 0 }) {
				t.Errorf("vector of the empty line %v: want zeros", all[0])
			}
			if m.config.Bottleneck.Size == 0 {
				return
			}
			search := &SearchOptions{Beam: 2, MaxLengthConstant: 40, MaxLengthRatio: 1e-9}
			var want, got []string
			for tr, err := range m.Translate(context.Background(), corpora.Stream(lines), search) {
				if err != nil {
					t.Fatal(err)
				}
				want = append(want, tr.Text)
			}
			for tr, err := range vectorModel(t, m).Decode(context.Background(), corpora.Stream(all), search) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, tr.Text)
			}
			if !slices.Equal(got, want) {
				t.Errorf("decoded %q: want %q", got, want)
			}
		})
	}
}

// TestNothingLeaks holds that the decoder sees the source only through the vector: two sources with the same vector
// have equal translations, scores and gradients.
func TestNothingLeaks(t *testing.T) {
	m, data, _ := bottlenecked(t, func(c *Config) { c.Bottleneck.Condition = true }, TrainOptions{MaxSteps: 5})
	w := m.net.params.Get("bottleneck.mean.weight")
	clear(w.W) // the vector of every sentence is the bias
	m.changed()
	var first []float64
	for s, err := range m.Score(context.Background(), corpora.Stream([]corpora.Example{
		{Source: data[0].Source, Targets: []string{"1 2 3"}}, {Source: "9 9 9 9 9 9 9", Targets: []string{"1 2 3"}},
	}), nil) {
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = s.Targets[0].LogProbs
		} else if !slices.Equal(first, s.Targets[0].LogProbs) {
			t.Errorf("log-probabilities %v: want %v, as for another source with the same vector", s.Targets[0].LogProbs, first)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	m, _, _ := bottlenecked(t, func(*Config) {}, TrainOptions{MaxSteps: 1})
	nan := make([]float32, 16)
	nan[3] = float32(math.NaN())
	for _, c := range []struct {
		vectors [][]float32
		want    string
	}{
		{[][]float32{make([]float32, 16), make([]float32, 15)}, "vector 2 has 15 numbers: want 16"},
		{[][]float32{nan}, "vector 1: number 4 is NaN"},
	} {
		var last error
		for _, err := range vectorModel(t, m).Decode(context.Background(), corpora.Stream(c.vectors), nil) {
			last = err
		}
		if last == nil || !strings.Contains(last.Error(), c.want) {
			t.Errorf("error %v: want %q", last, c.want)
		}
	}
}

// TestWordVectors holds that pooling words returns the mean of the embedded tokens, whatever the other lines.
func TestWordVectors(t *testing.T) {
	m, _, _ := bottlenecked(t, func(*Config) {}, TrainOptions{MaxSteps: 1})
	o := &EmbedOptions{Pool: "words"}
	if n, err := m.EmbeddingSize(o); err != nil || n != 12 {
		t.Errorf("size %d, error %v: want the size of an embedded token, 12", n, err)
	}
	vectors := embeddings(t, m, o, "1 2 2", "2 1 2", "", "9")
	ids := m.source.Encode("1 2 2")
	for j, got := range vectors[0] {
		one, two := m.net.source.Weight.W[int(ids[0])*12+j], m.net.source.Weight.W[int(ids[1])*12+j]
		if want := (one + 2*two) / 3; math.Abs(float64(got-want)) > 1e-6 || math.Abs(float64(vectors[1][j]-want)) > 1e-6 {
			t.Errorf("number %d is %v, and %v in another order: want %v", j, got, vectors[1][j], want)
		}
		if vectors[2][j] != 0 {
			t.Errorf("number %d of a line without tokens is %v: want 0", j, vectors[2][j])
		}
	}
}

// TestVariationalTraining holds that a variational model learns with every way of annealing, and that its figures are
// plausible.
func TestVariationalTraining(t *testing.T) {
	for _, anneal := range []Anneal{AnnealConstant, AnnealLinear, AnnealLogistic, AnnealCyclical} {
		_, _, all := bottlenecked(t, func(c *Config) { c.Bottleneck.Variational = true }, TrainOptions{
			MaxSteps: 60, Latent: LatentOptions{Anneal: anneal, Steps: 40, FreeBits: 0.1, AggressiveSteps: 3, AggressiveUpdates: 2},
		})
		first, last := all[0], all[len(all)-1]
		if d, ok := first.Figures.Of(figureDivergence); !(last.Loss < first.Loss) || !ok || !(d > 0) {
			t.Errorf("%s: loss from %v to %v, divergence %v: want a falling loss and a divergence", anneal, first.Loss, last.Loss, d)
		}
		found := last.Validation.Figures
		d, ok1 := found.Of(figureDivergence)
		mutual, ok2 := found.Of(figureMutual)
		if !ok1 || !ok2 || d <= 0 || mutual < 0 || mutual > 3.92 { // log 50
			t.Errorf("%s: figures %+v: want a divergence and a mutual information of 0 to log 50", anneal, found)
		}
	}
}

// TestGuard trains a model that must ignore its vector, because the divergence costs far more than the vector gains.
func TestGuard(t *testing.T) {
	_, _, all := bottlenecked(t, func(c *Config) { c.Bottleneck.Variational = true }, TrainOptions{
		Epochs: 30, Latent: LatentOptions{Weight: 1000, Guard: "stop"},
	})
	last := all[len(all)-1]
	gain, ok := last.Validation.Figures.Of(figureGain)
	if !strings.Contains(last.End, "ignores the vector") || !ok || gain >= ignoredGain || last.Epoch == 30 {
		t.Errorf("end %q in epoch %d: want the guard's", last.End, last.Epoch)
	}
}

// reversing is a Noise with a visible effect.
type reversing struct{ Rate float64 }

func (r reversing) Corrupt(rng *rand.Rand, source, target []int32) (s, t []int32) {
	s = slices.Clone(source)
	if rng.Float64() < r.Rate {
		slices.Reverse(s)
	}
	return s, target
}

// TestResumeWithLatent stops a training with noise and random vectors, and resumes it to the same bits.
func TestResumeWithLatent(t *testing.T) {
	dir := t.TempDir()
	variational := func(c *Config) { c.Bottleneck.Variational = true }
	o := TrainOptions{MaxSteps: 14, ValidateEvery: 3, Noise: reversing{0.5}, Latent: LatentOptions{
		Anneal: "linear", Steps: 10, AggressiveSteps: 9, AggressiveUpdates: 2, Guard: "adapt",
	}}
	whole, _, _ := bottlenecked(t, variational, o)
	o.Checkpoint.State = filepath.Join(dir, "state")
	for _, steps := range []int{3, 9, 14} {
		o.MaxSteps = steps
		part, _, _ := bottlenecked(t, variational, o)
		if steps < 14 {
			continue
		}
		for p := range whole.net.params.All() {
			if !slices.Equal(p.W, part.net.params.Get(p.Name).W) {
				t.Errorf("%s differs from the one of a training without a stop", p.Name)
			}
		}
	}
	var log strings.Builder
	o.Noise, o.Log = reversing{0.25}, slog.New(slog.NewTextHandler(&log, nil))
	bottlenecked(t, variational, o)
	if want := "setting=train.noise.Rate was=0.5 is=0.25"; !strings.Contains(log.String(), want) {
		t.Errorf("log %s: want %s", &log, want)
	}
}

func TestKinds(t *testing.T) {
	m, _, _ := bottlenecked(t, func(*Config) {}, TrainOptions{MaxSteps: 1})
	path := filepath.Join(t.TempDir(), "m")
	if err := m.SetKind("special", map[string]int{"n": 7}); err != nil {
		t.Fatal(err)
	}
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "is a special file: want a seq2seq file") {
		t.Errorf("Load: %v: want an error that names the kinds", err)
	}
	var about map[string]int
	l, err := LoadKind(path, "special")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.About(&about); err != nil || about["n"] != 7 || l.Kind() != "special" {
		t.Errorf("kind %q, about %v, error %v: want special and 7", l.Kind(), about, err)
	}
	if l, err = LoadKind(path, AnyKind); err != nil || l.Kind() != "special" {
		t.Errorf("LoadKind of any kind: %v", err)
	}
}

// TestEmbedPieces holds that a line's vector has the same bits alone, in one batch of several pieces, in small batches,
// and on any number of cores.
func TestEmbedPieces(t *testing.T) {
	lines := []string{"", "dog"}
	for _, e := range sameLines(2 * embedPiece) {
		lines = append(lines, strings.Repeat("dogs ", len(lines)%9)+e.Source)
	}
	lines[embedPiece] = " "
	for name, change := range map[string]func(*Config){
		"mean":   func(*Config) {},
		"ngrams": func(c *Config) { c.Encoder.NGrams = NGramConfig{Max: 4, Buckets: 500, Pairs: true} },
		"lstm": func(c *Config) {
			c.Encoder.Layers, c.Encoder.Hidden, c.Bottleneck.Projection = 1, 24, rnn.ProjectLinear
			c.Encoder.Bidirectional = true
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := DefaultEmbedderConfig()
			c.Encoder.Embedding, c.Bottleneck.Size, c.Encoder.NGrams.Buckets = 16, 16, 1<<10
			change(&c)
			e, _, err := BeginEmbedder(c, sameLines(50), 1, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, net := range []*Network{e.Network, e.Quantize().Network} {
				m := &Model{Network: net}
				want := embeddings(t, m, nil, lines...)
				small := embeddings(t, m, &EmbedOptions{BatchSentences: 7}, lines...)
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
				three := embeddings(t, m, nil, lines...)
				for i, line := range lines {
					if !slices.Equal(small[i], want[i]) || !slices.Equal(three[i], want[i]) {
						t.Fatalf("the vector of line %d depends on the batch or the cores", i)
					}
					if i%40 < 2 && !slices.Equal(embeddings(t, m, nil, line)[0], want[i]) {
						t.Fatalf("the vector of line %d differs alone", i)
					}
				}
			}
		})
	}
}

// TestEmbedStops holds that the end of the context ends a batch that is under way.
func TestEmbedStops(t *testing.T) {
	m, _, _ := bottlenecked(t, func(*Config) {}, TrainOptions{MaxSteps: 1})
	cause := errors.New("cause")
	ctx, cancel := context.WithCancelCause(t.Context())
	lines := func(yield func(string, error) bool) {
		_ = yield("1 2", nil) && yield("3", nil)
		cancel(cause) // after the last line was read
	}
	var all []error
	for _, err := range m.Embed(ctx, lines, nil) {
		all = append(all, err)
	}
	if len(all) != 1 || !errors.Is(all[0], cause) {
		t.Errorf("results with the errors %v: want %v alone", all, cause)
	}
}
