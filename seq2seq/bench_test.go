package seq2seq

import (
	"math/rand/v2"
	"testing"

	"github.com/retell-rnn/retell/rnn"
)

// benchConfigs are the configurations that the PyTorch twin is measured with: V words on each side, sentences of T tokens, B a batch.
var benchConfigs = []struct {
	name    string
	v, b, t int
	config  func(*Config)
}{
	{"lstm", 8000, 64, 14, func(*Config) {}},
	{"attn", 8000, 64, 14, func(c *Config) { c.Encoder.Bidirectional, c.Decoder.Attention = true, "general" }},
	{"attn-feed", 8000, 64, 14, func(c *Config) {
		c.Encoder.Bidirectional, c.Decoder.Attention, c.Decoder.InputFeeding = true, "general", true
	}},
	{"bahdanau-feed", 8000, 64, 14, func(c *Config) {
		c.Encoder.Bidirectional, c.Decoder.Attention, c.Decoder.InputFeeding = true, "bahdanau", true
	}},
	{"gru2", 8000, 64, 14, func(c *Config) { c.Encoder.Cell, c.Encoder.Layers, c.Decoder.Layers = "gru", 2, 2 }},
	{"char", 64, 128, 12, func(c *Config) {
		c.Encoder.Bidirectional, c.Decoder.Attention = true, "general"
		c.Encoder.Embedding, c.Decoder.Embedding, c.Encoder.Hidden, c.Decoder.Hidden = 64, 64, 256, 256
	}},
	{"char-lstm", 64, 128, 12, func(c *Config) {
		c.Encoder.Embedding, c.Decoder.Embedding, c.Encoder.Hidden, c.Decoder.Hidden = 64, 64, 256, 256
	}},
}

func BenchmarkTrainStep(b *testing.B) {
	for _, c := range benchConfigs {
		b.Run(c.name, func(b *testing.B) {
			config := DefaultConfig()
			config.Encoder.Bidirectional, config.Decoder.Attention, config.Decoder.InputFeeding, config.Dropout = false, "none", false, 0
			c.config(&config)
			rng := rand.New(rand.NewPCG(1, 1))
			net, err := newNetwork(config, c.v, c.v, rng)
			if err != nil {
				b.Fatal(err)
			}
			pairs := make([]pair, c.b)
			for i := range pairs {
				for range c.t {
					pairs[i].src = append(pairs[i].src, int32(4+rng.IntN(c.v-4)))
					if len(pairs[i].src) < c.t {
						pairs[i].tgt = append(pairs[i].tgt, int32(4+rng.IntN(c.v-4)))
					}
				}
			}
			t := &trainer{Model: &Model{net: net}, train: pairs, o: (&TrainOptions{}).defaults(), opt: &rnn.Adam{}}
			batch := make([]int, c.b)
			for i := range batch {
				batch[i] = i
			}
			step := func() {
				if _, err := t.step([][]int{batch}); err != nil {
					b.Fatal(err)
				}
			}
			step()
			step()
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				step()
			}
			b.ReportMetric(float64(b.N*c.b*c.t)/b.Elapsed().Seconds(), "tokens/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}
