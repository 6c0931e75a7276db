package seqae

import (
	"fmt"
	"io"
	"strings"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

// Kind is the kind of an autoencoder's file; see [seq2seq.LoadKind].
const Kind = "seqae"

// Config defines an autoencoder.
type Config struct {
	Model     seq2seq.Config // network, with a bottleneck
	Objective Objective      // what the decoder learns to write
}

// Objective says what an autoencoder learns to write. The zero value means its source.
type Objective struct {
	// Next makes the target the next sentence of the corpus, as in skip-thoughts (Kiros et al., Skip-Thought Vectors,
	// 2015). A blank line ends a text: the sentence before it has no next one.
	Next bool `yaml:"next" json:"next"`

	// Noise corrupts the source in training; the target stays clean (Vincent et al., Extracting and Composing Robust
	// Features with Denoising Autoencoders, 2008).
	Noise Noise `yaml:"noise" json:"noise"`
}

// Kinds describes an autoencoder in words: "plain", or some of "denoising", "variational" and "next".
func (c Config) Kinds() string {
	var kinds []string
	noise := c.Objective.Noise
	noise.Vary = 0 // varies the target too, so there is no noise to remove
	for _, k := range []struct {
		is   bool
		name string
	}{{noise != Noise{}, "denoising"}, {c.Model.Bottleneck.Variational, "variational"}, {c.Objective.Next, "next"}} {
		if k.is {
			kinds = append(kinds, k.name)
		}
	}
	if kinds == nil {
		return "plain"
	}
	return strings.Join(kinds, " ")
}

// DefaultConfig returns a plain autoencoder that learns well from tens of thousands of sentences. It has BPE tokens,
// which can spell any text, a bidirectional LSTM encoder, and a vector of 512 numbers that the decoder reads at every
// step. Merges of 0 mean 2,000 in an autoencoder, because it remembers frequent tokens best.
func DefaultConfig() Config {
	c := seq2seq.DefaultConfig()
	c.Source = tokenize.Config{Kind: tokenize.BPE}
	c.Target, c.SharedVocab = c.Source, true
	c.Decoder.Attention, c.Decoder.InputFeeding = rnn.NoAttention, false
	c.Bottleneck = seq2seq.BottleneckConfig{Size: 512, Condition: true}
	c.Dropout = 0
	return Config{Model: c}
}

// resolved replaces 0 merges by the default of an autoencoder.
func (c Config) resolved() Config {
	for _, side := range []*tokenize.Config{&c.Model.Source, &c.Model.Target} {
		if side.Merges == 0 && (side.Kind == "" || side.Kind == tokenize.BPE) {
			side.Merges = 2000
		}
	}
	return c
}

// Validate returns [seq2seq.Violations], or nil.
func (c Config) Validate() error {
	var v setting.Check
	v.In("model", c.Model.Validate())
	if c.Model.Bottleneck.Size == 0 {
		v.Add("model.bottleneck.size", "0: want the size of the autoencoder's vector")
	}
	if c.Objective.Noise.Vary > 0 && c.Objective.Next {
		v.Add("autoencoder.noise.vary", "%v with autoencoder.next: want 0", c.Objective.Noise.Vary)
	}
	v.In("autoencoder.noise", c.Objective.Noise.Validate())
	return v.Err()
}

// Model is an autoencoder: a [seq2seq.VectorModel] with an objective. It is safe for concurrent use while it is not
// being trained.
type Model struct {
	*seq2seq.VectorModel
	objective Objective
}

// New returns an untrained autoencoder. It learns the tokenizers from the lines and draws the weights with the seed.
func New(c Config, lines []string, seed uint64) (*Model, error) {
	m, _, err := Begin(c, lines, seed, nil)
	return m, err
}

// Begin is [New] for an autoencoder that starts from another model or with given tokenizers; see [seq2seq.Begin]. It
// ignores opts.Kind.
func Begin(c Config, lines []string, seed uint64, opts *seq2seq.BeginOptions) (*Model, seq2seq.Adopted, error) {
	if err := c.Validate(); err != nil {
		return nil, nil, fmt.Errorf("seqae: configuration: %w", err)
	}
	var o seq2seq.BeginOptions
	if opts != nil {
		o = *opts
	}
	o.Kind = Kind
	given := o.Source != nil || o.From != nil
	if !given {
		c.Model.Source = c.resolved().Model.Source
	}
	if o.Target == nil && !(o.From != nil && o.From.Kind() == Kind) && !(given && c.Model.SharedVocab) {
		c.Model.Target = c.resolved().Model.Target
	}
	examples := c.Objective.Examples(lines)
	if c.Model.SharedVocab { // a shared tokenizer counts each line once, not once per side
		examples = Objective{}.Examples(lines)
		for i := range examples {
			examples[i].Targets = nil
		}
	}
	net, taken, err := seq2seq.Begin(c.Model, examples, seed, &o)
	if err != nil {
		return nil, nil, fmt.Errorf("seqae: %w", err)
	}
	vector, err := seq2seq.VectorModelOf(net.Network)
	if err != nil {
		return nil, nil, fmt.Errorf("seqae: %w", err)
	}
	return &Model{vector, c.Objective}, taken, net.SetKind(Kind, c.Objective)
}

// Load reads an autoencoder from a file that Save or a training wrote. The errors are those of [seq2seq.Load].
func Load(path string) (*Model, error) {
	net, err := seq2seq.LoadKind(path, Kind)
	if err != nil {
		return nil, err
	}
	m, err := of(net)
	if err != nil {
		return nil, fmt.Errorf("seqae: model %s: %w", path, err)
	}
	return m, nil
}

// Read is [Load] for a model inside another file; see [seq2seq.Read].
func Read(r io.ReaderAt, size int64) (*Model, error) {
	net, err := seq2seq.Read(r, size, Kind)
	if err != nil {
		return nil, err
	}
	m, err := of(net)
	if err != nil {
		return nil, fmt.Errorf("seqae: model: %w", err)
	}
	return m, nil
}

// of returns the autoencoder of a network read from a file.
func of(net *seq2seq.Network) (*Model, error) {
	vector, err := seq2seq.VectorModelOf(net)
	if err != nil {
		return nil, err
	}
	m := &Model{VectorModel: vector}
	return m, net.About(&m.objective)
}

// Config returns the model's configuration.
func (m *Model) Config() Config { return Config{m.VectorModel.Config(), m.objective} }

// Quantize returns a copy for inference that multiplies in int8; see [seq2seq.Network.Quantize].
func (m *Model) Quantize() *Model { return &Model{m.VectorModel.Quantize(), m.objective} }

// Examples returns the training examples of lines, in order.
func (o Objective) Examples(lines []string) []corpora.Example {
	var out []corpora.Example
	for i, line := range lines {
		target := line
		if o.Next {
			if i+1 == len(lines) || tokenize.IsBlank(line) || tokenize.IsBlank(lines[i+1]) {
				continue
			}
			target = lines[i+1]
		}
		out = append(out, corpora.Example{Source: line, Targets: []string{target}})
	}
	return out
}
