package seqae_test

import (
	"context"
	"fmt"
	"io"
	"log"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/seqae/vectors"
)

// Package vectors takes the stream of Embed directly.
func ExampleModel_Embed() {
	lines := []string{"a dog runs", "two birds sing", "the cat sleeps"}
	c := seqae.DefaultConfig()
	c.Model.Source.MinCount, c.Model.Target.MinCount = 1, 1
	c.Model.Encoder.Hidden, c.Model.Decoder.Hidden, c.Model.Bottleneck.Size = 8, 8, 4
	model, err := seqae.New(c, lines, 1) // untrained: its vectors suffice to find an equal line
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	rows, err := vectors.Collect(model.Embed(ctx, corpora.Stream(lines), nil))
	if err != nil {
		log.Fatal(err)
	}
	index, err := vectors.NewIndex(ctx, rows, nil)
	if err != nil {
		log.Fatal(err)
	}
	queries := model.Embed(ctx, corpora.Stream([]string{"two birds sing"}), &seq2seq.EmbedOptions{Normalize: true})
	for r, err := range index.Search(ctx, queries, &vectors.SearchOptions{K: 1}) {
		if err != nil {
			log.Fatal(err)
		}
		for _, n := range r.Neighbors {
			fmt.Printf("row %d, %.3f: %s\n", n.Row, n.Similarity, n.Text)
		}
	}
	n, err := vectors.Write(io.Discard, vectors.JSONL, model.Embed(ctx, corpora.Stream(lines), nil))
	fmt.Println(n, "rows written", err)
	// Output:
	// row 1, 1.000: two birds sing
	// 3 rows written <nil>
}
