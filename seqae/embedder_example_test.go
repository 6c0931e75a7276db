package seqae_test

import (
	"context"
	"fmt"
	"log"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seqae"
)

// sentences returns an untrained embedder, which suffices to find equal sentences. A program loads a trained one with
// [seqae.LoadEmbedder].
func sentences() *seqae.Embedder {
	c := seqae.DefaultConfig()
	c.Model.Encoder.Hidden, c.Model.Decoder.Hidden, c.Model.Bottleneck.Size = 16, 8, 16
	model, err := seqae.New(c, exampleLines(), 1)
	if err != nil {
		log.Fatal(err)
	}
	e, err := seqae.EmbedderOf(model.Network, &seqae.EmbedderOptions{Size: 8}) // the first 8 of 16 numbers
	if err != nil {
		log.Fatal(err)
	}
	return e
}

// Similarity compares each sentence of one list with each of another.
func ExampleEmbedder_Similarity() {
	e := sentences()
	cosines, err := e.Similarity(context.Background(), []string{"a dog runs"}, []string{"two birds sing", "a dog runs"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(e.Size(), "numbers;", cosines[0][0] < cosines[0][1])
	fmt.Printf("%.3f\n", cosines[0][1])
	// Output:
	// 8 numbers; true
	// 1.000
}

// Stream reads texts from anywhere, such as a file of any length, and never holds all of them.
func ExampleEmbedder_Stream() {
	lines := corpora.Stream([]string{"a dog runs", "", "two birds sing"})
	for row, err := range sentences().Stream(context.Background(), lines) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%q %d %v\n", row.Text, len(row.Vector), row.Vector[0] == 0)
	}
	// Output:
	// "a dog runs" 8 false
	// "" 8 true
	// "two birds sing" 8 false
}

// documentEmbedder is the interface embeddings.Embedder of LangChain-Go.
type documentEmbedder interface {
	EmbedDocuments(ctx context.Context, texts []string) ([][]float32, error)
	EmbedQuery(ctx context.Context, text string) ([]float32, error)
}

// embeddingFunc is the type EmbeddingFunc of chromem-go.
type embeddingFunc func(ctx context.Context, text string) ([]float32, error)

// An Embedder is a LangChain-Go embedder, and its EmbeddingFunc is one of chromem-go. The modules below examples/ use
// both, and pgvector-go.
func ExampleEmbedder_EmbedDocuments() {
	ctx := context.Background()
	var langchain documentEmbedder = sentences()
	documents, err := langchain.EmbedDocuments(ctx, []string{"a dog runs", "two birds sing"})
	if err != nil {
		log.Fatal(err)
	}
	var chromem embeddingFunc = sentences().EmbeddingFunc()
	query, err := chromem(ctx, "two birds sing")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(documents), len(query))

	_, err = langchain.EmbedQuery(ctx, " ")
	fmt.Println(err)
	// Output:
	// 2 8
	// seqae: embedding: text 1: " ": its vector is zero: want a text with words
}
