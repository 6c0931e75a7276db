package seq2seq_test

import (
	"context"
	"fmt"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

// A small model learns to reverse digits by heart, and reverses some.
func Example() {
	ctx := context.Background()
	train, err := corpora.Collect(corpora.Task(corpora.TaskReverse, 1, 20))
	if err != nil {
		panic(err)
	}
	c := seq2seq.DefaultConfig()
	c.Source = tokenize.Config{Kind: tokenize.Space}
	c.Target = tokenize.Config{Kind: tokenize.Space}
	c.Encoder.Hidden, c.Encoder.Embedding = 32, 16
	c.Decoder.Hidden, c.Decoder.Embedding = 32, 16
	c.Dropout = 0

	source, target, err := seq2seq.Learn(c, train)
	if err != nil {
		panic(err)
	}
	model, err := seq2seq.New(c, source, target, 1)
	if err != nil {
		panic(err)
	}
	// No validation examples here: the last weights are kept.
	for p, err := range model.Train(ctx, train, nil, &seq2seq.TrainOptions{Epochs: 150, Schedule: rnn.Schedule{Rate: 0.01}}) {
		if err != nil {
			panic(err)
		}
		if p.End != "" {
			fmt.Printf("step %d, loss below 0.05: %v\n", p.Step, p.Loss < 0.05)
		}
	}
	for t, err := range model.Translate(ctx, corpora.Sources(corpora.Stream(train[:3])), nil) {
		if err != nil {
			panic(err)
		}
		fmt.Println(t.Source, "→", t.Text)
	}
	// Output:
	// step 150, loss below 0.05: true
	// 5 8 2 3 5 4 9 5 4 9 → 9 4 5 9 4 5 3 2 8 5
	// 6 0 → 0 6
	// 8 4 3 7 → 7 3 4 8
}

// A model that is begun with another keeps its tokens and weights; words that it lacks stand behind them.
func ExampleBegin() {
	pairs := func(lines ...string) (out []corpora.Example) {
		for _, line := range lines {
			out = append(out, corpora.Example{Source: line, Targets: []string{line}})
		}
		return out
	}
	c := seq2seq.DefaultConfig()
	c.Source = tokenize.Config{Kind: tokenize.Space}
	c.Target = c.Source
	c.Encoder.Hidden, c.Encoder.Embedding, c.Decoder.Hidden, c.Decoder.Embedding = 8, 4, 8, 4
	base, _, err := seq2seq.Begin(c, pairs("a dog", "a cat"), 1, nil)
	if err != nil {
		panic(err)
	}
	model, taken, err := seq2seq.Begin(base.Config(), pairs("a red dog"), 1, &seq2seq.BeginOptions{From: base.Network})
	if err != nil {
		panic(err)
	}
	n, of := taken.Numbers()
	fmt.Println(base.Source().Size(), "→", model.Source().Size(), "tokens")
	fmt.Println("all numbers of the base:", n == base.Parameters(), "and new ones:", of-n)

	c.Encoder.Hidden = 16
	_, _, err = seq2seq.Begin(c, pairs("a red dog"), 1, &seq2seq.BeginOptions{From: base.Network, Name: "base.retell"})
	fmt.Println(err)
	// Output:
	// 7 → 8 tokens
	// all numbers of the base: true and new ones: 17
	// seq2seq: configuration: encoder.hidden: 16, where base.retell has 8: want the same, or train.from_partial to copy the parameters that fit
}

// A model that was trained on the other direction, or from right to left, reorders the translations of the first.
func ExampleModel_Rescore() {
	ctx := context.Background()
	train, err := corpora.Collect(corpora.Task(corpora.TaskCopy, 1, 20))
	if err != nil {
		panic(err)
	}
	c := seq2seq.DefaultConfig()
	c.Source, c.Target = tokenize.Config{Kind: tokenize.Space}, tokenize.Config{Kind: tokenize.Space}
	c.Encoder.Hidden, c.Encoder.Embedding, c.Decoder.Hidden, c.Decoder.Embedding = 8, 4, 8, 4
	source, target, err := seq2seq.Learn(c, train)
	if err != nil {
		panic(err)
	}
	model, err := seq2seq.New(c, source, target, 1)
	if err != nil {
		panic(err)
	}
	lists := []seq2seq.NBest{{Source: "1 2", Texts: []string{"1 2 1 2 1 2 1 2", "1 2"}, Scores: []float64{-0.1, -0.2}}}
	opts := &seq2seq.RescoreOptions{ModelWeight: 0.5, ListWeight: 0.5, LengthNorm: seq2seq.NormNone}
	for list, err := range model.Rescore(ctx, lists, opts) {
		if err != nil {
			panic(err)
		}
		fmt.Println(list.Texts[0]) // an untrained model prefers the shorter
	}
	// Output: 1 2
}
