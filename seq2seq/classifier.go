package seq2seq

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// KindClassifier is that of a classifier's files.
const KindClassifier = "classifier"

// ClassifierConfig makes a model one that labels lines: its target is one label, which a linear layer predicts from the
// pooled states of the encoder. There is no decoder, and settings of one are ignored.
type ClassifierConfig struct {
	// Pool is how the states become one vector: last, mean, max or attention. Empty (the default) is a model that writes.
	Pool rnn.Pooling `yaml:"pool" json:"pool,omitempty"`
}

// DefaultClassifierConfig returns a classifier that learns from thousands of lines: words and a bidirectional LSTM
// encoder.
func DefaultClassifierConfig() Config {
	c := DefaultConfig()
	c.Source = tokenize.Config{Kind: tokenize.Words, Lowercase: true}
	c.Target = tokenize.Config{Kind: tokenize.Line, KeepCase: true}
	c.Encoder.Hidden, c.Encoder.Embedding = 256, 128
	c.Decoder = DecoderConfig{} // there is none
	c.Dropout = 0.5
	c.Classifier.Pool = rnn.PoolMax
	return c
}

// Classifier is a network that labels lines, on top of the methods of [Network].
type Classifier struct{ *Network }

// NewClassifier makes an untrained classifier of the labels that the targets of the examples are. A label is any text;
// those that the target tokenizer reads alike are one. from, if not nil, is a network whose encoder it begins with and
// whose source tokenizer it uses; [TrainOptions].From does that too, for the weights alone.
//
// Dai and Le, Semi-supervised Sequence Learning, 2015.
func NewClassifier(c Config, train []corpora.Example, from *Network, seed uint64) (*Classifier, error) {
	if from != nil {
		c.Source, c.Encoder, c.SharedVocab = from.config.Source, from.config.Encoder, false
	}
	m, _, err := BeginClassifier(c, train, seed, &BeginOptions{From: from, Extend: ExtendNone})
	return m, err
}

// BeginClassifier is [NewClassifier] for one that begins with another model or with a given tokenizer; see [Begin].
// Begun with a classifier of some of the labels, it has all labels of both; with another model, or a classifier of
// other labels, those of the examples. The options' Kind is of no account.
func BeginClassifier(c Config, train []corpora.Example, seed uint64, opts *BeginOptions) (*Classifier, Adopted, error) {
	if c.Classifier.Pool == "" {
		return nil, nil, errors.New("seq2seq: classifier.pool: none: want last, mean, max or attention")
	}
	var o BeginOptions
	if opts != nil {
		o = *opts
	}
	o.Kind = KindClassifier
	n, taken, err := o.begin(c, train, seed)
	if err != nil {
		return nil, nil, err
	}
	return &Classifier{n}, taken, n.SetKind(KindClassifier, nil)
}

// LoadClassifier reads a classifier from a file.
func LoadClassifier(path string) (*Classifier, error) {
	n, err := LoadKind(path, KindClassifier)
	if err != nil {
		return nil, err
	}
	return ClassifierOf(n)
}

// ClassifierOf returns the network as a classifier, with which it shares everything. A network that does not label lines
// is an error.
func ClassifierOf(n *Network) (*Classifier, error) {
	if _, ok := n.net.head.(*classifier); !ok {
		return nil, fmt.Errorf("seq2seq: a %s network does not label lines: want a classifier", n.config.head().file())
	}
	return &Classifier{n}, nil
}

// Quantize returns a classifier for inference that multiplies in int8; see [Network.Quantize].
func (c *Classifier) Quantize() *Classifier { return &Classifier{c.Network.Quantize()} }

// Labels returns the labels.
func (c *Classifier) Labels() []string {
	var labels []string
	for id := firstLabel; id < c.target.Size(); id++ {
		labels = append(labels, c.labelText(int32(id)))
	}
	return labels
}

// labelText is the label of that id. Its token in the vocabulary may be escaped.
func (c *Classifier) labelText(id int32) string { return c.target.Decode([]int32{id}) }

// firstLabel is the id of the first label, behind the special symbols.
const firstLabel = tokenize.EOS + 1

// Prediction is what a classifier makes of a line.
type Prediction struct {
	Text          string    `json:"text"`                    // line as it was read
	Label         string    `json:"label"`                   // most probable label; empty for a line without tokens
	Probability   float64   `json:"probability"`             // probability of the label, 0 to 1
	Probabilities []float32 `json:"probabilities,omitempty"` // probabilities of all labels, in their order
}

// PredictOptions say how lines are labelled. The zero value and a nil pointer mean the defaults.
type PredictOptions struct {
	BatchSentences int           // lines labelled at once; 0 means 64. It does not change what they are labelled.
	MaxWait        time.Duration // see [SearchOptions]
}

// Predict yields the label of each line, in order. It reads a batch of lines at a time. What a line is labelled does
// not depend on the others; a blank line has none, and the probability 0.
func (c *Classifier) Predict(ctx context.Context, lines iter.Seq2[string, error], opts *PredictOptions) iter.Seq2[Prediction, error] {
	var o PredictOptions
	if opts != nil {
		o = *opts
	}
	if o.BatchSentences <= 0 {
		o.BatchSentences = inferenceBatch
	}
	return answers(ctx, lines, o.BatchSentences, o.MaxWait, func(batch []string, _ int) ([]Prediction, error) {
		return c.predict(batch), nil
	})
}

// predict labels lines.
func (c *Classifier) predict(lines []string) []Prediction {
	out := make([]Prediction, len(lines))
	var read []reading
	var at []int
	for i, line := range lines {
		out[i].Text = line
		if r := c.read(line, new([]string)); len(r.src) > 0 {
			read, at = append(read, r), append(at, i)
		}
	}
	if len(read) == 0 {
		return out
	}
	mem := c.buffers()
	defer c.give(mem)
	f := c.inference(1)
	logits := f.head.(*packedClassifier).logits(mem, f.encode(mem, read))
	for k, i := range at {
		p := append([]float32(nil), logits[k*c.target.Size():][firstLabel:c.target.Size()]...)
		kernel.Softmax(p)
		best := kernel.ArgMax(p)
		out[i].Label = c.labelText(int32(firstLabel + best))
		out[i].Probability, out[i].Probabilities = float64(p[best]), p
	}
	return out
}
