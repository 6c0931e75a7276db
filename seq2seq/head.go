package seq2seq

import (
	"context"

	"gorgonia.org/gorgonia"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// A network is an encoder and a head: a writer, a vector writer, an embedder, a classifier or a labeler. The head
// decides what the model can do. A new head is a file with its headKind, head and packedHead, and a line in headKinds.

// headKinds returns all kinds of heads. The first kind that a configuration chooses is the one that it has.
func headKinds() []headKind {
	return []headKind{classifierKind{}, labelerKind{}, embedderKind{}, vectorWriterKind{}, writerKind{}}
}

// head returns the kind of head that the configuration chooses.
func (c Config) head() headKind {
	for _, k := range headKinds() {
		if k.chosen(c) {
			return k
		}
	}
	return writerKind{}
}

// headKind is a kind of head without parameters: its settings, its target tokenizer and its parts.
type headKind interface {
	chosen(c Config) bool // whether a configuration chooses this kind
	file() string         // kind of the models' files

	// validate reports violations in the head's part of a configuration.
	validate(v *setting.Check, c Config)
	// prune returns the configuration without the settings that the head does not use.
	prune(c Config) Config
	// resolve returns the configuration with the defaults that zeros and "" stand for.
	resolve(c Config) Config

	// targetCodec returns the target tokenizer of a model that begins with o: a learned or an inherited one.
	targetCodec(o *BeginOptions, c Config, train []corpora.Example) (*tokenize.Codec, error)

	// table adds the target embeddings, whose parameters come before the encoder's layers. It returns nil for a head
	// that reads no target tokens.
	table(b *builder) *rnn.Embedding
	// build adds the head's other parameters.
	build(b *builder, table *rnn.Embedding) (head, error)
	// parts returns the groups of the head's parameters.
	parts() []paramPart
}

// builder holds the arguments for building the parts of a network.
type builder struct {
	config  Config // resolved
	source  *tokenize.Codec
	params  *rnn.Params
	init    rnn.Inits
	target  *tokenize.Codec
	targets int // size of the target vocabulary
}

// head is the part of a network that follows the encoder.
type head interface {
	// loss adds the head to a pass and returns the summed loss of the pairs. e is their encoded sources.
	loss(p *rnn.Pass, e encoderOutput, pairs []pair, terms lossTerms) *gorgonia.Node
	// pack packs the weights for running the head without a graph.
	pack(prec rnn.Precision) packedHead

	// accepts returns an error for training options that do not fit the head.
	accepts(o *TrainOptions) error
	// weighs reports whether validations use the weights of examples.
	weighs() bool
	// outputs returns the model's outputs for lines: greedy translations, or labels.
	outputs(ctx context.Context, m *Network, lines []string) ([]string, error)
	// reference returns a target in the form of an output, for comparison.
	reference(target *tokenize.Codec, text string) string

	// tokens returns the number of tokens that the loss of a pair counts.
	tokens(q pair) int
	// rows returns the use of a parameter's rows.
	rows(p *rnn.Param) tokenRows
}

// exampleHead is a head that reads an example's targets in its own way.
type exampleHead interface {
	// check returns an error for examples that do not fit the head. Only examples to learn from must have known labels.
	check(target *tokenize.Codec, examples []corpora.Example, learn bool) error
	// fits reports whether to train on the tokens of a source and a target that noise has made.
	fits(src, tgt []int32) (bool, error)
	// texts returns the texts of an example's targets. Each makes a pair.
	texts(e corpora.Example) []string
}

// tokenRows is the use of a parameter with one row for each target token.
type tokenRows int

const (
	noTokens  tokenRows = iota // no row for each target token
	embedded                   // rows embed the tokens that the head reads
	predicted                  // rows predict tokens, and may embed them too
)

// packedHead is a head that runs without a graph: a packedForcing, a packedLosses, a packedVectors or several.
type packedHead any

// packedForcing is a packed head that predicts tokens.
type packedForcing interface {
	// force calls visit with the logits of each token of the pairs' targets. e is their encoded sources.
	force(ctx context.Context, mem *rnn.Buffers, e packedEncoderOutput, pairs []pair, visit visitor) error
}

// packedLosses is a packed head that computes the losses of pairs as wholes.
type packedLosses interface {
	// losses returns the figures of each pair. e is their encoded sources.
	losses(mem *rnn.Buffers, e packedEncoderOutput, pairs []pair) []rnn.LossStats
}

// visitor receives a token of pair i and the logits that predict it. The tokens of a pair come in order.
type visitor = func(i int, token int32, logits []float32)

// writingHead is a head that writes.
type writingHead interface {
	// embedding is the table of target embeddings.
	embedding() *rnn.Embedding
}

// packedWriting is a packed writingHead.
type packedWriting interface {
	// decode begins one hypothesis for each encoded line, with room for limit hypotheses.
	decode(mem *rnn.Buffers, e packedEncoderOutput, limit int) *decoderStepper
}

// vectorHead is a head that turns a line into one vector, the line's embedding.
type vectorHead interface {
	vectorSize() int
	// vectors adds the head's vectors of encoded lines to a pass, [lines, size]. divergence is a variational head's part
	// of the loss; nil otherwise.
	vectors(p *rnn.Pass, e encoderOutput, l rnn.Latent) (z, divergence *gorgonia.Node)
}

// packedVectors is a packed vectorHead.
type packedVectors interface {
	// vectors returns the vectors of encoded lines, [lines, size]. In a variational head, z holds means and logVar the
	// logarithms of variances; otherwise logVar is nil.
	vectors(mem *rnn.Buffers, e packedEncoderOutput) (z, logVar []float32)
}
