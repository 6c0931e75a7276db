package seq2seq

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
)

// labeledTokens makes lines of letters with two label columns. The first column says whether an a precedes a letter, and
// the second repeats the letter, or is end at the end.
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
	c.Encoder.Factors = FactorConfig{}
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
	train(t, l.Network, learn, test, &TrainOptions{Epochs: 5, BatchSentences: 10, Checkpoint: Checkpoint{Model: path}, Schedule: rnn.Schedule{Rate: 0.03}})
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
