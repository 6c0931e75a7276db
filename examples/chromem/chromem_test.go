// Package chromem uses an autoencoder with a vector database: EmbeddingFunc fits chromem-go unchanged. The package is a
// module of its own, so that Retell does not depend on the database.
package chromem

import (
	"context"
	"fmt"
	"log"
	"strconv"

	chromem "github.com/philippgille/chromem-go"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/tokenize"
)

// An autoencoder, trained on made-up sentences, embeds the documents of a collection and the query.
func Example() {
	ctx := context.Background()
	examples, err := corpora.Collect(corpora.Task(corpora.TaskScenes, 1, 2000))
	if err != nil {
		log.Fatal(err)
	}
	var lines []string
	for _, e := range examples {
		lines = append(lines, e.Source)
	}
	c := seqae.DefaultConfig()
	c.Model.Source = tokenize.Config{Kind: tokenize.Words}
	c.Model.Target = c.Model.Source
	c.Model.Encoder.Hidden, c.Model.Decoder.Hidden, c.Model.Bottleneck.Size = 64, 64, 64
	model, err := seqae.New(c, lines, 1)
	if err != nil {
		log.Fatal(err)
	}
	opts := &seq2seq.TrainOptions{Epochs: 3}
	opts.Schedule.Kind, opts.Schedule.Rate = "constant", 0.01
	for _, err := range model.Train(ctx, lines, nil, opts) {
		if err != nil {
			log.Fatal(err)
		}
	}

	collection, err := chromem.NewDB().CreateCollection("scenes", nil, model.EmbeddingFunc())
	if err != nil {
		log.Fatal(err)
	}
	var documents []chromem.Document
	for i, line := range lines[:100] {
		documents = append(documents, chromem.Document{ID: strconv.Itoa(i), Content: line})
	}
	if err := collection.AddDocuments(ctx, documents, 2); err != nil {
		log.Fatal(err)
	}
	found, err := collection.Query(ctx, lines[7], 1, nil, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found[0].ID, found[0].Content == lines[7])
	// Output: 7 true
}
