package seq2seq

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// Network is an encoder and a head with their tokenizers, the common part of all kinds of models. It has the methods
// that need no particular head: training, validation, files and embeddings. [Model], [VectorModel] and [Classifier] add
// those of their heads.
//
// A network is safe for concurrent use, except during training: then only the body of the loop over [Network.Train] may
// use it.
type Network struct {
	config         Config
	source, target *tokenize.Codec
	summary        Summary
	kind, about    string // of its files; see SetKind
	net            *layers

	mu        sync.Mutex
	packed    [2]*inference // for few rows at a time and for many; nil while the weights have changed since
	quantized bool          // by Quantize: not to be trained
	spare     sync.Pool     // of *rnn.Buffers
}

// Summary says how a model came to be.
type Summary struct {
	Seed       uint64  `json:"seed"`                  // seed of the training
	Steps      int     `json:"steps"`                 // optimizer steps behind these weights
	Epochs     float64 `json:"epochs"`                // passes over the training data behind these weights
	Loss       float64 `json:"loss"`                  // validation loss: mean over target tokens, in nats; 0 without a validation
	Accuracy   float64 `json:"accuracy"`              // share of validation tokens that are the likeliest by teacher forcing, 0 to 1
	TrainPairs int     `json:"train_pairs,omitempty"` // pairs trained on
	ValidPairs int     `json:"valid_pairs,omitempty"` // pairs validated on
	Start      string  `json:"start,omitempty"`       // hash of the first weights, if some come from another model
	Origin     *Origin `json:"origin,omitempty"`      // model that some of the first weights come from
	TrainHash  string  `json:"train_hash,omitempty"`  // hash of the encoded training pairs in their order
	ValidHash  string  `json:"valid_hash,omitempty"`  // hash of the encoded validation pairs in their order

	Score      *metric.Score `json:"score,omitempty"`      // score of the validation behind these weights, by the metric that validations are compared by
	Options    *TrainOptions `json:"options,omitempty"`    // options of the training, with the values that defaults stand for
	Arithmetic string        `json:"arithmetic,omitempty"` // instruction set that trained: amx, avx512, avx2 or generic

	// Format is the reader of the data that the model was trained on, where that is known.
	Format *corpora.Format `json:"format,omitempty"`
	Run    *Run            `json:"run,omitempty"` // program and files of the training
}

// Run is what a program that trains a model knows of the training, beside the library: see [Network.SetRun].
type Run struct {
	Date    string   `json:"date,omitempty"`    // time at which the training began, in RFC 3339
	Program string   `json:"program,omitempty"` // program that trained, with its version
	Data    []string `json:"data,omitempty"`    // names of the files trained on
	Valid   []string `json:"valid,omitempty"`   // names of the files validated on
}

// Learn makes the tokenizers that the configuration names from training examples.
func Learn(c Config, train []corpora.Example) (source, target *tokenize.Codec, err error) {
	if err := c.Validate(); err != nil {
		return nil, nil, fmt.Errorf("seq2seq: configuration: %w", err)
	}
	return new(BeginOptions).tokenizers(c, train)
}

// NewNetwork makes an untrained network of any kind whose first weights are drawn with the seed. The tokenizers are
// those of the configuration; with SharedVocab they are one.
func NewNetwork(c Config, source, target *tokenize.Codec, seed uint64) (*Network, error) {
	m, err := assemble(c, source, target, rand.New(rand.NewPCG(seed, initStream)))
	if err != nil {
		return nil, err
	}
	m.summary.Seed = seed
	return m, nil
}

// initStream sets the draws of the first weights apart from those of the training.
const initStream = 1 << 33

func assemble(c Config, source, target *tokenize.Codec, rng *rand.Rand) (*Network, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("seq2seq: configuration: %w", err)
	}
	if source == nil || target == nil {
		return nil, errors.New("seq2seq: a tokenizer is missing: want one for each side")
	}
	if c.SharedVocab && source != target {
		return nil, errors.New("seq2seq: shared_vocab with two tokenizers: want one for both sides")
	}
	c = c.head().prune(c)
	net, err := newLayers(c, source.Size(), target.Size(), rng)
	if err != nil {
		return nil, fmt.Errorf("seq2seq: %w", err)
	}
	return &Network{config: c, source: source, target: target, kind: c.head().file(), net: net}, nil
}

// Config returns the model's configuration.
func (m *Network) Config() Config { return m.config }

// Source returns the tokenizer of the source side.
func (m *Network) Source() *tokenize.Codec { return m.source }

// Target returns the tokenizer of the target side.
func (m *Network) Target() *tokenize.Codec { return m.target }

// Unseen returns what the source tokenizer lacks of a line, as [tokenize.Codec.Unseen] does of what the model reads of
// it.
func (m *Network) Unseen(line string) []string {
	return m.source.Unseen(m.config.Encoder.Factors.text(m.source.Config(), line))
}

// Summary says how the model came to be.
func (m *Network) Summary() Summary { return m.summary }

// SetFormat notes the reader of the data that the model is trained on, for those who evaluate it later.
func (m *Network) SetFormat(f corpora.Format) { m.summary.Format = &f }

// SetRun notes what is known of the training to come; its files hold it.
func (m *Network) SetRun(r Run) { m.summary.Run = &r }

// Parameters is the number of trained values.
func (m *Network) Parameters() int { return m.net.params.Count() }

// Quantize returns a network for inference whose products multiply in int8, with a scale for each output of a weight
// matrix and one for each row that it meets: several times faster where reading the weights takes the time, and nearly
// as good. It cannot be trained, and it saves the weights of m, with which it shares its tables of embeddings: train m
// no further while it is in use.
func (m *Network) Quantize() *Network {
	f := m.net.pack(rnn.Int8)
	return &Network{
		config: m.config, source: m.source, target: m.target, summary: m.summary, kind: m.kind, about: m.about, net: m.net,
		packed: [2]*inference{f, f}, quantized: true,
	}
}

// manyRows is from how many rows on products are wide: see [rnn.Precision].
const manyRows = 32

// inference returns the weights packed for products of about so many rows: sentences, or hypotheses of them. What is
// found for a sentence has the same bits beside any others, with the same packed weights.
func (m *Network) inference(rows int) *inference {
	m.mu.Lock()
	defer m.mu.Unlock()
	prec, packed := rnn.Float32, &m.packed[0]
	if wide := prec.Wide(); rows >= manyRows && wide != prec {
		prec, packed = wide, &m.packed[1]
	}
	if *packed == nil {
		*packed = m.net.pack(prec)
	}
	return *packed
}

// changed notes that the weights have changed.
func (m *Network) changed() {
	m.mu.Lock()
	m.packed = [2]*inference{}
	m.mu.Unlock()
}

// buffers lends a workspace; give takes it back.
func (m *Network) buffers() *rnn.Buffers {
	if b, ok := m.spare.Get().(*rnn.Buffers); ok {
		return b
	}
	return new(rnn.Buffers)
}

func (m *Network) release(b *rnn.Buffers) {
	b.Reset()
	m.spare.Put(b)
}
