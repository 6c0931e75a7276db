package seqae

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

// smallConfig returns an autoencoder that learns short lines in a second.
func smallConfig() Config {
	c := DefaultConfig()
	c.Model.Source = tokenize.Config{Kind: tokenize.Space}
	c.Model.Target = c.Model.Source
	c.Model.Encoder.Hidden, c.Model.Encoder.Embedding = 48, 24
	c.Model.Decoder.Hidden, c.Model.Decoder.Embedding = 48, 24
	c.Model.Bottleneck.Size = 32
	c.Model.Init.Matrices, c.Model.Init.Orthogonal = "glorot", true
	return c
}

// digits returns n distinct lines of up to four digits.
func digits(n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = strings.Join(strings.Split(fmt.Sprint((i*7919+13)%10_000), ""), " ")
	}
	return lines
}

// train trains a model on all lines but the last 100, which are its validation lines.
func train(tb testing.TB, c Config, lines []string, o seq2seq.TrainOptions) (*Model, []Progress) {
	tb.Helper()
	m, err := New(c, lines, 1)
	if err != nil {
		tb.Fatal(err)
	}
	o.Schedule.Kind, o.Schedule.Rate, o.BatchSentences = "constant", 0.01, 32
	var all []Progress
	for p, err := range m.Train(context.Background(), lines[:len(lines)-100], lines[len(lines)-100:], &o) {
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, p)
	}
	return m, all
}

// TestRewrites trains each kind of autoencoder from scratch until it reconstructs unseen lines.
func TestRewrites(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	for name, change := range map[string]func(*Config){
		"plain":     func(*Config) {},
		"denoising": func(c *Config) { c.Objective.Noise = Noise{Mask: 0.05, Drop: 0.02} },
		"unit-gru":  func(c *Config) { c.Model.Bottleneck.Unit, c.Model.Encoder.Cell = true, "gru" },
	} {
		t.Run(name, func(t *testing.T) {
			c := smallConfig()
			change(&c)
			_, all := train(t, c, digits(4000), seq2seq.TrainOptions{Epochs: 16})
			r := all[len(all)-1].Rewritten
			if r == nil || r.Lines != 100 || r.Exact < 0.9 || r.Accuracy < r.Exact || len(r.Samples) != 3 {
				t.Errorf("%+v: want at least 90 of 100 lines back", r)
			}
		})
	}
}

func TestNext(t *testing.T) {
	c := smallConfig()
	c.Objective.Next = true
	if got := c.Objective.Examples([]string{"a", "b", "", "c", "d", "e"}); len(got) != 3 || got[0].Source != "a" || got[0].Targets[0] != "b" || got[2].Targets[0] != "e" {
		t.Errorf("examples %v: want a-b, c-d, d-e", got)
	}
	_, all := train(t, c, digits(400), seq2seq.TrainOptions{MaxSteps: 3})
	if p := all[len(all)-1]; p.Validation == nil || p.Rewritten != nil {
		t.Errorf("progress %+v: want a validation without reconstructions", p)
	}
}

func TestSaveAndLoad(t *testing.T) {
	c := smallConfig()
	c.Objective.Noise.Mask = 0.1
	m, _ := train(t, c, digits(300), seq2seq.TrainOptions{MaxSteps: 2})
	path := filepath.Join(t.TempDir(), "m")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	l, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if l.Config() != m.Config() || l.Config().Kinds() != "denoising" {
		t.Errorf("loaded %+v: want %+v", l.Config(), m.Config())
	}
	was, err1 := m.vectors(context.Background(), "1 2 3")
	is, err2 := l.vectors(context.Background(), "1 2 3")
	if err1 != nil || err2 != nil || !slices.Equal(was[0], is[0]) {
		t.Errorf("vector %v, %v: want that of the model saved, %v, %v", is, err2, was, err1)
	}
	if _, err := seq2seq.Load(path); err == nil || !strings.Contains(err.Error(), "is a seqae file") {
		t.Errorf("seq2seq.Load: %v: want a refusal", err)
	}
}

// TestVocabularyCountsOnce holds that a line, though both source and target, counts once.
func TestVocabularyCountsOnce(t *testing.T) {
	c := smallConfig()
	c.Model.Source.MinCount = 2
	c.Model.Target = c.Model.Source
	m, err := New(c, []string{"a b", "a c"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Source().Tokens("a b c"); !slices.Equal(got, []string{"a", "b", "c"}) || m.Source().Size() != 5 {
		t.Errorf("tokens %q in a vocabulary of %d: want tokens of a vocabulary of 4 special tokens and 1 word", got, m.Source().Size())
	}
}

func TestNoise(t *testing.T) {
	ids := make([]int32, 2000)
	for i := range ids {
		ids[i] = int32(10 + i)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	apply := func(n Noise, ids []int32) []int32 {
		before := slices.Clone(ids)
		out, target := (&corruption{Noise: n, tokens: []int32{7}}).Corrupt(rng, ids, ids)
		if !slices.Equal(ids, before) {
			t.Fatalf("%+v changed its input", n)
		}
		if n.Vary == 0 && !slices.Equal(target, ids) || n.Vary > 0 && !slices.Equal(target, out) {
			t.Fatalf("%+v: target %v of source %v", n, target, out)
		}
		return out
	}
	share := func(ids []int32, id int32) float64 {
		n := 0
		for _, x := range ids {
			if x == id {
				n++
			}
		}
		return float64(n) / 2000
	}
	if got := apply(Noise{}, ids); !slices.Equal(got, ids) {
		t.Error("the zero Noise changes the tokens")
	}
	if got := apply(Noise{Drop: 0.3}, ids); math.Abs(float64(len(got))/2000-0.7) > 0.05 || !slices.IsSorted(got) {
		t.Errorf("drop: %d of 2000 are left: want 70 %% in order", len(got))
	}
	if got := apply(Noise{Mask: 0.2}, ids); len(got) != 2000 || math.Abs(share(got, tokenize.Unk)-0.2) > 0.04 {
		t.Errorf("mask: %v are <unk>: want 0.2", share(got, tokenize.Unk))
	}
	if got := apply(Noise{Substitute: 0.1}, ids); len(got) != 2000 || math.Abs(share(got, 7)-0.1) > 0.03 {
		t.Errorf("substitute: %v: want 0.1", share(got, 7))
	}
	if got := apply(Noise{Vary: 0.1}, ids); len(got) != 2000 || math.Abs(share(got, 7)-0.1) > 0.03 {
		t.Errorf("vary: %v: want 0.1", share(got, 7))
	}
	if got := apply(Noise{Insert: 0.1}, ids); math.Abs(share(got, 7)-0.1) > 0.03 || len(got) != 2000+int(math.Round(2000*share(got, 7))) {
		t.Errorf("insert: %v: want 0.1 in addition to all others", share(got, 7))
	}
	moved := 0
	for i, id := range apply(Noise{Shuffle: 3}, ids) {
		d := int(id) - 10 - i
		if d < -3 || d > 3 {
			t.Fatalf("shuffle: token %d moved by %d: want 3 at most", id, d)
		}
		if d != 0 {
			moved++
		}
	}
	if moved < 1000 {
		t.Errorf("shuffle: %d of 2000 moved: want most", moved)
	}
	if got := apply(Noise{Drop: 1}, ids[:3]); len(got) != 1 {
		t.Errorf("dropping everything leaves %v: want one token", got)
	}
	if err := (Noise{Drop: 1.5, Shuffle: -1}).Validate(); err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("Validate: %v: want two violations", err)
	}
}

// TestPaths holds that both paths include their ends, and that a great circle stays on the sphere.
func TestPaths(t *testing.T) {
	a, b := []float32{1, 0, 0}, []float32{0, 0.6, 0.8}
	for _, p := range []Path{Line, GreatCircle} {
		for i, end := range [][]float32{a, b} {
			for j, v := range p.at(a, b, float64(i)) {
				if math.Abs(float64(v-end[j])) > 1e-6 {
					t.Errorf("%s at %d: %v: want %v", p, i, p.at(a, b, float64(i)), end)
				}
			}
		}
	}
	for _, x := range []float64{0.25, 0.5, 0.9} {
		v := GreatCircle.at(a, b, x)
		if norm := float64(v[0]*v[0] + v[1]*v[1] + v[2]*v[2]); math.Abs(norm-1) > 1e-6 {
			t.Errorf("great circle at %v: %v of length² %v: want 1", x, v, norm)
		}
	}
	if v := GreatCircle.at(a, a, 0.5); v[0] != 1 {
		t.Errorf("great circle from a vector to itself: %v", v)
	}
}

// TestFit fits a distribution to vectors drawn from a known one and compares their moments.
func TestFit(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var drawn [][]float32
	for range 20_000 {
		x, y := rng.NormFloat64(), rng.NormFloat64()
		drawn = append(drawn, []float32{float32(1 + 2*x), float32(x + 0.5*y)})
	}
	g, err := Fit(drawn)
	if err != nil {
		t.Fatal(err)
	}
	var sum [2]float64
	var xx, xy, yy float64
	const n = 20_000
	for range n {
		v := g.Draw(rng, 1)
		sum[0], sum[1] = sum[0]+float64(v[0]), sum[1]+float64(v[1])
		x, y := float64(v[0])-1, float64(v[1])
		xx, xy, yy = xx+x*x, xy+x*y, yy+y*y
	}
	for name, c := range map[string][2]float64{
		"mean x": {sum[0] / n, 1}, "mean y": {sum[1] / n, 0}, "variance x": {xx / n, 4}, "covariance": {xy / n, 2}, "variance y": {yy / n, 1.25},
	} {
		if math.Abs(c[0]-c[1]) > 0.1 {
			t.Errorf("%s: %.3f: want %.2f", name, c[0], c[1])
		}
	}
	if v := g.Draw(rng, 0); math.Abs(float64(v[0])-1) > 0.05 {
		t.Errorf("temperature 0: %v: want the mean", v)
	}
	if _, err := Fit(drawn[:1]); err == nil {
		t.Error("a distribution of one vector: want an error")
	}
}

func TestUses(t *testing.T) {
	ctx := context.Background()
	m, _ := train(t, smallConfig(), digits(600), seq2seq.TrainOptions{MaxSteps: 60})
	var all []Reconstruction
	for r, err := range m.Reconstruct(ctx, corpora.Stream([]string{"1 2 3", "", "4 5"}), nil) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	if len(all) != 3 || all[1].Text != "" || !all[1].Exact || all[1].Edits != 0 {
		t.Errorf("reconstructions %+v: want three, the empty one exact", all)
	}
	for _, r := range all {
		if r.Exact != (r.Edits == 0) {
			t.Errorf("%q → %q: exact %v with %d edits", r.Source, r.Text, r.Exact, r.Edits)
		}
	}
	for _, path := range []Path{Line, GreatCircle} {
		texts, err := m.Interpolate(ctx, "1 2 3", "4 5", 5, path, nil)
		if err != nil || len(texts) != 5 || texts[0] != all[0].Text || texts[4] != all[2].Text {
			t.Errorf("%s: %q, %v: want five from %q to %q", path, texts, err, all[0].Text, all[2].Text)
		}
	}
	if text, err := m.Analogy(ctx, "1 2 3", "1 2 3", "4 5", nil); err != nil || text != all[2].Text {
		t.Errorf("analogy of nothing: %q, %v: want %q", text, err, all[2].Text)
	}
	if _, err := m.Prior(); err == nil {
		t.Error("the prior of a plain autoencoder: want an error")
	}
	vectors, err := m.vectors(ctx, digits(50)...)
	if err != nil {
		t.Fatal(err)
	}
	g, err := Fit(vectors)
	if err != nil {
		t.Fatal(err)
	}
	same := func() []string {
		texts, err := m.Sample(ctx, g, 4, 0.8, rand.New(rand.NewPCG(1, 1)), nil)
		if err != nil {
			t.Fatal(err)
		}
		return texts
	}
	if a, b := same(), same(); len(a) != 4 || !slices.Equal(a, b) {
		t.Errorf("samples %q and %q: want four, equal for equal seeds", a, b)
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{func() error { _, err := m.Interpolate(ctx, "1", "2", 1, Line, nil); return err }(), "1 points"},
		{func() error { _, err := m.Interpolate(ctx, "1", "2", 3, "curve", nil); return err }(), `path "curve"`},
		{func() error { _, err := m.Interpolate(ctx, "1", "  ", 3, Line, nil); return err }(), `text 2: "  ": its vector is zero`},
		{func() error {
			_, err := m.Sample(ctx, g, 1, math.NaN(), rand.New(rand.NewPCG(1, 1)), nil)
			return err
		}(), "temperature NaN"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v: want %q", c.err, c.want)
		}
	}
}

func TestValidate(t *testing.T) {
	c := smallConfig()
	c.Model.Bottleneck = seq2seq.BottleneckConfig{}
	c.Objective.Noise.Drop = 2
	err := c.Validate()
	for _, want := range []string{"model.bottleneck.size: 0", "autoencoder.noise.drop: 2"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q", err, want)
		}
	}
}

// TestDefaultWritesAnyText holds that the tokenizers of the default configuration can represent any text.
func TestDefaultWritesAnyText(t *testing.T) {
	m, err := New(DefaultConfig(), []string{"a dog runs", "a cat sleeps"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	source, target := m.Source(), m.Target()
	const line = "une espèce d'animal 犬"
	ids := source.Encode(line)
	if slices.Contains(ids, tokenize.Unk) || target.Decode(ids) != line {
		t.Errorf("%q is read as %q", line, source.Tokens(line))
	}
}
