package embedder

import (
	"context"
	"fmt"
	"log"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

// memory is a vector store in memory.
type memory struct {
	embedder  embeddings.Embedder
	documents []schema.Document
	vectors   [][]float32
}

var _ vectorstores.VectorStore = (*memory)(nil)

// AddDocuments implements vectorstores.VectorStore.
func (m *memory) AddDocuments(ctx context.Context, documents []schema.Document, _ ...vectorstores.Option) ([]string, error) {
	var texts, ids []string
	for i, d := range documents {
		texts, ids = append(texts, d.PageContent), append(ids, fmt.Sprint(len(m.documents)+i))
	}
	vectors, err := m.embedder.EmbedDocuments(ctx, texts)
	if err != nil {
		return nil, err
	}
	m.documents, m.vectors = append(m.documents, documents...), append(m.vectors, vectors...)
	return ids, nil
}

// SimilaritySearch implements vectorstores.VectorStore for one document.
func (m *memory) SimilaritySearch(ctx context.Context, query string, _ int, _ ...vectorstores.Option) ([]schema.Document, error) {
	vector, err := m.embedder.EmbedQuery(ctx, query)
	if err != nil {
		return nil, err
	}
	best := schema.Document{Score: -2}
	for i, v := range m.vectors {
		cosine := float32(0)
		for j := range v {
			cosine += v[j] * vector[j]
		}
		if cosine > best.Score {
			best = m.documents[i]
			best.Score = cosine
		}
	}
	return []schema.Document{best}, nil
}

// An Embedder is an embedder of LangChain-Go, whose vector stores and retrievers take it.
func Example_langchaingo() {
	ctx := context.Background()
	embedder, lines := scenes()
	store := &memory{embedder: embedder}
	var documents []schema.Document
	for _, line := range lines {
		documents = append(documents, schema.Document{PageContent: line})
	}
	if _, err := store.AddDocuments(ctx, documents); err != nil {
		log.Fatal(err)
	}
	found, err := vectorstores.ToRetriever(store, 1).GetRelevantDocuments(ctx, lines[7])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v %.3f\n", found[0].PageContent == lines[7], found[0].Score)
	// Output: true 1.000
}
