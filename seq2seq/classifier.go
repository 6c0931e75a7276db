package seq2seq

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// KindClassifier is the kind of file that holds a classifier.
const KindClassifier = "classifier"

// ClassifierConfig defines a classifier's head: a linear layer predicts the label from the encoder's pooled states. The
// label is the example's target. A classifier has no decoder and ignores decoder settings.
type ClassifierConfig struct {
	// Pool is how the states become one vector: last, mean, max or attention. Empty (the default) means no classifier.
	Pool rnn.Pooling `yaml:"pool" json:"pool,omitempty"`
}

// DefaultClassifierConfig returns a classifier that learns well from thousands of lines: a bidirectional LSTM encoder
// over words.
func DefaultClassifierConfig() Config {
	c := DefaultConfig()
	c.Source = tokenize.Config{Kind: tokenize.Words, Lowercase: true}
	c.Target = tokenize.Config{Kind: tokenize.Line, KeepCase: true}
	c.Encoder.Hidden, c.Encoder.Embedding = 256, 128
	c.Decoder = DecoderConfig{}
	c.Dropout = 0.5
	c.Classifier.Pool = rnn.PoolMax
	return c
}

// Classifier is a [Network] that labels lines.
type Classifier struct{ *Network }

// BeginClassifier makes a classifier that begins with another model or a given tokenizer; see [Begin]. Its labels
// are the targets of the examples; targets that normalize to the same text are one label. From's labels come first if
// From is a classifier that has one of them. BeginClassifier ignores the options' Kind.
//
// Dai and Le, Semi-supervised Sequence Learning, 2015.
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

// ClassifierOf returns the network as a classifier that shares its weights. A network that does not label lines is an
// error.
func ClassifierOf(n *Network) (*Classifier, error) {
	if _, ok := n.net.head.(*classifier); !ok {
		return nil, safetensors.Mark(fmt.Errorf("seq2seq: a %s network does not label lines: want a classifier", n.config.head().file()), ErrKind)
	}
	return &Classifier{n}, nil
}

// Quantize returns a classifier for inference that multiplies in int8; see [Network.Quantize].
func (c *Classifier) Quantize() *Classifier { return &Classifier{c.Network.Quantize()} }

// Labels returns the labels. [Prediction].Probabilities has the same order.
func (c *Classifier) Labels() []string {
	var labels []string
	for id := firstLabel; id < c.target.Size(); id++ {
		labels = append(labels, c.labelText(int32(id)))
	}
	return labels
}

// labelText returns the label with the given id. Its token in the vocabulary may be escaped.
func (c *Classifier) labelText(id int32) string { return c.target.Decode([]int32{id}) }

// firstLabel is the id of the first label; the special symbols come before it.
const firstLabel = tokenize.EOS + 1

// Prediction is a classifier's answer to a line.
type Prediction struct {
	Text          string    `json:"text"`                    // line as given
	Label         string    `json:"label"`                   // most probable label; empty for a line without tokens
	Probability   float64   `json:"probability"`             // probability of the label, 0 to 1
	Probabilities []float32 `json:"probabilities,omitempty"` // probabilities of all labels, in their order
}

// PredictOptions say how lines are labeled. The zero value and a nil pointer mean the defaults.
type PredictOptions struct {
	BatchSentences int           // lines labeled at a time; 0 means 64; does not change labels
	MaxWait        time.Duration // see [SearchOptions]
}

// Predict yields the label of each line, in order. It reads a batch of lines at a time; a line's label does not depend
// on the others. A blank line has no label and the probability 0.
func (c *Classifier) Predict(ctx context.Context, lines iter.Seq2[string, error], opts *PredictOptions) iter.Seq2[Prediction, error] {
	var o PredictOptions
	if opts != nil {
		o = *opts
	}
	if o.BatchSentences <= 0 {
		o.BatchSentences = inferenceBatch
	}
	return streamBatches(ctx, lines, o.BatchSentences, o.MaxWait, func(batch []string, _ int) ([]Prediction, error) {
		return c.predict(batch), nil
	})
}

// predict labels a batch of lines.
func (c *Classifier) predict(lines []string) []Prediction {
	out := make([]Prediction, len(lines))
	var read []sourceLine
	var at []int
	for i, line := range lines {
		out[i].Text = line
		if r := c.encodeSource(line, new([]string)); len(r.src) > 0 {
			read, at = append(read, r), append(at, i)
		}
	}
	if len(read) == 0 {
		return out
	}
	mem := c.buffers()
	defer c.release(mem)
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
