package seq2seq_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

// A classifier learns the labels of lines, which are the targets of its examples.
func ExampleClassifier() {
	ctx := context.Background()
	train := []corpora.Example{
		{Source: "a good film", Targets: []string{"positive"}},
		{Source: "a great story", Targets: []string{"positive"}},
		{Source: "a bad film", Targets: []string{"negative"}},
		{Source: "a dull story", Targets: []string{"negative"}},
	}
	c := seq2seq.DefaultClassifierConfig()
	c.Encoder.Hidden, c.Encoder.Embedding, c.Dropout = 16, 8, 0
	classifier, _, err := seq2seq.BeginClassifier(c, train, 1, nil)
	if err != nil {
		panic(err)
	}
	learn(classifier.Network, train, seq2seq.TrainOptions{Epochs: 40})

	for p, err := range classifier.Predict(ctx, corpora.Stream([]string{"a good story", "a dull film"}), nil) {
		if err != nil {
			panic(err)
		}
		fmt.Println(p.Text, "→", p.Label)
	}
	report, err := classifier.Evaluate(ctx, train)
	if err != nil {
		panic(err)
	}
	fmt.Println("accuracy", report.Accuracy)
	// Output:
	// a good story → positive
	// a dull film → negative
	// accuracy 1
}

// An embedder learns which sentences mean the same from pairs of them.
func ExampleEmbedder() {
	train := []corpora.Example{
		{Source: "a dog runs", Targets: []string{"un chien court"}},
		{Source: "a cat sleeps", Targets: []string{"un chat dort"}},
		{Source: "a bird sings", Targets: []string{"un oiseau chante"}},
		{Source: "a child reads", Targets: []string{"un enfant lit"}},
	}
	c := seq2seq.DefaultEmbedderConfig()
	c.Source = tokenize.Config{Kind: tokenize.Words}
	c.Target = c.Source
	c.Encoder.Embedding, c.Bottleneck.Size = 16, 16
	embedder, _, err := seq2seq.BeginEmbedder(c, train, 1, nil)
	if err != nil {
		panic(err)
	}
	learn(embedder.Network, train, seq2seq.TrainOptions{Epochs: 60})

	var vectors [][]float32
	for e, err := range embedder.Embed(context.Background(), corpora.Stream([]string{"a bird sings", "un oiseau chante", "un chat dort"}), nil) {
		if err != nil {
			panic(err)
		}
		vectors = append(vectors, e.Vector)
	}
	cosine := func(a, b []float32) (sum float32) {
		for i := range a {
			sum += a[i] * b[i]
		}
		return sum
	}
	fmt.Println(cosine(vectors[0], vectors[1]) > 0.5, cosine(vectors[0], vectors[2]) < 0.5)
	// Output:
	// true true
}

// An ensemble averages the probabilities of models trained from different seeds.
func ExampleEnsemble() {
	other := newModel(2)
	learn(other.Network, sentences(), seq2seq.TrainOptions{Epochs: 150, Seed: 2})
	ensemble, err := seq2seq.NewEnsemble(translator(), other)
	if err != nil {
		panic(err)
	}
	for t, err := range ensemble.Translate(context.Background(), corpora.Stream([]string{"the cat sings"}), nil) {
		if err != nil {
			panic(err)
		}
		fmt.Println(t.Text)
	}
	// Output: die Katze singt
}

// Average makes one model of the last models of a training, which Checkpoint.Keep leaves on disk.
func ExampleAverage() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "model.retell")
	m := newModel(1)
	opts := &seq2seq.TrainOptions{Epochs: 5, Checkpoint: seq2seq.Checkpoint{Model: path, Keep: 3}}
	for _, err := range m.Train(context.Background(), sentences(), sentences(), opts) {
		if err != nil {
			panic(err)
		}
	}
	kept, err := seq2seq.KeptModels(path)
	if err != nil {
		panic(err)
	}
	var last []*seq2seq.Network
	for _, file := range kept {
		m, err := seq2seq.Load(file)
		if err != nil {
			panic(err)
		}
		last = append(last, m.Network)
	}
	mean, err := seq2seq.Average(last...)
	if err != nil {
		panic(err)
	}
	fmt.Println(len(kept), "models make one of as many parameters:", mean.Parameters() == m.Parameters())
	// Output: 3 models make one of as many parameters: true
}

// A quantized model multiplies in int8. It translates nearly as well, and cannot be trained.
func ExampleModel_Quantize() {
	quantized := translator().Quantize()
	for t, err := range quantized.Translate(context.Background(), corpora.Stream([]string{"the dog sleeps"}), nil) {
		if err != nil {
			panic(err)
		}
		fmt.Println(t.Text)
	}
	for _, err := range quantized.Train(context.Background(), sentences(), nil, nil) {
		fmt.Println(err)
	}
	// Output:
	// der Hund schläft
	// seq2seq: training: the model is quantized: want the original
}

// The mean of the encoder's states is a vector of a line, also in a translator without a bottleneck.
func ExampleNetwork_Embed() {
	lines := []string{"the cat sleeps", "the cat sleeps", "the dog runs"}
	var vectors [][]float32
	for e, err := range translator().Embed(context.Background(), corpora.Stream(lines), &seq2seq.EmbedOptions{Normalize: true}) {
		if err != nil {
			panic(err)
		}
		vectors = append(vectors, e.Vector)
	}
	cosine := func(a, b []float32) (sum float32) {
		for i := range a {
			sum += a[i] * b[i]
		}
		return sum
	}
	fmt.Println(len(vectors[0]), "numbers")
	fmt.Println("equal lines are nearest:", cosine(vectors[0], vectors[1]) > cosine(vectors[0], vectors[2]))
	// Output:
	// 16 numbers
	// equal lines are nearest: true
}

// A model that begins with another one keeps its tokens and weights. New words follow the old ones.
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
	var wrong seq2seq.Violations
	if errors.As(err, &wrong) {
		fmt.Println(wrong[0].Path+":", wrong[0].Problem)
	}
	// Output:
	// 7 → 8 tokens
	// all numbers of the base: true and new ones: 17
	// encoder.hidden: 16, where base.retell has 8: want the same, or train.from_partial to copy the parameters that fit
}

// LoadKind reads any kind of network. ModelOf, VectorModelOf and ClassifierOf return it with the methods of its head.
func ExampleVectorModelOf() {
	_, err := seq2seq.VectorModelOf(translator().Network)
	fmt.Println(errors.Is(err, seq2seq.ErrKind), err)
	// Output: true seq2seq: the network has no bottleneck: want an autoencoder
}
