package seq2seq

import (
	"context"

	"gorgonia.org/gorgonia"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// A network is an encoder and a head. What a model can do follows from its head: a writer, a vector writer or a
// classifier. A new head is a file with its headKind, head and packedHead, and a line in headKinds.

// headKinds returns all kinds of heads. A configuration has the first that it asks for.
func headKinds() []headKind { return []headKind{classifierKind{}, vectorWriterKind{}, writerKind{}} }

// head returns the kind of head that the configuration asks for.
func (c Config) head() headKind {
	for _, k := range headKinds() {
		if k.chosen(c) {
			return k
		}
	}
	return writerKind{}
}

// headKind is a kind of head before it has parameters: its settings, its target side and its parts.
type headKind interface {
	chosen(c Config) bool // whether a configuration asks for it
	file() string         // kind of its models' files

	// validate reports violations in the head's part of a configuration.
	validate(v *setting.Check, c Config)
	// own returns the configuration without the settings that the head does not read.
	prune(c Config) Config
	// resolve returns the configuration with the values that zeros and "" stand for.
	resolve(c Config) Config

	// learn returns the tokenizer of the target side for a model that begins with o.
	targetCodec(o *BeginOptions, c Config, train []corpora.Example) (*tokenize.Codec, error)

	// table adds the table of embedded target tokens, which comes before the encoder's layers; nil for a head without.
	table(b *builder) *rnn.Embedding
	// build adds the head's other parameters.
	build(b *builder, table *rnn.Embedding) (head, error)
	// parts are the groups of the head's parameters.
	parts() []paramPart
}

// builder holds what all parts of a network are built with.
type builder struct {
	config  Config // resolved
	params  *rnn.Params
	init    rnn.Inits
	targets int // size of the target vocabulary
}

// head is the part of a network behind its encoder.
type head interface {
	// loss adds the head to a pass: the summed loss of pairs whose sources are encoded.
	loss(p *rnn.Pass, e encoderOutput, pairs []pair, terms lossTerms) *gorgonia.Node
	// pack packs the weights for running the head with no graph.
	pack(prec rnn.Precision) packedHead

	// accepts returns an error for options that the head cannot be trained with.
	accepts(o *TrainOptions) error
	// weighs reports whether validations weigh examples, as trainings do.
	weighs() bool
	// answers returns the model's outputs for lines: greedy translations, or labels.
	outputs(ctx context.Context, m *Network, lines []string) ([]string, error)
	// reference returns a target as answers are written.
	reference(target *tokenize.Codec, text string) string

	// rows says whether a parameter has a row for each token of the target, and what for.
	rows(p *rnn.Param) tokenRows
}

// tokenRows is the use of a parameter's rows, one for each token of the target.
type tokenRows int

const (
	noTokens  tokenRows = iota // the parameter has no such rows
	embedded                   // the head reads tokens by them
	predicted                  // the head predicts tokens by them, and may read them too
)

// packedHead is a head that runs with no graph.
type packedHead interface {
	// force calls visit with the logits of each token of the pairs' targets, whose sources are encoded.
	force(ctx context.Context, mem *rnn.Buffers, e packedEncoderOutput, pairs []pair, visit visitor) error
}

// visitor is called with a token of pair i and the logits that predict it. The tokens of a pair come in order.
type visitor = func(i int, token int32, logits []float32)

// writingHead is a head that writes.
type writingHead interface {
	// embedding is the table of the target tokens.
	embedding() *rnn.Embedding
}

// packedWriting is a packed writingHead.
type packedWriting interface {
	// decode begins one hypothesis for each encoded line, with room for limit of them.
	decode(mem *rnn.Buffers, e packedEncoderOutput, limit int) *decoderStepper
}

// vectorHead is a head that makes one vector of a line, its embedding.
type vectorHead interface {
	vectorSize() int
}

// packedVectors is a packed vectorHead.
type packedVectors interface {
	// vectors makes the vectors of encoded lines, [lines, size]. Those of a variational head are means, and logVar has
	// the logarithms of the variances; others have none.
	vectors(mem *rnn.Buffers, e packedEncoderOutput) (z, logVar []float32)
}
