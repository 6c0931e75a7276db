package seq2seq

import (
	"fmt"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// KindEmbedder is the kind of file that holds an embedder.
const KindEmbedder = "embedder"

// DefaultEmbedderConfig returns an embedder that learns well from tens of thousands of pairs or sets of sentences, in
// any languages that put spaces between words: the mean of 512 numbers a word, the sum of embeddings of the word's
// character n-grams. Frequent words weigh less.
func DefaultEmbedderConfig() Config {
	c := DefaultConfig()
	c.Source = tokenize.Config{Kind: tokenize.Words, Lowercase: true, MinCount: 2}
	c.Target, c.SharedVocab = c.Source, true
	c.Encoder.Layers, c.Encoder.Hidden, c.Encoder.Bidirectional = 0, 0, false
	c.Encoder.Embedding, c.Encoder.Frequency = 512, 0.001
	c.Encoder.NGrams = NGramConfig{Min: 3, Max: 5, Buckets: 1 << 17, Only: true}
	c.Decoder = DecoderConfig{}
	c.Bottleneck = BottleneckConfig{Size: 512, Pool: rnn.PoolMean, Projection: rnn.ProjectNone, Unit: true}
	c.Dropout = 0
	return c
}

// Embedder is a [Network] without a decoder: [Network.Embed] turns lines into vectors that are near each other if the
// lines mean the same. The contrast of [TrainOptions] trains it.
type Embedder struct{ *Network }

// BeginEmbedder makes an embedder that begins with another model or a given tokenizer; see [Begin]. It ignores the
// options' Kind.
func BeginEmbedder(c Config, train []corpora.Example, seed uint64, opts *BeginOptions) (*Embedder, Adopted, error) {
	var o BeginOptions
	if opts != nil {
		o = *opts
	}
	o.Kind = KindEmbedder
	n, taken, err := o.begin(c, train, seed)
	if err != nil {
		return nil, nil, err
	}
	e, err := EmbedderOf(n)
	if err != nil {
		return nil, nil, err
	}
	return e, taken, n.SetKind(KindEmbedder, nil)
}

// LoadEmbedder reads an embedder from a file.
func LoadEmbedder(path string) (*Embedder, error) {
	n, err := LoadKind(path, KindEmbedder)
	if err != nil {
		return nil, err
	}
	return EmbedderOf(n)
}

// EmbedderOf returns the network as an embedder that shares its weights. A network with another head is an error.
func EmbedderOf(n *Network) (*Embedder, error) {
	if _, ok := n.net.head.(*embedder); !ok {
		return nil, safetensors.Mark(fmt.Errorf("seq2seq: a %s network is no embedder: want decoder.layers 0 and a bottleneck", n.config.head().file()), ErrKind)
	}
	return &Embedder{n}, nil
}

// VectorSize returns the size of the vectors.
func (e *Embedder) VectorSize() int { return e.net.head.(*embedder).vectorSize() }

// Quantize returns an embedder for inference that multiplies in int8; see [Network.Quantize].
func (e *Embedder) Quantize() *Embedder { return &Embedder{e.Network.Quantize()} }
