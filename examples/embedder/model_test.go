// Package embedder uses an Embedder with other libraries: the vector database chromem-go, LangChain-Go and pgvector-go.
// The package is a module of its own, so that Retell does not depend on them.
package embedder

import (
	"log"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/tokenize"
)

// scenes returns an embedder and made-up sentences. The model is untrained, which suffices to find equal sentences. A
// program loads a trained one: seqae.LoadEmbedder("captions.retell", nil).
func scenes() (*seqae.Embedder, []string) {
	examples, err := corpora.Collect(corpora.Task(corpora.TaskScenes, 1, 100))
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
	model, err := seqae.New(c, lines, 1)
	if err != nil {
		log.Fatal(err)
	}
	embedder, err := seqae.EmbedderOf(model.Network, &seqae.EmbedderOptions{Size: 64})
	if err != nil {
		log.Fatal(err)
	}
	return embedder, lines
}
