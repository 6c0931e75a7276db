package seq2seq

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// labeledTokens makes lines of letters with two label columns. The first column says whether an a precedes a letter,
// and the second repeats the letter, or is end at the end.
func labeledTokens(n int) []corpora.Example {
	rng := rand.New(rand.NewPCG(3, 3))
	var out []corpora.Example
	for range n {
		var tokens, before, own []string
		for range 1 + rng.IntN(7) {
			tokens = append(tokens, string(rune('a'+rng.IntN(3))))
		}
		for i := range tokens {
			before = append(before, map[bool]string{false: "no", true: "yes"}[slices.Contains(tokens[:i], "a")])
		}
		own = append(tokens[:len(tokens)-1:len(tokens)-1], "end")
		tab := func(s []string) string { return strings.Join(s, "\t") }
		out = append(out, corpora.Example{Source: tab(tokens), Targets: []string{tab(before)}, Labels: []string{tab(own)}})
	}
	return out
}

// firstColumn returns the examples with their first label column only.
func firstColumn(examples []corpora.Example) []corpora.Example {
	out := slices.Clone(examples)
	for i := range out {
		out[i].Labels = nil
	}
	return out
}

func labelerConfig() Config {
	c := DefaultLabelerConfig()
	c.Encoder.Hidden, c.Encoder.Embedding, c.Dropout = 16, 8, 0.1
	c.Source = tokenize.Config{Kind: tokenize.Fields}
	c.Encoder.Factors, c.Encoder.Chars, c.Encoder.NGrams = FactorConfig{}, CharConfig{}, NGramConfig{}
	c.Encoder.WordDropout, c.EmbeddingDropout = 0, 0
	return c
}

func newLabeler(tb testing.TB, c Config, data []corpora.Example, seed uint64) *Labeler {
	tb.Helper()
	l, _, err := BeginLabeler(c, data, seed, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// accuracy returns the share of right labels in all columns.
func accuracy(t *testing.T, l *Labeler, examples []corpora.Example) float64 {
	t.Helper()
	right, all := 0, 0
	for i, p := range collect(t, l.Predict(t.Context(), corpora.Stream(sourcesOf(examples)), nil)) {
		columns := append([]ColumnLabels{p.ColumnLabels}, p.Columns...)
		for k, column := range append(examples[i].Targets[:1:1], examples[i].Labels...) {
			for j, label := range fields(column) {
				all++
				if columns[k].Labels[j] == label {
					right++
				}
			}
		}
	}
	return float64(right) / float64(all)
}

// TestLabelerLearns holds that a labeler learns both columns, and that a saved labeler equals the trained one.
func TestLabelerLearns(t *testing.T) {
	data := labeledTokens(250)
	learn, test := data[:200], data[200:]
	l := newLabeler(t, labelerConfig(), learn, 1)
	path := filepath.Join(t.TempDir(), "l.retell")
	train(t, l.Network, learn, test, &TrainOptions{Epochs: 5, BatchSentences: 10, ValidateBy: "accuracy", Checkpoint: Checkpoint{Model: path}, Schedule: rnn.Schedule{Rate: 0.03}})
	if got := accuracy(t, l, test); got < 0.97 || math.Abs(got-l.Summary().Accuracy) > 1e-6 {
		t.Errorf("accuracy %.3f, %.3f by validation: want 0.97 or more, twice the same", got, l.Summary().Accuracy)
	}
	saved, err := LoadLabeler(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := sourcesOf(test)
	o := &LabelOptions{Distribution: true}
	for i, p := range l.predict(lines, o) {
		if q := saved.predict(lines[i:i+1], o)[0]; !equalLabelings(p, q) {
			t.Errorf("%q: the saved labeler says %v: want %v", lines[i], q, p)
		}
	}
	if _, err := LoadClassifier(path); err == nil || !strings.Contains(err.Error(), "is a labeler file: want a classifier file") {
		t.Errorf("error %v: want one about the kind of file", err)
	}
	if got, want := slices.Sorted(slices.Values(saved.Labels(1))), []string{"a", "b", "c", "end"}; !slices.Equal(got, want) {
		t.Errorf("labels %v: want %v", got, want)
	}
}

func equalLabelings(p, q Labeling) bool {
	return slices.Equal(p.Tokens, q.Tokens) && equalColumns(p.ColumnLabels, q.ColumnLabels) && slices.EqualFunc(p.Columns, q.Columns, equalColumns)
}

func equalColumns(p, q ColumnLabels) bool {
	return slices.Equal(p.Labels, q.Labels) && slices.Equal(p.Probabilities, q.Probabilities) &&
		slices.EqualFunc(p.Distribution, q.Distribution, slices.Equal)
}

// TestLabelerGraph holds that training and inference compute the same loss.
func TestLabelerGraph(t *testing.T) {
	data := labeledTokens(40)
	l := newLabeler(t, labelerConfig(), data, 1)
	pairs := l.encodePairs(data, true, nil)
	var pass rnn.Pass
	var stats rnn.LossStats
	pass.Start(nil)
	l.net.loss(&pass, pairs, lossTerms{stats: &stats})
	if err := pass.Forward(); err != nil {
		t.Fatal(err)
	}
	forced, err := l.forced(t.Context(), pairs)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(stats.NLL-forced.NLL) > 1e-4*forced.NLL || stats.Tokens != l.lossTokens(pairs) || forced.Tokens != stats.Tokens || stats.Hits != forced.Hits {
		t.Errorf("the graph has %+v: want %+v", stats, forced)
	}
}

// TestLabelerResume stops a training with every option of a labeler and resumes to the same bits, on other numbers of
// cores.
func TestLabelerResume(t *testing.T) {
	data := spans(60)
	learn, valid := data[:50], data[50:]
	c := crfConfig()
	c.Labeler.LanguageModel, c.VariationalDropout = 0.1, true
	learn[3].Weight = 2
	o := TrainOptions{
		Epochs: 3, BatchSentences: 8, Average: 0.9, LabelSmoothing: 0.1, ValidateBy: "f1", LabelWeights: map[string]float64{"O": 0.5}, TextNoise: swapNoise{},
	}
	whole := newLabeler(t, c, learn, 1)
	train(t, whole.Network, learn, valid, &o)
	o.Checkpoint.State = filepath.Join(t.TempDir(), "state")
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for p, err := range newLabeler(t, c, learn, 1).Train(t.Context(), learn, valid, &o) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Step == 9 {
			break
		}
	}
	runtime.GOMAXPROCS(3)
	l := newLabeler(t, c, learn, 1)
	train(t, l.Network, learn, valid, &o)
	if !slices.Equal(weights(l), weights(whole)) {
		t.Error("other weights after a stop")
	}
}

// swapNoise appends a token with its label.
type swapNoise struct{}

func (swapNoise) CorruptText(rng *rand.Rand, source, target string) (s, t string) {
	if rng.IntN(2) == 0 {
		return source + "\tc", target + "\tO"
	}
	return source, target
}

// TestLabelerConcurrent holds that a line's labels do not depend on its batch or on other callers, and that int8 labels
// much the same.
func TestLabelerConcurrent(t *testing.T) {
	data := labeledTokens(60)
	l := newLabeler(t, labelerConfig(), data, 1)
	lines := append(sourcesOf(data), "", "new")
	want := collect(t, l.Predict(t.Context(), corpora.Stream(lines), nil))
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			got := collect(t, l.Predict(t.Context(), corpora.Stream(lines), &LabelOptions{BatchSentences: 1 + 6*i}))
			if !slices.EqualFunc(got, want, equalLabelings) {
				t.Errorf("other labels in batches of %d", 1+6*i)
			}
		})
	}
	wg.Wait()
	for i, p := range l.Quantize().predict(lines, &LabelOptions{}) {
		for j, q := range p.Probabilities {
			if math.Abs(q-want[i].Probabilities[j]) > 0.05 {
				t.Errorf("line %d, token %d: probability %v in int8: want about %v", i, j, q, want[i].Probabilities[j])
			}
		}
	}
}

// TestLabelerFrom holds that labelers begin with other labelers, whose labels come first, and with the words of a
// translator.
func TestLabelerFrom(t *testing.T) {
	old := newLabeler(t, labelerConfig(), firstColumn(labeledTokens(30)), 1)
	more := []corpora.Example{{Source: "a\tnew", Targets: []string{"yes\tthird"}}}
	l, taken, err := BeginLabeler(old.Config(), more, 2, &BeginOptions{From: old.Network})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := l.Labels(0), append(old.Labels(0), "third"); !slices.Equal(got, want) || taken.Parameters() != len(taken) {
		t.Errorf("labels %q, %d parameters of %d: want %q and all", got, taken.Parameters(), len(taken), want)
	}
	if !slices.Contains(l.Unseen("other"), "other") || len(l.Unseen("new")) > 0 {
		t.Errorf("unseen words %q and %q", l.Unseen("other"), l.Unseen("new"))
	}

	field := newLabeler(t, crfConfig(), spans(20), 3)
	more = []corpora.Example{{Source: "c\ta", Targets: []string{"O\tB-new"}}}
	wider, _, err := BeginLabeler(field.Config(), more, 2, &BeginOptions{From: field.Network})
	if err != nil {
		t.Fatal(err)
	}
	n := len(field.Labels(0))
	was, is := field.head().columns[0].crf.Transitions.W, wider.head().columns[0].crf.Transitions.W
	for i := range n {
		if !slices.Equal(is[i*(n+1):][:n], was[i*n:][:n]) {
			t.Errorf("transitions from %s: %v: want %v and one more", field.Labels(0)[i], is[i*(n+1):][:n+1], was[i*n:][:n])
		}
	}

	c := smallConfig()
	c.Source = tokenize.Config{Kind: tokenize.Words, Lowercase: true}
	data := []corpora.Example{{Source: "Red, green.", Targets: []string{"x"}}, {Source: "blue", Targets: []string{"y"}}}
	from := newModel(t, c, data, 5)
	o := &BeginOptions{From: from.Network, Kind: KindLabeler}
	l, _, err = BeginLabeler(o.Inherit(labelerConfig()), []corpora.Example{{Source: "red\t.", Targets: []string{"A\tB"}}}, 1, o)
	if err != nil {
		t.Fatal(err)
	}
	rows := func(n *Network, id int32) []float32 {
		size := n.config.Encoder.Embedding
		return n.net.params.Get(sourceEmbedding).W[int(id)*size:][:size]
	}
	for word, written := range map[string]string{"red": "red", ".": "￭.", "blue": "blue"} {
		id, _ := from.Source().Vocab().ID(written)
		ids := l.Source().Encode(word)
		if len(ids) != 1 || ids[0] == tokenize.Unk || !slices.Equal(rows(l.Network, ids[0]), rows(from.Network, id)) {
			t.Errorf("%s is %v: want the translator's row of %s", word, ids, written)
		}
	}
}
