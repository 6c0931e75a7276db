package seq2seq

import (
	"math/rand/v2"

	"gorgonia.org/gorgonia"

	"github.com/retell-rnn/retell/rnn"
)

// network is a model's layers: an encoder and a head.
type layers struct {
	*encoder
	head   head
	params *rnn.Params // of both, in the order of files
}

// newNetwork builds the layers of a valid configuration. Their first values are drawn from rng; with nil they are zero,
// to be loaded.
func newLayers(c Config, sourceSize, targetSize int, rng *rand.Rand) (*layers, error) {
	c = c.resolved()
	b := &builder{config: c, params: rnn.NewParams(rng), init: c.Init.inits(), targets: targetSize}
	if rng == nil {
		b.init = rnn.Inits{Matrix: func(int) rnn.Init { return rnn.Zero() }}
	}
	n := &layers{params: b.params}
	var source *rnn.Embedding
	if c.TiedEmbeddings != TieAll {
		source = rnn.NewEmbedding(b.params, "source.embedding", sourceSize, c.Encoder.Embedding, b.init)
	}
	kind := c.head()
	table := kind.table(b)
	if c.TiedEmbeddings == TieAll {
		source = table
	}
	var err error
	if n.encoder, err = newEncoder(b, source); err != nil {
		return nil, err
	}
	n.head, err = kind.build(b, table)
	return n, err
}

// inits are the initialisers that the configuration names.
func (c InitConfig) inits() rnn.Inits {
	in := rnn.Inits{ForgetBias: float32(c.ForgetBias)}
	in.Matrix = func(int) rnn.Init { return rnn.Uniform(c.Scale) }
	if c.Matrices == InitGlorot {
		in.Matrix = rnn.Glorot
	}
	if c.Orthogonal {
		in.Recurrent = rnn.Orthogonal
	}
	return in
}

// lossTerms say what a loss is made of, and where its figures go.
type lossTerms struct {
	smoothing float64
	repeated  float64 // weight of attention that repeats
	guided    float64 // weight of attention that is wanted
	latent    rnn.Latent
	read      [][]int32 // what the decoder reads of each pair behind <s>, as long as its target; nil for the targets
	weights   []float32 // of each pair's loss; nil for 1
	stats     *rnn.LossStats
}

// loss adds the network to a pass: the summed loss of the pairs by teacher forcing.
func (n *layers) loss(p *rnn.Pass, pairs []pair, terms lossTerms) *gorgonia.Node {
	return n.head.loss(p, n.encode(p, sources(pairs)), pairs, terms)
}

// pack packs the weights for running the network with no graph.
func (n *layers) pack(prec rnn.Precision) *inference {
	return &inference{n.encoder.pack(prec), n.head.pack(prec)}
}

// inference is a network that runs with no graph. It is immutable and safe for concurrent use.
type inference struct {
	*packedEncoder
	head packedHead
}

// decode begins one hypothesis for each encoded line, with room for limit of them. The network's head writes.
func (f *inference) decode(mem *rnn.Buffers, e packedEncoderOutput, limit int) *decoderStepper {
	return f.head.(packedWriting).decode(mem, e, limit)
}
