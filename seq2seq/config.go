package seq2seq

import (
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// Greatest values of a Config's settings.
const (
	maxLayers = 8
	maxSize   = 1 << 16
)

// Config defines a model and its tokenizers. It is plain data and saved with the model. Start from [DefaultConfig]: the
// zero value is not valid.
type Config struct {
	Source tokenize.Config `yaml:"source" json:"source"` // how source lines become tokens
	Target tokenize.Config `yaml:"target" json:"target"` // how target lines become tokens

	// SharedVocab makes one vocabulary from the lines of both sides. It needs equal settings in Source and Target.
	SharedVocab bool `yaml:"shared_vocab" json:"shared_vocab"`

	Encoder EncoderConfig `yaml:"encoder" json:"encoder"`                   // the recurrent layers that read the source
	Decoder DecoderConfig `yaml:"decoder,omitzero" json:"decoder,omitzero"` // the recurrent layers that write the target

	// Classifier, if its Pool is set, makes the model a classifier of lines.
	Classifier ClassifierConfig `yaml:"-" json:"classifier,omitzero"`

	// Labeler, if its Output is set, makes the model a labeler of tokens.
	Labeler LabelerConfig `yaml:"labeler,omitzero" json:"labeler,omitzero"`

	// Bottleneck makes one vector the only path from the encoder to the decoder, as in an autoencoder, unless its size
	// is 0.
	Bottleneck BottleneckConfig `yaml:"bottleneck" json:"bottleneck"`

	// Dropout is the probability, 0 to below 1, that training zeroes a number: in the embedded tokens, between layers,
	// and in the output layer's input. The default is 0.3.
	Dropout float64 `yaml:"dropout" json:"dropout"`

	// VariationalDropout zeroes the same numbers at every step of a sequence (Gal and Ghahramani 2016).
	VariationalDropout bool `yaml:"variational_dropout" json:"variational_dropout"`

	// RecurrentDropout is the probability, 0 (the default) to below 1, that training zeroes a number of a layer's
	// previous state, the same numbers at every step of a sequence.
	RecurrentDropout float64 `yaml:"recurrent_dropout" json:"recurrent_dropout"`

	// EmbeddingDropout is the probability, 0 (the default) to below 1, that training reads all occurrences of a token
	// in a sequence as zeros.
	EmbeddingDropout float64 `yaml:"embedding_dropout" json:"embedding_dropout"`

	// TiedEmbeddings chooses the matrices that are shared: none ("", the default), output (one matrix for the target's
	// embedding and the output layer) or all (for the source's embedding, too; needs SharedVocab). If the sizes differ,
	// the output layer's input is projected (Press and Wolf 2017).
	TiedEmbeddings Tying `yaml:"tied_embeddings" json:"tied_embeddings"`

	Init InitConfig `yaml:"init" json:"init"` // initial values of the parameters
}

// EncoderConfig defines the stack of recurrent layers that reads the source.
type EncoderConfig struct {
	Cell rnn.Cell `yaml:"cell" json:"cell"` // kind of the recurrent layers: lstm (the default), gru, mgu or peephole

	// Layers is the number of recurrent layers, 0 to 8; the default is 1. With 0, the states are the embedded tokens:
	// the model needs a bottleneck, or is a classifier, and pools them in any way but last.
	Layers int `yaml:"layers" json:"layers"`

	// Levels makes the encoder a U (Ronneberger, Fischer and Brox 2015): each of its levels, 0 (the default) to 8, halves
	// the length by joining neighbors and doubles it again on the way back, and Layers recurrent layers read each level
	// on each way. On the way back they read the level below beside the states of their own level on the way there, and
	// so see features at several scales. Each token has a state, as without levels; pooling last is of the top.
	Levels int `yaml:"levels" json:"levels,omitempty"`

	Hidden int `yaml:"hidden" json:"hidden"` // size of each layer's output, 1 to 65536; the default is 512

	// Bidirectional splits Hidden: one half reads forwards and the other half backwards. The default is true.
	Bidirectional bool `yaml:"bidirectional" json:"bidirectional"`

	Embedding int `yaml:"embedding" json:"embedding"` // size of an embedded token, 1 to 65536; the default is 256

	Factors FactorConfig `yaml:"factors" json:"factors"` // features of the source tokens, such as stems; the default is none

	NGrams NGramConfig `yaml:"ngrams" json:"ngrams,omitzero"` // character n-grams of the source tokens' words; the default is none

	Chars CharConfig `yaml:"chars" json:"chars,omitzero"` // characters of the source tokens, by a recurrent layer; the default is none

	// Frequency multiplies the embedding of each token and n-gram by Frequency/(Frequency + p), where p is its share of
	// the text that the tokenizer learned from: frequent words say little about a sentence (Arora, Liang and Ma, A
	// Simple but Tough-to-Beat Baseline for Sentence Embeddings, 2017). The factors are fixed, and recurrent layers read
	// each token with a root mean square of 1, whatever its factor. The range is 0 to 1; 0 (the default) means factors of
	// 1, and 0.001 is usual. With n-grams, source.kind is fields, space or words.
	Frequency float64 `yaml:"frequency" json:"frequency,omitempty"`

	// Residual adds each layer's input to its output, except in the lowest layer (Wu et al. 2016). The default is
	// false.
	Residual bool `yaml:"residual" json:"residual"`

	// LayerNorm normalizes the inputs of each layer's gates and of an LSTM's cell (Ba, Kiros and Hinton 2016).
	LayerNorm bool `yaml:"layer_norm" json:"layer_norm"`

	// WordDropout is the probability, 0 (the default) to 1, that training reads a source token as <unk>. The token's
	// features, characters and n-grams stay, so that training has words like those that the vocabulary lacks.
	WordDropout float64 `yaml:"word_dropout" json:"word_dropout"`
}

// DecoderConfig defines the stack of recurrent layers that writes the target.
type DecoderConfig struct {
	Cell      rnn.Cell `yaml:"cell" json:"cell"`           // kind of the recurrent layers: lstm, gru, mgu or peephole; "" (the default) means the encoder's kind
	Layers    int      `yaml:"layers" json:"layers"`       // number of recurrent layers, 1 to 8; the default is 1
	Hidden    int      `yaml:"hidden" json:"hidden"`       // size of each layer's output, 1 to 65536; the default is 512
	Embedding int      `yaml:"embedding" json:"embedding"` // size of an embedded token, 1 to 65536; the default is 256

	// Attention is the score by which the decoder attends to the encoder's outputs: none, dot, general or concat
	// (Luong, Pham and Manning 2015), scaled_dot (Vaswani et al. 2017), or bahdanau (Bahdanau, Cho and Bengio 2015).
	// With none, only the decoder's first state depends on the source. dot and scaled_dot need equal sizes in encoder
	// and decoder. The default is general.
	Attention rnn.Attention `yaml:"attention" json:"attention"`

	// AttentionSize is the size of the attentional vector, 1 to 65536, or 0 (the default) for Hidden. The output layer
	// reads this vector, the tanh of a projection of context and state.
	AttentionSize int `yaml:"attention_size" json:"attention_size"`

	// InputFeeding lets each step read the previous step's attentional vector beside the token (Luong et al. 2015). It
	// needs attention. The default is true.
	InputFeeding bool `yaml:"input_feeding" json:"input_feeding"`

	// Coverage shows concat and bahdanau attention how much attention each source token has received so far (See, Liu
	// and Manning 2017). [TrainOptions].CoverageLoss adds a loss for it. The default is false.
	Coverage bool `yaml:"coverage" json:"coverage"`

	// Copy lets each step copy a source token, so that the target can hold words that the vocabulary lacks (See, Liu
	// and Manning 2017). It needs attention. The default is false.
	Copy bool `yaml:"copy" json:"copy"`

	Residual  bool `yaml:"residual" json:"residual"`     // adds each layer's input to its output, except in the lowest layer
	LayerNorm bool `yaml:"layer_norm" json:"layer_norm"` // normalizes the inputs of each layer's gates and of an LSTM's cell

	// WordDropout is the probability, 0 (the default) to 1, that training reads the previous target token as <unk>, so
	// that the decoder relies more on the source (Bowman et al. 2016).
	WordDropout float64 `yaml:"word_dropout" json:"word_dropout"`
}

// InitConfig defines the initial values of the parameters. Biases begin with 0, except for ForgetBias.
type InitConfig struct {
	// Matrices is the distribution of initial matrices: uniform (the default) in ±Scale, or glorot, uniform in
	// ±√(6/(in+out)) (Glorot and Bengio 2010).
	Matrices MatrixInit `yaml:"matrices" json:"matrices"`

	// Scale is the bound of uniform, 0 to 1; 0 (the default) means 0.1. glorot ignores it.
	Scale float64 `yaml:"scale" json:"scale"`

	// Orthogonal makes the recurrent matrices orthogonal (Saxe, McClelland and Ganguli 2014). The default is false.
	Orthogonal bool `yaml:"orthogonal" json:"orthogonal"`

	// ForgetBias is the initial bias of an LSTM's forget gate (Gers, Schmidhuber and Cummins 1999), -10 to 10; the
	// default is 1. The other cells ignore it.
	ForgetBias float64 `yaml:"forget_bias" json:"forget_bias"`
}

// DefaultConfig returns a model that learns well from tens of thousands of sentence pairs: byte-pair encoding, a
// bidirectional LSTM encoder, and an LSTM decoder with general attention and input feeding.
func DefaultConfig() Config {
	return Config{
		Encoder: EncoderConfig{Cell: rnn.LSTM, Layers: 1, Hidden: 512, Bidirectional: true, Embedding: 256},
		Decoder: DecoderConfig{Layers: 1, Hidden: 512, Embedding: 256, Attention: rnn.General, InputFeeding: true},
		Dropout: 0.3,
		Init:    InitConfig{Matrices: InitUniform, ForgetBias: 1},
	}
}

// Violation is a wrong setting: its path, such as encoder.layers, and the problem.
type Violation = setting.Violation

// Violations are all wrong settings that a Validate method found, as one error for [errors.As].
type Violations = setting.Violations

// Validate returns [Violations], or nil.
func (c Config) Validate() error {
	var v setting.Check
	v.In("source", c.Source.Validate())
	v.In("target", c.Target.Validate())
	if c.SharedVocab && c.Source != c.Target {
		v.Add("shared_vocab", "source and target differ: want equal settings for a shared vocabulary")
	}

	e := c.Encoder
	v.In("encoder.cell", setting.OneOf(e.Cell, rnn.Cells()...))
	v.Between("encoder.layers", e.Layers, 0, maxLayers)
	v.Between("encoder.levels", e.Levels, 0, maxLayers)
	if e.Levels > 0 && e.Layers == 0 {
		v.Add("encoder.levels", "%d with encoder.layers 0, which leaves nothing to read them: want 0, or layers", e.Levels)
	}
	if e.Layers > 0 {
		v.Between("encoder.hidden", e.Hidden, 1, maxSize)
	}
	if e.Bidirectional && e.Hidden%2 != 0 {
		v.Add("encoder.hidden", "%d is odd: want an even number for a bidirectional encoder", e.Hidden)
	}
	v.Between("encoder.embedding", e.Embedding, 1, maxSize)
	e.Factors.validate(&v, c)
	e.NGrams.validate(&v, c)
	e.Chars.validate(&v, c)
	e.validateFrequency(&v, c)
	v.Within("encoder.word_dropout", e.WordDropout, 0, 1)
	c.head().validate(&v, c)
	v.Rate("dropout", c.Dropout)
	v.Rate("recurrent_dropout", c.RecurrentDropout)
	v.Rate("embedding_dropout", c.EmbeddingDropout)
	v.In("init.matrices", setting.OneOf(c.Init.Matrices, InitUniform, InitGlorot))
	v.Within("init.scale", c.Init.Scale, 0, 1)
	if c.Init.Matrices == InitGlorot && c.Init.Scale != 0 {
		v.Add("init.scale", "%v with glorot, which sets its own: want 0", c.Init.Scale)
	}
	v.Within("init.forget_bias", c.Init.ForgetBias, -10, 10)
	return v.Err()
}

// resolved returns the configuration with the defaults that 0 and "" stand for.
func (c Config) resolved() Config {
	c = c.head().resolve(c)
	c.Encoder.Factors = c.Encoder.Factors.resolved(c.Encoder.Embedding)
	c.Encoder.NGrams = c.Encoder.NGrams.resolved()
	c.Encoder.Chars = c.Encoder.Chars.resolved()
	if c.Init.Scale == 0 && c.Init.Matrices == InitUniform {
		c.Init.Scale = 0.1
	}
	return c
}
