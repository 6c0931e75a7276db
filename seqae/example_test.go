package seqae_test

import (
	"context"
	"fmt"
	"log"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/tokenize"
)

// An autoencoder learns a few lines by heart, turns them into vectors and the vectors into lines.
func Example() {
	lines := []string{"a dog runs", "a cat sleeps", "two birds sing", "the dog sleeps", "a bird runs", "two cats sing"}
	c := seqae.DefaultConfig()
	c.Model.Source = tokenize.Config{Kind: tokenize.Words}
	c.Model.Target = c.Model.Source
	c.Model.Encoder.Hidden, c.Model.Decoder.Hidden, c.Model.Bottleneck.Size = 64, 64, 32

	ctx := context.Background()
	model, err := seqae.New(c, lines, 1)
	if err != nil {
		log.Fatal(err)
	}
	opts := &seq2seq.TrainOptions{Epochs: 120}
	opts.Schedule.Kind, opts.Schedule.Rate = "constant", 0.01
	for _, err := range model.Train(ctx, lines, nil, opts) {
		if err != nil {
			log.Fatal(err)
		}
	}
	vectors, err := model.Vectors(ctx, "two birds sing")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(vectors[0]), "numbers")
	for t, err := range model.Decode(ctx, corpora.Stream(vectors), nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(t.Text)
	}
	// Output:
	// 32 numbers
	// two birds sing
}
