package linear

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

// topics makes lines about one of three topics. The small words occur in all.
func topics(n int, seed uint64) []corpora.Example {
	rng := rand.New(rand.NewPCG(seed, 8))
	words := map[string][]string{
		"pets": {"dog", "cat", "bird"}, "Rare Weather": {"rain", "sun", "snow"}, "food": {"rice", "bread", "soup"},
	}
	var out []corpora.Example
	for i := range n {
		label := []string{"pets", "food", "pets", "food", "Rare Weather"}[i%5]
		line := []string{"the", "a", "and"}[rng.IntN(3)]
		for range 2 + rng.IntN(3) {
			line += " " + words[label][rng.IntN(3)] + " " + []string{"is", "was", "here"}[rng.IntN(3)]
		}
		out = append(out, corpora.Example{Source: line, Targets: []string{label}})
	}
	return out
}

// model returns an untrained embedder, whose vector is the mean of the embedded words.
func model(t testing.TB) *seq2seq.Network {
	t.Helper()
	c := seq2seq.DefaultEmbedderConfig()
	c.Source, c.Target = tokenize.Config{Kind: tokenize.Space}, tokenize.Config{Kind: tokenize.Space}
	c.Encoder.Embedding, c.Encoder.NGrams, c.Bottleneck.Size = 16, seq2seq.NGramConfig{}, 16
	var texts []corpora.Example
	for _, e := range topics(100, 1) {
		texts = append(texts, corpora.Example{Source: e.Source, Targets: []string{e.Source}})
	}
	e, _, err := seq2seq.BeginEmbedder(c, texts, 5, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e.Network
}

func fit(t testing.TB, train, valid []corpora.Example, opts *Options) *Classifier {
	t.Helper()
	c, err := Fit(t.Context(), model(t), train, valid, opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func predictions(t testing.TB, c *Classifier, lines ...string) []seq2seq.Prediction {
	t.Helper()
	all, err := corpora.Collect(c.Predict(t.Context(), corpora.Stream(lines), nil))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestClassifier fits with and without words, measures other lines, and reads the saved classifier back.
func TestClassifier(t *testing.T) {
	for _, opts := range []*Options{nil, {Words: true}, {Size: 12, Balanced: true}} {
		c := fit(t, topics(200, 2), nil, opts)
		if want := []string{"Rare Weather", "food", "pets"}; !slices.Equal(c.Labels(), want) {
			t.Fatalf("labels %v: want %v", c.Labels(), want)
		}
		r, err := c.Evaluate(t.Context(), topics(60, 3))
		if err != nil || r.Accuracy < 0.95 || r.Examples != 60 || !(r.Loss > 0 && r.Loss < 0.6) {
			t.Errorf("%+v: accuracy %v and loss %v of 60 lines (%v): want 0.95 or more, and a small loss", opts, r.Accuracy, r.Loss, err)
		}
		if about := c.Report(); about.Examples != 200 || about.HeldOut != 40 || about.Accuracy < 0.9 || about.Labels != 3 ||
			(about.Words == 15) != (opts != nil && opts.Words) {
			t.Errorf("%+v: report %+v", opts, about)
		}
		path := filepath.Join(t.TempDir(), "c.retell")
		if err := c.Save(path); err != nil {
			t.Fatal(err)
		}
		again, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := []string{"the dog is here", "", "soup and rice", "snow"}
		got, want := predictions(t, again, lines...), predictions(t, c, lines...)
		if diff := cmp.Diff(want, got); diff != "" || again.Report() != c.Report() {
			t.Errorf("%+v: the loaded classifier differs: %s", opts, diff)
		}
		if p := want[1]; p.Label != "" || p.Probability != 0 || want[0].Label != "pets" || want[2].Label != "food" {
			t.Errorf("%+v: predictions %+v", opts, want)
		}
		if alone := predictions(t, c, lines[2]); !cmp.Equal(alone[0], want[2]) {
			t.Error("a line alone is labeled otherwise than among others")
		}
	}
}

// TestValid holds that given lines choose the penalty and are not fitted, and that a label that is new there is left
// out.
func TestValid(t *testing.T) {
	valid := append(topics(30, 4), corpora.Example{Source: "a dog", Targets: []string{"other"}}, corpora.Example{Targets: []string{"pets"}})
	c := fit(t, topics(100, 2), valid, nil)
	if r := c.Report(); r.Examples != 100 || r.HeldOut != 30 || r.Labels != 3 {
		t.Errorf("report %+v: want 100 lines fitted and 30 held out", r)
	}
}

// TestWeights holds that a weight draws predictions to its label.
func TestWeights(t *testing.T) {
	train := []corpora.Example{}
	for i := range 60 {
		label := "often"
		if i%10 == 0 {
			label = "seldom"
		}
		train = append(train, corpora.Example{Source: "the dog", Targets: []string{label}})
	}
	for want, opts := range map[float64]*Options{0.1: nil, 0.5: {Balanced: true}, 0.9: {Weights: map[string]float64{"seldom": 81}}} {
		c := fit(t, train, nil, opts)
		if p := predictions(t, c, "the dog")[0]; math.Abs(float64(p.Probabilities[1])-want) > 0.02 {
			t.Errorf("%+v: probability %v of the rare label: want %v", opts, p.Probabilities[1], want)
		}
	}
}

func TestErrors(t *testing.T) {
	one := topics(1, 1)
	for want, try := range map[string]func() error{
		"linear: 1 examples with 1 labels: want at least 2 labels": func() error {
			_, err := Fit(t.Context(), model(t), one, nil, nil)
			return err
		},
		"has no label": func() error {
			_, err := Fit(t.Context(), model(t), []corpora.Example{{Source: "x", Targets: []string{" "}}}, nil, nil)
			return err
		},
		"no line of 2 has tokens": func() error {
			_, err := Fit(t.Context(), model(t), []corpora.Example{{Targets: []string{"a"}}, {Targets: []string{"b"}}}, nil, nil)
			return err
		},
		"want one of Rare Weather, food, pets": func() error {
			_, err := Fit(t.Context(), model(t), topics(20, 1), nil, &Options{Weights: map[string]float64{"cars": 2}})
			return err
		},
		"linear: options: size: -1": func() error {
			_, err := Fit(t.Context(), model(t), topics(20, 1), nil, &Options{Size: -1})
			return err
		},
		"no example has a label of the classifier": func() error {
			_, err := fit(t, topics(20, 1), nil, nil).Evaluate(t.Context(), []corpora.Example{{Source: "x", Targets: []string{"y"}}})
			return err
		},
	} {
		if err := try(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v: want %q", err, want)
		}
	}
}

// TestFiles holds that other, later and damaged files are told apart.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, write func(b *bytes.Buffer) error) string {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	c := fit(t, topics(40, 2), nil, &Options{Words: true})
	meta := func(version string) map[string]string {
		return map[string]string{metaKind: Kind, metaVersion: version, metaLinear: `{"labels":["a","b"]}`}
	}
	for path, want := range map[string]error{
		write("model", func(b *bytes.Buffer) error { return c.Model().Write(b) }):                     seq2seq.ErrKind,
		write("text", func(b *bytes.Buffer) error { b.WriteString("some text\n"); return nil }):       seq2seq.ErrKind,
		write("later", func(b *bytes.Buffer) error { return safetensors.Write(b, meta("2"), nil) }):   seq2seq.ErrVersion,
		write("lacking", func(b *bytes.Buffer) error { return safetensors.Write(b, meta("1"), nil) }): seq2seq.ErrDamaged,
		write("cut", func(b *bytes.Buffer) error {
			err := c.write(b)
			b.Truncate(b.Len() / 2)
			return err
		}): seq2seq.ErrDamaged,
	} {
		if _, err := Load(path); !errors.Is(err, want) {
			t.Errorf("%s: error %v: want %v", filepath.Base(path), err, want)
		}
	}
	if _, err := Load(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v: want that there is no file", err)
	}
}

// FuzzRead holds that no file makes Read panic.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	c, err := Fit(f.Context(), model(f), topics(20, 2), nil, &Options{Words: true})
	if err == nil {
		err = c.write(&b)
	}
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(b.Bytes()[:b.Len()/2])
	for _, at := range []int{100, b.Len() / 3} {
		damaged := slices.Clone(b.Bytes())
		damaged[at] ^= 5
		f.Add(damaged)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		c, err := Read(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		for _, err := range c.Predict(t.Context(), corpora.Stream([]string{"the dog", ""}), nil) {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
