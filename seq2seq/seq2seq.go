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

// Network is an encoder and a head with their tokenizers: the common part of all kinds of models. Its methods work with
// every head: training, validation, files and embeddings. [Model], [VectorModel] and [Classifier] add the methods of
// their heads.
//
// A network is safe for concurrent use, except during training: then only the body of the loop over [Network.Train] may
// use it.
type Network struct {
	config         Config
	source, target *tokenize.Codec
	summary        Summary
	kind, about    string // kind and notes of its files; see SetKind
	net            *layers

	mu        sync.Mutex
	packed    [2]*inference // weights packed for few and for many rows at a time; nil if out of date
	quantized bool          // made by Quantize, cannot be trained
	spare     sync.Pool     // holds *rnn.Buffers
}

// Summary describes the training of a model.
type Summary struct {
	Seed       uint64  `json:"seed"`                  // seed of the training
	Steps      int     `json:"steps"`                 // optimizer steps that made these weights
	Epochs     float64 `json:"epochs"`                // passes over the training data that made these weights
	Loss       float64 `json:"loss"`                  // validation loss: mean over target tokens, in nats; 0 without a validation
	Accuracy   float64 `json:"accuracy"`              // share of validation tokens that the model ranks first by teacher forcing, 0 to 1
	TrainPairs int     `json:"train_pairs,omitempty"` // pairs trained on
	ValidPairs int     `json:"valid_pairs,omitempty"` // pairs validated on
	Start      string  `json:"start,omitempty"`       // hash of the first weights, if some come from another model
	Origin     *Origin `json:"origin,omitempty"`      // model that some of the first weights come from
	TrainHash  string  `json:"train_hash,omitempty"`  // hash of the encoded training pairs in their order
	ValidHash  string  `json:"valid_hash,omitempty"`  // hash of the encoded validation pairs in their order

	Score      *metric.Score `json:"score,omitempty"`      // validation score of these weights, by the metric that compares validations
	Options    *TrainOptions `json:"options,omitempty"`    // options of the training, with defaults filled in
	Arithmetic string        `json:"arithmetic,omitempty"` // instruction set of the training: amx, avx512, avx2 or generic

	// Format is the format of the training data, if known.
	Format *corpora.Format `json:"format,omitempty"`
	Run    *Run            `json:"run,omitempty"` // program and files of the training
}

// Run describes a training in terms that only the calling program knows; see [Network.SetRun].
type Run struct {
	Date    string   `json:"date,omitempty"`    // time when the training began, in RFC 3339
	Program string   `json:"program,omitempty"` // training program, with its version
	Data    []string `json:"data,omitempty"`    // names of the files trained on
	Valid   []string `json:"valid,omitempty"`   // names of the files validated on
}

// Learn makes the configuration's tokenizers from training examples. With SharedVocab, both are the same one.
func Learn(c Config, train []corpora.Example) (source, target *tokenize.Codec, err error) {
	if err := c.Validate(); err != nil {
		return nil, nil, fmt.Errorf("seq2seq: configuration: %w", err)
	}
	return new(BeginOptions).tokenizers(c, train)
}

// NewNetwork makes an untrained network of any kind. The seed draws the first weights. [Learn] makes the tokenizers;
// with SharedVocab, both are the same one.
func NewNetwork(c Config, source, target *tokenize.Codec, seed uint64) (*Network, error) {
	m, err := assemble(c, source, target, rand.New(rand.NewPCG(seed, initStream)))
	if err != nil {
		return nil, err
	}
	m.summary.Seed = seed
	return m, nil
}

// initStream is the random stream of the first weights, apart from the streams of training.
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
	net, err := newLayers(c, source, target, rng)
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

// Unseen returns the words and characters of a line that the source tokenizer lacks, without features; see
// [tokenize.Codec.Unseen]. A model that reads words by their n-grams alone lacks words only if it knows no word of the
// line, such as in another language.
func (m *Network) Unseen(line string) []string {
	unseen := m.source.Unseen(m.config.Encoder.Factors.text(m.source.Config(), line))
	if m.config.Encoder.NGrams.Only && len(unseen) < len(m.source.Encode(line)) {
		return nil
	}
	return unseen
}

// Summary describes the training of the model.
func (m *Network) Summary() Summary { return m.summary }

// SetFormat records the format of the training data in the model's summary, for later evaluations.
func (m *Network) SetFormat(f corpora.Format) { m.summary.Format = &f }

// SetRun records a description of the next training in the model's summary, which its files hold.
func (m *Network) SetRun(r Run) { m.summary.Run = &r }

// Parameters returns the number of weights.
func (m *Network) Parameters() int { return m.net.params.Count() }

// Quantize returns a network for inference that multiplies matrices in int8, with a scale for each output of a weight
// matrix and for each input row. It is several times faster if reading the weights takes most of the time, and nearly
// as accurate. It cannot be trained. It shares embeddings with m, so do not train m while it is in use. Save writes the
// original weights.
func (m *Network) Quantize() *Network {
	f := m.net.pack(rnn.Int8)
	return &Network{
		config: m.config, source: m.source, target: m.target, summary: m.summary, kind: m.kind, about: m.about, net: m.net,
		packed: [2]*inference{f, f}, quantized: true,
	}
}

// manyRows is the least number of rows for which products are wide; see [rnn.Precision].
const manyRows = 32

// inference returns weights packed for products of about the given number of rows (sentences or hypotheses). With the
// same packed weights, a sentence's results are bit-identical whatever else is in its batch.
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

// changed discards the packed weights after the weights have changed.
func (m *Network) changed() {
	m.mu.Lock()
	m.packed = [2]*inference{}
	m.mu.Unlock()
}

// buffers returns a workspace. Call release when done with it.
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
