package linear_test

import (
	"context"
	"fmt"
	"log"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae/linear"
	"github.com/retell-rnn/retell/tokenize"
)

// Labels lines by the vectors of an embedder. This one is untrained, so that the example is fast; words beside the
// vectors help it.
func Example() {
	ctx := context.Background()
	var labeled, texts []corpora.Example
	for range 5 {
		for line, label := range map[string]string{"a dog barks": "pets", "the cat sleeps": "pets", "it rains": "weather", "the sun shines": "weather"} {
			labeled = append(labeled, corpora.Example{Source: line, Targets: []string{label}})
			texts = append(texts, corpora.Example{Source: line, Targets: []string{line}})
		}
	}
	config := seq2seq.DefaultEmbedderConfig()
	config.Source, config.Target = tokenize.Config{Kind: tokenize.Space}, tokenize.Config{Kind: tokenize.Space}
	embedder, _, err := seq2seq.BeginEmbedder(config, texts, 1, nil)
	if err != nil {
		log.Fatal(err)
	}
	c, err := linear.Fit(ctx, embedder.Network, labeled, nil, &linear.Options{Words: true})
	if err != nil {
		log.Fatal(err)
	}
	for p, err := range c.Predict(ctx, corpora.Stream([]string{"the dog sleeps", "the sun"}), nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(p.Label)
	}
	// Output:
	// pets
	// weather
}
