package seq2seq

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// labeled makes lines of digits. The label says which of two digits comes first, or neither.
func labeled(n int) []corpora.Example {
	rng := rand.New(rand.NewPCG(3, 3))
	var out []corpora.Example
	for range n {
		var words []string
		label := "neither"
		for range 2 + rng.IntN(7) {
			w := string(rune('0' + rng.IntN(10)))
			if label == "neither" && (w == "1" || w == "2") {
				label = map[string]string{"1": "one", "2": "two"}[w]
			}
			words = append(words, w)
		}
		out = append(out, corpora.Example{Source: strings.Join(words, " "), Targets: []string{label}})
	}
	return out
}

func classifierConfig(pool rnn.Pooling) Config {
	c := DefaultClassifierConfig()
	c.Source = tokenize.Config{Kind: tokenize.Space}
	c.Encoder.Hidden, c.Encoder.Embedding, c.Dropout = 24, 12, 0.1
	c.Classifier.Pool = pool
	return c
}

func newClassifier(tb testing.TB, c Config, data []corpora.Example, seed uint64) *Classifier {
	tb.Helper()
	cl, _, err := BeginClassifier(c, data, seed, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return cl
}

// TestClassifierLearns holds that a classifier learns with each pooling, and that a saved classifier equals the trained
// one.
func TestClassifierLearns(t *testing.T) {
	data := labeled(400)
	learn, test := data[:340], data[340:]
	for _, pool := range rnn.Poolings() {
		c := newClassifier(t, classifierConfig(pool), learn, 1)
		path := filepath.Join(t.TempDir(), "c.retell")
		train(t, c, learn, test, &TrainOptions{Epochs: 8, BatchSentences: 10, Checkpoint: Checkpoint{Model: path}, ValidateBy: "exact", Schedule: rnn.Schedule{Rate: 0.01}})
		r, err := c.Evaluate(t.Context(), test)
		if err != nil {
			t.Fatal(err)
		}
		if r.Accuracy < 0.95 {
			t.Errorf("%s: accuracy %.3f: want 0.95", pool, r.Accuracy)
		}
		l, err := LoadClassifier(path)
		if err != nil {
			t.Fatal(err)
		}
		again, err := l.Evaluate(t.Context(), test)
		if err != nil {
			t.Fatal(err)
		}
		if again.Loss != r.Loss || again.Accuracy != r.Accuracy {
			t.Errorf("%s: the saved classifier has loss %v, accuracy %v: want %v, %v", pool, again.Loss, again.Accuracy, r.Loss, r.Accuracy)
		}
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "is a classifier file: want a seq2seq file") {
			t.Errorf("error %v: want one about the kind of file", err)
		}
		if want := []string{"neither", "one", "two"}; !slices.Equal(slices.Sorted(slices.Values(l.Labels())), want) {
			t.Errorf("labels %v: want %v", l.Labels(), want)
		}
	}
}

// TestClassifierGraph holds that training and inference compute the same loss, and that a line's prediction does not
// depend on other lines.
func TestClassifierGraph(t *testing.T) {
	data := labeled(40)
	c := newClassifier(t, classifierConfig("attention"), data, 1)
	pairs := c.encodePairs(data, true, nil)
	var pass rnn.Pass
	var stats rnn.LossStats
	pass.Start(nil)
	c.net.loss(&pass, pairs, lossTerms{stats: &stats})
	if err := pass.Forward(); err != nil {
		t.Fatal(err)
	}
	forced, err := c.forced(t.Context(), pairs)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(stats.NLL-forced.NLL) > 1e-4*forced.NLL || stats.Tokens != 40 || forced.Tokens != 40 || stats.Hits != forced.Hits {
		t.Errorf("the graph has %+v: want %+v", stats, forced)
	}
	lines := append(sourcesOf(data), "")
	for i, p := range collect(t, c.Predict(t.Context(), corpora.Stream(lines), nil)) {
		alone := c.predict(lines[i : i+1])[0]
		if p.Label != alone.Label || !slices.Equal(p.Probabilities, alone.Probabilities) {
			t.Errorf("line %d: %v in a batch, %v alone", i, p, alone)
		}
	}
}

// TestClassifierResume stops a training and resumes to the same bits.
func TestClassifierResume(t *testing.T) {
	data := labeled(120)
	learn, valid := data[:100], data[100:]
	o := TrainOptions{Epochs: 3, BatchSentences: 16, Average: 0.9}
	whole := newClassifier(t, classifierConfig("mean"), learn, 1)
	train(t, whole, learn, valid, &o)
	o.Checkpoint.State = filepath.Join(t.TempDir(), "state")
	for p, err := range newClassifier(t, classifierConfig("mean"), learn, 1).Train(context.Background(), learn, valid, &o) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Step == 9 {
			break
		}
	}
	c := newClassifier(t, classifierConfig("mean"), learn, 1)
	train(t, c, learn, valid, &o)
	if !slices.Equal(weights(c), weights(whole)) {
		t.Error("other weights after a stop")
	}
}

// TestClassifierFrom holds that a classifier begins with the encoder and the tokenizer of a translator.
func TestClassifierFrom(t *testing.T) {
	data := collect(t, corpora.Task("copy", 1, 100))
	from := newModel(t, smallConfig(), data, 5)
	o := &BeginOptions{From: from.Network, Kind: KindClassifier}
	c, _, err := BeginClassifier(o.Inherit(classifierConfig("max")), labeled(60), 1, o)
	if err != nil {
		t.Fatal(err)
	}
	for p := range c.net.params.All() {
		if strings.HasPrefix(p.Name, "labels") {
			continue
		}
		if theirs := from.net.params.Get(p.Name); theirs == nil || !slices.Equal(p.W, theirs.W) {
			t.Errorf("%s differs from the translator's", p.Name)
		}
	}
	train(t, c, labeled(60), nil, &TrainOptions{MaxSteps: 3})
}

func TestClassifierRefuses(t *testing.T) {
	data := labeled(10)
	if _, _, err := BeginClassifier(classifierConfig(""), data, 1, nil); err == nil {
		t.Error("no error without pooling")
	}
	decodes := classifierConfig("max")
	decodes.Bottleneck.Size, decodes.TiedEmbeddings = 8, TieAll
	var v Violations
	if !errors.As(decodes.Validate(), &v) || len(v) != 2 || v[0].Path != "bottleneck" || v[1].Path != "tied_embeddings" {
		t.Errorf("violations %v: want bottleneck and tied_embeddings", v)
	}
	old, few := classifierConfig("max"), classifierConfig("max")
	old.Target.Kind, few.Target.MaxSize = tokenize.Space, 1
	for _, test := range []struct {
		config      Config
		label, want string
	}{
		{classifierConfig("max"), "", `example 4 ("4 0 9") has the label "", which has no tokens: want the name of a class`},
		{old, "two words", `has the label "two words", 2 tokens with target.kind space: want one, as with line`},
		{few, "rare", `has the label "rare", which target.min_count or max_size leaves out: want neither`},
	} {
		data := labeled(10)
		data[3] = corpora.Example{Source: "4 0 9", Targets: []string{test.label}}
		for i := range data {
			if i != 3 {
				data[i].Targets = []string{"neither"}
			}
		}
		if _, _, err := BeginClassifier(test.config, data, 1, nil); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("label %q: error %v: want %s", test.label, err, test.want)
		}
	}
	c := newClassifier(t, classifierConfig("max"), labeled(10), 1)
	for _, err := range c.Train(context.Background(), labeled(10), nil, &TrainOptions{Risk: RiskOptions{Metric: "bleu"}}) {
		if err == nil || !strings.Contains(err.Error(), "with a classifier") {
			t.Errorf("error %v: want one about classifiers", err)
		}
	}
}
