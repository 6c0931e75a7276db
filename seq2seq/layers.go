package seq2seq

import (
	"math/rand/v2"

	"gorgonia.org/gorgonia"

	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// layers holds the layers of a network: an encoder and a head.
type layers struct {
	*encoder
	head   head
	params *rnn.Params // parameters of both, in file order
}

// newLayers builds the layers of a valid configuration. rng draws their first values; with a nil rng they are zero, to
// be loaded from a file.
func newLayers(c Config, sourceCodec, targetCodec *tokenize.Codec, rng *rand.Rand) (*layers, error) {
	c = c.resolved()
	b := &builder{config: c, source: sourceCodec, params: rnn.NewParams(rng), init: c.Init.inits(), target: targetCodec, targets: targetCodec.Size()}
	if rng == nil {
		b.init = rnn.Inits{Matrix: func(int) rnn.Init { return rnn.Zero() }}
	}
	n := &layers{params: b.params}
	var source *rnn.Embedding
	if c.TiedEmbeddings != TieAll && !c.Encoder.NGrams.Only {
		source = rnn.NewEmbedding(b.params, "source.embedding", sourceCodec.Size(), c.Encoder.Embedding, b.init)
		source.Factors = c.Encoder.tokenFactors(sourceCodec)
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

// inits returns the initializers that the configuration names.
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

// lossTerms defines the terms of a loss, and where its figures go.
type lossTerms struct {
	smoothing float64
	repeated  float64 // weight of the coverage loss
	guided    float64 // weight of the loss of guided alignment
	latent    rnn.Latent
	contrast  *contrastTerms
	read      [][]int32 // decoder's input tokens of each pair after <s>, as many as its target has; nil means the targets
	weights   []float32 // weight of each pair's loss; nil means 1
	labels    []float32 // weight of each label of a labeler, by its id; nil means 1
	stats     *rnn.LossStats
}

// loss adds the network to a pass and returns the summed loss of the pairs.
func (n *layers) loss(p *rnn.Pass, pairs []pair, terms lossTerms) *gorgonia.Node {
	return n.head.loss(p, n.encode(p, sources(pairs)), pairs, terms)
}

// pack packs the weights for running the network without a graph.
func (n *layers) pack(prec rnn.Precision) *inference {
	return &inference{n.encoder.pack(prec), n.head.pack(prec)}
}

// inference is a network that runs without a graph. It is immutable and safe for concurrent use.
type inference struct {
	*packedEncoder
	head packedHead
}

// decode begins one hypothesis for each encoded line, with room for limit hypotheses. The network must have a writing
// head.
func (f *inference) decode(mem *rnn.Buffers, e packedEncoderOutput, limit int) *decoderStepper {
	return f.head.(packedWriting).decode(mem, e, limit)
}
