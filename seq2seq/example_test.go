package seq2seq_test

import (
	"context"
	"fmt"
	"sync"

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
	// Without validation examples, the model ends with the last weights.
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

// sentences are the training examples of the other examples: "runs" has two translations,
// the first of them twice as likely.
func sentences() []corpora.Example {
	return []corpora.Example{
		{Source: "the dog runs", Targets: []string{"der Hund rennt", "der Hund rennt", "der Hund läuft"}},
		{Source: "the cat runs", Targets: []string{"die Katze rennt", "die Katze rennt", "die Katze läuft"}},
		{Source: "the dog sleeps", Targets: []string{"der Hund schläft"}},
		{Source: "the cat sleeps", Targets: []string{"die Katze schläft"}},
		{Source: "the dog sings", Targets: []string{"der Hund singt"}},
		{Source: "the cat sings", Targets: []string{"die Katze singt"}},
	}
}

// smallConfig is a model that learns the sentences within milliseconds.
func smallConfig() seq2seq.Config {
	c := seq2seq.DefaultConfig()
	c.Source = tokenize.Config{Kind: tokenize.Space}
	c.Target = tokenize.Config{Kind: tokenize.Space}
	c.Encoder.Hidden, c.Encoder.Embedding, c.Decoder.Hidden, c.Decoder.Embedding = 16, 8, 16, 8
	c.Dropout = 0
	return c
}

// newModel returns an untrained model for the sentences.
func newModel(seed uint64) *seq2seq.Model {
	c := smallConfig()
	source, target, err := seq2seq.Learn(c, sentences())
	if err != nil {
		panic(err)
	}
	m, err := seq2seq.New(c, source, target, seed)
	if err != nil {
		panic(err)
	}
	return m
}

// learn trains a network on examples to the end and returns the number of steps and the last loss.
func learn(n *seq2seq.Network, train []corpora.Example, opts seq2seq.TrainOptions) (steps int, loss float64) {
	opts.Schedule = rnn.Schedule{Rate: 0.02}
	for p, err := range n.Train(context.Background(), train, nil, &opts) {
		if err != nil {
			panic(err)
		}
		steps, loss = p.Step, p.Loss
	}
	return steps, loss
}

// translator is a model that has learned the sentences.
var translator = sync.OnceValue(func() *seq2seq.Model {
	m := newModel(1)
	learn(m.Network, sentences(), seq2seq.TrainOptions{Epochs: 150})
	return m
})
