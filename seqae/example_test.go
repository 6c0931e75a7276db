package seqae_test

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/tokenize"
)

// exampleLines are the lines that the models of the examples learn.
func exampleLines() []string {
	return []string{"a dog runs", "a cat sleeps", "two birds sing", "the dog sleeps", "a bird runs", "two cats sing"}
}

// trained returns a small model that knows exampleLines by heart.
func trained(ctx context.Context) *seqae.Model {
	c := seqae.DefaultConfig()
	c.Model.Source = tokenize.Config{Kind: tokenize.Words}
	c.Model.Target = c.Model.Source
	c.Model.Encoder.Hidden, c.Model.Decoder.Hidden, c.Model.Bottleneck.Size = 64, 64, 32

	model, err := seqae.New(c, exampleLines(), 1)
	if err != nil {
		log.Fatal(err)
	}
	opts := &seq2seq.TrainOptions{Epochs: 120}
	opts.Schedule.Kind, opts.Schedule.Rate = "constant", 0.01
	for _, err := range model.Train(ctx, exampleLines(), nil, opts) {
		if err != nil {
			log.Fatal(err)
		}
	}
	return model
}

// An autoencoder is trained on lines, embeds a line as a vector, and decodes the vector.
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
	embedder, err := seqae.EmbedderOf(model.Network, &seqae.EmbedderOptions{Raw: true}) // Decode needs raw vectors
	if err != nil {
		log.Fatal(err)
	}
	vectors, err := embedder.Encode(ctx, []string{"two birds sing"})
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

// Interpolate decodes points on a path between the vectors of two lines.
func ExampleModel_Interpolate() {
	ctx := context.Background()
	model := trained(ctx)
	texts, err := model.Interpolate(ctx, "two birds sing", "a dog runs", 5, seqae.Line, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(texts), "texts, from", texts[0], "to", texts[4])
	// Output:
	// 5 texts, from two birds sing to a dog runs
}

// Sample decodes vectors that are drawn from a distribution, here one fitted to the vectors of a corpus.
func ExampleModel_Sample() {
	ctx := context.Background()
	model := trained(ctx)
	embedder, err := seqae.EmbedderOf(model.Network, &seqae.EmbedderOptions{Raw: true})
	if err != nil {
		log.Fatal(err)
	}
	vectors, err := embedder.Encode(ctx, exampleLines())
	if err != nil {
		log.Fatal(err)
	}
	gaussian, err := seqae.Fit(vectors)
	if err != nil {
		log.Fatal(err)
	}
	texts, err := model.Sample(ctx, gaussian, 3, 0.8, rand.New(rand.NewPCG(1, 0)), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(texts), "texts")
	// Output:
	// 3 texts
}

// Reconstruct encodes and decodes each line and counts the differences.
func ExampleModel_Reconstruct() {
	ctx := context.Background()
	model := trained(ctx)
	for r, err := range model.Reconstruct(ctx, corpora.Stream([]string{"a cat sleeps", "the dog sleeps"}), nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(r.Text, "exact:", r.Exact, "edits:", r.Edits)
	}
	// Output:
	// a cat sleeps exact: true edits: 0
	// the dog sleeps exact: true edits: 0
}

// Noise makes a denoising autoencoder: training masks some source tokens, and the target stays clean.
func ExampleNoise() {
	c := seqae.DefaultConfig()
	c.Objective.Noise = seqae.Noise{Mask: 0.1, Drop: 0.05, Shuffle: 2}
	fmt.Println(c.Kinds(), c.Validate())

	c.Objective.Noise.Drop = 1.5
	fmt.Println(c.Validate())
	// Output:
	// denoising <nil>
	// autoencoder.noise.drop: 1.5: want 0 to 1
}

// A blank line separates two texts: no sentence follows the one before it.
func ExampleObjective() {
	for _, e := range (seqae.Objective{Next: true}).Examples([]string{"It rains.", "I stay in.", "", "The sun rises."}) {
		fmt.Println(e.Source, "→", e.Targets[0])
	}
	// Output:
	// It rains. → I stay in.
}
