package seq2seq

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/tokenize"
)

// pairsOf makes examples from alternating sources and targets.
func pairsOf(lines ...string) []corpora.Example {
	var out []corpora.Example
	for i := 0; i < len(lines); i += 2 {
		out = append(out, corpora.Example{Source: lines[i], Targets: []string{lines[i+1]}})
	}
	return out
}

func begin(tb testing.TB, c Config, train []corpora.Example, o *BeginOptions) *Model {
	tb.Helper()
	m, _, err := Begin(c, train, 9, o)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func tokens(c *tokenize.Codec) []string {
	var out []string
	for id := range int32(c.Size()) {
		out = append(out, c.Vocab().Token(id))
	}
	return out
}

// TestBeginExtends holds that old rows keep their places and values, that new words follow them, and that new rows
// begin with a mean. It covers every way in which parameters have rows for a vocabulary.
func TestBeginExtends(t *testing.T) {
	old, more := pairsOf("a b c", "x y", "b a", "y z"), pairsOf("a d", "x w", "e b", "w v")
	for name, change := range map[string]func(*Config){
		"plain":    func(*Config) {},
		"tied":     func(c *Config) { c.TiedEmbeddings = TieOutput },
		"tied all": func(c *Config) { c.SharedVocab, c.TiedEmbeddings = true, TieAll },
		"shared":   func(c *Config) { c.SharedVocab = true },
		"copy":     func(c *Config) { c.Decoder.Copy = true },
		"factors":  func(c *Config) { c.Encoder.Factors = FactorConfig{Case: true, Buckets: 5} },
	} {
		t.Run(name, func(t *testing.T) {
			c := smallConfig()
			change(&c)
			base := newModel(t, c, old, 1)
			train(t, base, old, nil, &TrainOptions{Epochs: 3, BatchSentences: 2})
			m := begin(t, base.Config(), more, &BeginOptions{From: base.Network, Name: "base.retell"})
			for _, s := range []struct{ was, is *tokenize.Codec }{{base.source, m.source}, {base.target, m.target}} {
				if !extends(s.is, s.was) || s.is.Size() != s.was.Size()+2 && !c.SharedVocab || s.is.Size() != s.was.Size()+4 && c.SharedVocab {
					t.Errorf("tokens %q became %q: want the new words after them", tokens(s.was), tokens(s.is))
				}
			}
			for p := range m.net.params.All() {
				was := base.net.params.Get(p.Name)
				if !slices.Equal(p.W[:len(was.W)], was.W) {
					t.Errorf("%s: old values have changed", p.Name)
				}
				side := m.sideOf(p)
				if side.codec == nil {
					if len(p.W) != len(was.W) {
						t.Errorf("%s has grown", p.Name)
					}
					continue
				}
				row := len(p.W) / side.codec.Size()
				mean := make([]float64, row)
				n := len(was.W)/row - symbols
				for i, w := range was.W[symbols*row:] {
					mean[i%row] += float64(w) / float64(n)
				}
				for i, w := range p.W[len(was.W):] {
					if d := float64(w) - mean[i%row]; d > 1e-6 || d < -1e-6 {
						t.Fatalf("%s: new value %v: want the mean of the old rows, %v", p.Name, w, mean[i%row])
					}
				}
			}
			o := m.Summary().Origin
			taken, of := base.Parameters(), m.Parameters()
			if o == nil || *o != (Origin{"base.retell", kindModel, base.Fingerprint(), base.Summary().Steps, taken, of}) {
				t.Errorf("origin %+v: want %d of %d numbers", o, taken, of)
			}
			train(t, m, more, nil, &TrainOptions{Epochs: 1, BatchSentences: 2})
		})
	}
}

// TestBeginSpells holds that the embedding of a new subword begins with the mean over the old subwords that spelled it.
func TestBeginSpells(t *testing.T) {
	old := pairsOf("ab cd", "ab cd")
	c := smallConfig()
	c.Source = tokenize.Config{Kind: tokenize.BPE, Merges: 1}
	c.Target = c.Source
	base := newModel(t, c, old, 1)
	more := pairsOf("abcd abcd abcd", "ab", "abcd abcd", "ab")
	m := begin(t, base.Config(), more, &BeginOptions{From: base.Network, Extend: 2})
	if m.source.Size() != base.source.Size()+2 {
		t.Fatalf("%d tokens of %d: want 2 more", m.source.Size(), base.source.Size())
	}
	e := m.net.source
	for id := base.source.Size(); id < m.source.Size(); id++ {
		text := m.source.Decode([]int32{int32(id)})
		ids := base.source.Encode(text)
		if len(ids) < 2 {
			t.Fatalf("%q is not spelled by several tokens", text)
		}
		for i, w := range e.Weight.W[id*e.Size:][:e.Size] {
			var sum float64
			for _, k := range ids {
				sum += float64(base.net.source.Weight.W[int(k)*e.Size+i])
			}
			if d := float64(w) - sum/float64(len(ids)); d > 1e-6 || d < -1e-6 {
				t.Fatalf("%q: %v: want the mean of the tokens that spell it, %v", text, w, sum/float64(len(ids)))
			}
		}
	}
}

// TestExtension checks how many tokens each setting adds.
func TestExtension(t *testing.T) {
	words := newModel(t, smallConfig(), pairsOf("a b", "a b"), 1).source
	for text, want := range map[string]int{"unknown": 3, "none": 0, "0": 0, "all": 3, "2": 2} {
		var e Extension
		if err := e.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		c, err := e.Codec(words, corpora.Stream([]string{"a c d", "e"}))
		if err != nil || c.Size()-words.Size() != want {
			t.Errorf("%s adds %d tokens, error %v: want %d", text, c.Size()-words.Size(), err, want)
		}
	}
	for _, config := range []tokenize.Config{{Merges: 1}, {Kind: tokenize.BPE, Merges: 1}, {Kind: tokenize.Chars}} {
		c, err := tokenize.Learn(config, corpora.Stream([]string{"ab ab"}))
		if err != nil {
			t.Fatal(err)
		}
		d, err := ExtendUnknown.Codec(c, corpora.Stream([]string{"xy xy ab xy"}))
		if err != nil || d.Size() != c.Size()+2 || len(d.Unseen("xy ab")) > 0 {
			t.Errorf("%s: unknown adds %d tokens, error %v: want x and y", config.Kind, d.Size()-c.Size(), err)
		}
		if d, err := ExtendUnknown.Codec(c, corpora.Stream([]string{"ab ab ab", "ba"})); err != nil || d != c {
			t.Errorf("%s: unknown extends a tokenizer that has all characters, error %v", config.Kind, err)
		}
	}
	c, err := tokenize.Learn(tokenize.Config{Merges: 1, MinCount: 2}, corpora.Stream([]string{"ab ab"}))
	if err != nil {
		t.Fatal(err)
	}
	if d, err := ExtendUnknown.Codec(c, corpora.Stream([]string{"xyy ab"})); err != nil || d.Size() != c.Size()+1 {
		t.Errorf("unknown adds %d tokens, error %v: want y alone, which is seen twice", d.Size()-c.Size(), err)
	}
	for _, text := range []string{"-1", "some", "1.5", ""} {
		if err := new(Extension).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is valid: want an error", text)
		}
	}
}

// TestBeginRefuses holds that one error names all settings that contradict the donor, and that other settings are used.
func TestBeginRefuses(t *testing.T) {
	data := pairsOf("a b", "b a")
	base := newModel(t, smallConfig(), data, 1)
	c := base.Config()
	c.Encoder.Hidden, c.Decoder.Residual, c.Source.Lowercase = 64, true, true
	_, _, err := Begin(c, data, 1, &BeginOptions{From: base.Network, Name: "base.retell"})
	if err == nil {
		t.Fatal("no error: want one about three settings")
	}
	for _, want := range []string{
		"encoder.hidden: 64, where base.retell has 32", "decoder.residual: true, where base.retell has false",
		"source.lowercase: true, where base.retell has false", "train.from_partial",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %v: want %q", err, want)
		}
	}
	m := begin(t, c, pairsOf("C b", "b c"), &BeginOptions{From: base.Network, Partial: true})
	if m.Config().Encoder.Hidden != 64 || !slices.Contains(tokens(m.source), "c") || slices.Contains(tokens(m.source), "a") {
		t.Errorf("hidden %d, tokens %q: want the given settings", m.Config().Encoder.Hidden, tokens(m.source))
	}
	c = base.Config()
	c.Dropout, c.Encoder.WordDropout, c.Decoder.Copy = 0.4, 0.1, true
	if m = begin(t, c, data, &BeginOptions{From: base.Network}); m.Config() != c {
		t.Errorf("configuration %+v: want %+v", m.Config(), c)
	}
	if _, _, err := Begin(c, data, 1, &BeginOptions{From: base.Quantize().Network}); err == nil || !strings.Contains(err.Error(), "quantized") {
		t.Errorf("error %v: want one about a quantized model", err)
	}
}

// TestTrainFromTooLittle holds that a training refuses From if few weights fit, except with FromPartial.
func TestTrainFromTooLittle(t *testing.T) {
	data := pairsOf("a b", "b a")
	c := smallConfig()
	path := filepath.Join(t.TempDir(), "base.retell")
	if err := newModel(t, c, data, 1).Save(path); err != nil {
		t.Fatal(err)
	}
	c.Encoder.Hidden, c.Encoder.Embedding, c.Decoder.Hidden, c.Decoder.Embedding = 16, 8, 16, 8
	o := &TrainOptions{MaxSteps: 1, From: path}
	first := func() (err error) {
		for _, err = range newModel(t, c, data, 1).Train(context.Background(), data, nil, o) {
			break
		}
		return err
	}
	err := first()
	for _, want := range []string{"too little of the model fits, 6 of ", "encoder.hidden: 16, where base.retell has 32"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v: want %q", err, want)
		}
	}
	o.FromPartial = true
	if err := first(); err != nil {
		t.Error(err)
	}
}

// TestBeginGivenTokenizers holds that given tokenizers are used unchanged, with and without From.
func TestBeginGivenTokenizers(t *testing.T) {
	old, data := pairsOf("a b", "b a"), pairsOf("a c", "c d")
	base := newModel(t, smallConfig(), old, 1)
	given, err := tokenize.Learn(tokenize.Config{Kind: tokenize.Space}, corpora.Stream([]string{"q b a"}))
	if err != nil {
		t.Fatal(err)
	}
	c := smallConfig()
	m := begin(t, c, data, &BeginOptions{Source: given})
	if m.source != given || !slices.Contains(tokens(m.target), "d") {
		t.Errorf("tokens %q and %q: want the given ones and learned ones", tokens(m.source), tokens(m.target))
	}
	m = begin(t, base.Config(), data, &BeginOptions{From: base.Network, Source: given})
	row := func(m *Model) []float32 {
		id, _ := m.source.Vocab().ID("b")
		return m.net.source.Weight.W[int(id)*m.net.source.Size:][:m.net.source.Size]
	}
	if m.source != given || !slices.Equal(row(m), row(base)) {
		t.Error("rows of a given tokenizer differ from the donor's rows of the same tokens")
	}
	c.Source.Kind = tokenize.Chars
	if _, _, err := Begin(c, data, 1, &BeginOptions{Source: given}); err == nil || !strings.Contains(err.Error(), "source.kind: chars, where the given tokenizer has space") {
		t.Errorf("error %v: want one about the kind", err)
	}
}

// TestBeginClassifier checks the labels of a classifier that begins with another one, and that a classifier begun with
// a translator has its encoder.
func TestBeginClassifier(t *testing.T) {
	c := DefaultClassifierConfig()
	c.Encoder.Hidden, c.Encoder.Embedding = 8, 4
	base, _, err := BeginClassifier(c, pairsOf("a b", "good", "b c", "bad"), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		labels, want []string
		kept         bool
	}{
		{[]string{"bad", "bad"}, []string{"bad", "good"}, true},
		{[]string{"good", "fair"}, []string{"bad", "good", "fair"}, true},
		{[]string{"no", "yes"}, []string{"no", "yes"}, false},
	} {
		data := pairsOf("a", test.labels[0], "d", test.labels[1])
		m, _, err := BeginClassifier(base.Config(), data, 2, &BeginOptions{From: base.Network})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(m.Labels(), test.want) || m.Kind() != KindClassifier {
			t.Errorf("labels %v make %v: want %v", test.labels, m.Labels(), test.want)
		}
		old, now := base.net.params.Get("labels.weight").W, m.net.params.Get("labels.weight").W
		if kept := slices.Equal(old, now[:min(len(now), len(old))]); kept != test.kept {
			t.Errorf("labels %v, label layer kept: %v", test.labels, kept)
		}
		if !slices.Equal(base.net.params.Get("encoder.0.weight_hh").W, m.net.params.Get("encoder.0.weight_hh").W) {
			t.Error("the encoder differs")
		}
	}
}

// TestBeginTiedWithEncoder holds that a model with one tied matrix gives its embedding to a model with two matrices.
func TestBeginTiedWithEncoder(t *testing.T) {
	c := smallConfig()
	c.SharedVocab, c.TiedEmbeddings = true, TieAll
	base := newModel(t, c, pairsOf("a b", "b a"), 1)
	o := &BeginOptions{From: base.Network, Kind: KindClassifier}
	d := DefaultClassifierConfig()
	m, _, err := BeginClassifier(o.Inherit(d), pairsOf("a", "x", "b", "y"), 1, o)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(m.net.source.Weight.W, base.net.params.Get("target.embedding.weight").W) {
		t.Error("the embedding differs")
	}
}

// TestBeginWithEmbedder holds that a classifier and a translator begin with the encoder of an embedder, whether it
// reads tokens or only their n-grams.
func TestBeginWithEmbedder(t *testing.T) {
	for _, only := range []bool{false, true} {
		c := embedderConfig()
		c.Encoder.NGrams = NGramConfig{Buckets: 300, Max: 3, Only: only}
		base, _, err := BeginEmbedder(c, pairsOf("a b", "b a", "c", "d"), 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		o := &BeginOptions{From: base.Network, Kind: KindClassifier}
		m, _, err := BeginClassifier(o.Inherit(DefaultClassifierConfig()), pairsOf("a", "x", "b", "y"), 1, o)
		if err != nil {
			t.Fatalf("n-grams only %v: %v", only, err)
		}
		if !slices.Equal(m.net.params.Get(ngramEmbedding).W, base.net.params.Get(ngramEmbedding).W) {
			t.Errorf("n-grams only %v: the embeddings differ", only)
		}
	}
}

// TestBeginContradiction holds that a configuration that contradicts itself is an error without a model to begin with.
func TestBeginContradiction(t *testing.T) {
	c := DefaultEmbedderConfig()
	c.Source.Lowercase = false
	if _, _, err := BeginEmbedder(c, sameLines(5), 1, nil); err == nil || !strings.Contains(err.Error(), "shared_vocab: source and target differ") {
		t.Errorf("error %v: want one of shared_vocab", err)
	}
}
