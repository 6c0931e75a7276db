package seq2seq

import (
	"context"
	"runtime"
	"slices"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/tokenize"
)

// collect gathers a stream that must not fail.
func collect[T any](tb testing.TB, seq func(func(T, error) bool)) []T {
	tb.Helper()
	var out []T
	for v, err := range seq {
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// smallConfig is a model for tokens between spaces.
func smallConfig() Config {
	c := DefaultConfig()
	c.Source = tokenize.Config{Kind: tokenize.Space}
	c.Target = c.Source
	c.Encoder.Hidden, c.Encoder.Embedding = 32, 16
	c.Decoder.Hidden, c.Decoder.Embedding = 32, 16
	c.Dropout = 0
	return c
}

func newModel(tb testing.TB, c Config, train []corpora.Example, seed uint64) *Model {
	tb.Helper()
	source, target, err := Learn(c, train)
	if err != nil {
		tb.Fatal(err)
	}
	m, err := New(c, source, target, seed)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func train(tb testing.TB, m *Model, train, valid []corpora.Example, o *TrainOptions) []Progress {
	tb.Helper()
	return collect(tb, m.Train(context.Background(), train, valid, o))
}

func weights(m *Model) []float32 {
	var t trainer
	t.Model = m
	return t.weights(nil)
}

func TestTrainIsDeterministic(t *testing.T) {
	data := collect(t, corpora.Task("reverse", 1, 300))
	c := smallConfig()
	c.Dropout = 0.2
	run := func(procs int) []float32 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		m := newModel(t, c, data, 3)
		train(t, m, data[:250], data[250:], &TrainOptions{Epochs: 2, BatchSentences: 16, Seed: 4, LabelSmoothing: 0.1})
		return weights(m)
	}
	one := run(1)
	if !slices.Equal(one, run(2)) {
		t.Error("two cores give other weights than one")
	}
	if !slices.Equal(one, run(5)) {
		t.Error("five cores give other weights than one")
	}
}
