package seq2seq

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// cleanModels returns untrained models of every kind of reading: tokens, features and copies.
func cleanModels(t *testing.T) map[string]*Model {
	data := []corpora.Example{{Source: "a￨1 cafe\u0301￨2 (b)￨1", Targets: []string{"x yz"}}, {Source: "b c a", Targets: []string{"y"}}}
	models := map[string]*Model{}
	for name, kind := range map[string]tokenize.Kind{"bpe": tokenize.BPE, "words": tokenize.Words, "chars": tokenize.Chars, "space": tokenize.Space} {
		c := smallConfig()
		c.Source, c.Target = tokenize.Config{Kind: kind}, tokenize.Config{Kind: kind}
		models[name] = newModel(t, c, data, 1)
		c.Encoder.Factors = FactorConfig{Columns: 1, Case: true, Shape: true, Stem: "english"}
		models[name+" with features"] = newModel(t, c, data, 1)
		c = smallConfig()
		c.Source, c.Target = tokenize.Config{Kind: kind}, tokenize.Config{Kind: kind}
		c.Decoder.Copy = true
		models[name+" that copies"] = newModel(t, c, data, 1)
	}
	return models
}

// TestWhiteSpaceChangesNoReading holds that superfluous white space and other normal forms change neither the tokens
// nor the features nor the copyable words of a line.
func TestWhiteSpaceChangesNoReading(t *testing.T) {
	const line = "a￨1 caf\u00e9 new￨1 (b)"
	for name, m := range cleanModels(t) {
		want := m.encodeSource(line, new([]string))
		for _, other := range []string{
			line + " ", "  " + line + "\t", "a￨1\u00a0cafe\u0301  new￨1\t(b)", "\ufeffa￨1 caf\u00e9 ne\u00adw￨1 (b)\u200b \u3000",
		} {
			if diff := cmp.Diff(want.src, m.encodeSource(other, new([]string)).src); diff != "" {
				t.Errorf("%s: tokens of %q: %s", name, other, diff)
			}
			got := m.encodeSource(other, new([]string))
			if diff := cmp.Diff(want.factors, got.factors); diff != "" {
				t.Errorf("%s: features of %q: %s", name, other, diff)
			}
			if !slices.Equal(*want.oov, *got.oov) {
				t.Errorf("%s: %q has %q to copy: want %q", name, other, *got.oov, *want.oov)
			}
		}
	}
}

// TestFeatureWords holds that a word without text does not take the features of the next word.
func TestFeatureWords(t *testing.T) {
	f := FactorConfig{Columns: 1}
	for _, lossless := range []bool{false, true} {
		c := tokenize.Config{Kind: tokenize.Words, Lossless: lossless}
		text, words, columns := f.split(c, "a￨1  ￨2 \u200b￨3 b￨4")
		if text != "a b" || !slices.Equal(words, []string{"a", "b"}) || columns[1][0] != "4" {
			t.Errorf("lossless %v: %q, %q, %q", lossless, text, words, columns)
		}
	}
}

var blankLines = []string{"", " ", "\t ", "\u00a0", "\u200b", "\ufeff", "\u3000\u2060"}

// TestBlankInBlankOut holds that every use of a model returns nothing for blank lines.
func TestBlankInBlankOut(t *testing.T) {
	ctx := context.Background()
	for name, m := range cleanModels(t) {
		for _, tr := range collect(t, m.Translate(ctx, lines(blankLines...), nil)) {
			if tr.Text != "" || tr.Hypotheses != nil {
				t.Errorf("%s: %q is translated as %q", name, tr.Source, tr.Text)
			}
		}
		for _, e := range collect(t, m.Embed(ctx, lines(blankLines...), nil)) {
			if slices.ContainsFunc(e.Vector, func(x float32) bool { return x != 0 }) {
				t.Errorf("%s: %q has the vector %v", name, e.Text, e.Vector)
			}
		}
		var examples []corpora.Example
		for _, line := range blankLines {
			examples = append(examples, corpora.Example{Source: line, Targets: []string{"x"}})
		}
		for _, s := range collect(t, m.Score(ctx, corpora.Stream(examples), nil)) {
			if s.Targets[0].Tokens != nil {
				t.Errorf("%s: %q has a score", name, s.Example.Source)
			}
		}
		if r, err := m.Evaluate(ctx, examples, nil); err != nil || r.Tokens != 0 || r.Exact != 0 {
			t.Errorf("%s: evaluated: %+v, %v", name, r, err)
		}
		if _, err := m.Explain(ctx, " \u200b", "", nil); err == nil {
			t.Errorf("%s: a blank line is explained", name)
		}
	}
	c := newClassifier(t, classifierConfig("max"), labeled(20), 1)
	for _, p := range collect(t, c.Predict(ctx, lines(blankLines...), nil)) {
		if p.Label != "" || p.Probability != 0 || p.Probabilities != nil {
			t.Errorf("%q is labeled %q with %v", p.Text, p.Label, p.Probability)
		}
	}
	r, err := c.Evaluate(ctx, []corpora.Example{{Source: " ", Targets: []string{"one"}}, {Source: "1", Targets: []string{"one"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range r.Labels {
		if l.Label == "" {
			t.Errorf("the empty label is listed: %+v", l)
		}
	}
}

// TestExactMatchIgnoresWhiteSpace holds that a reference is compared in the form that a model can write.
func TestExactMatchIgnoresWhiteSpace(t *testing.T) {
	c := smallConfig()
	data := []corpora.Example{{Source: "a", Targets: []string{"x  y\u00a0"}}}
	m := newModel(t, c, data, 1)
	train(t, m, data, nil, &TrainOptions{Epochs: 100, Schedule: rnn.Schedule{Rate: 0.02}})
	r, err := m.Evaluate(context.Background(), data, nil)
	if err != nil || r.Exact != 1 {
		t.Errorf("exact match %v of %q, %v: want 1", r.Exact, r.Translations, err)
	}
}

func TestUnseenOfModel(t *testing.T) {
	data := []corpora.Example{{Source: "a￨1 b￨2", Targets: []string{"x"}}}
	c := smallConfig()
	c.Source = tokenize.Config{Kind: tokenize.Words}
	c.Encoder.Factors = FactorConfig{Columns: 1}
	m := newModel(t, c, data, 1)
	if got, want := m.Unseen("A￨9 b c￨1"), []string{"c"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	in := Input{Source: "c <d> a", Fixed: []Fixed{{2, 5, "<d>"}}}
	if got, want := m.alone().UnseenInput(in), []string{"c"}; !slices.Equal(got, want) {
		t.Errorf("of an input: got %q, want %q", got, want)
	}
}
