package embedder

import (
	"context"
	"fmt"
	"log"
	"strconv"

	chromem "github.com/philippgille/chromem-go"
)

// EmbeddingFunc embeds the documents of a chromem-go collection and the queries.
func Example_chromem() {
	ctx := context.Background()
	embedder, lines := scenes()
	collection, err := chromem.NewDB().CreateCollection("scenes", nil, embedder.EmbeddingFunc())
	if err != nil {
		log.Fatal(err)
	}
	vectors, err := embedder.Encode(ctx, lines) // all at once is faster than one by one
	if err != nil {
		log.Fatal(err)
	}
	var documents []chromem.Document
	for i, line := range lines {
		documents = append(documents, chromem.Document{ID: strconv.Itoa(i), Content: line, Embedding: vectors[i]})
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
