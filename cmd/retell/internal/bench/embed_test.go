package bench

import (
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq"
)

// BenchmarkEmbed turns made-up sentences into vectors of 256 numbers: by the mean of their tokens' embeddings, with
// n-grams, and with a bidirectional LSTM, also in int8.
func BenchmarkEmbed(b *testing.B) {
	examples, err := corpora.Collect(corpora.Task(corpora.TaskScenes, 1, 8192))
	if err != nil {
		b.Fatal(err)
	}
	lines := make([]string, len(examples))
	for i, e := range examples {
		lines[i] = e.Source
	}
	for _, c := range []struct {
		name   string
		int8   bool
		change func(c *seq2seq.Config)
	}{
		{"words", false, func(c *seq2seq.Config) { c.Encoder.NGrams = seq2seq.NGramConfig{} }},
		{"ngrams", false, func(*seq2seq.Config) {}},
		{"lstm", false, addLSTM},
		{"lstm-int8", true, addLSTM},
	} {
		config := seq2seq.DefaultEmbedderConfig()
		c.change(&config)
		m, _, err := seq2seq.BeginEmbedder(config, examples, 1, nil)
		if err != nil {
			b.Fatal(err)
		}
		if c.int8 {
			m = m.Quantize()
		}
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, err := range m.Embed(b.Context(), corpora.Stream(lines), nil) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.N*len(lines))/b.Elapsed().Seconds(), "sentences/s")
		})
	}
}

// addLSTM adds a layer of 512 above the embeddings.
func addLSTM(c *seq2seq.Config) {
	c.Encoder.Layers, c.Encoder.Hidden, c.Encoder.Bidirectional = 1, 512, true
	c.Bottleneck.Projection = rnn.ProjectLinear
}
