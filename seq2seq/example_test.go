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
