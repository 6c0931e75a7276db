package seq2seq

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/quote"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// classifierKind is the kind of a classifier's head: a linear layer over the encoder's pooled states. A target is one
// label.
type classifierKind struct{}

func (classifierKind) chosen(c Config) bool { return c.Classifier.Pool != "" }
func (classifierKind) file() string         { return KindClassifier }

func (classifierKind) parts() []paramPart {
	return []paramPart{{"output", []string{"labels."}}, {"bottleneck", []string{"bottleneck."}}}
}

func (classifierKind) validate(v *setting.Check, c Config) {
	v.Name("classifier.pool", c.Classifier.Pool)
	checkPool(v, "classifier.pool", c.Classifier.Pool, c)
	if b := c.Bottleneck; b != (BottleneckConfig{Pool: b.Pool}) {
		v.Add("bottleneck", "of a classifier, which has none: want size 0 and nothing else set")
	}
	if c.TiedEmbeddings != "" && c.TiedEmbeddings != TieNone {
		v.Add("tied_embeddings", "%s with a classifier, which has one matrix: want %s", c.TiedEmbeddings, TieNone)
	}
}

// prune drops decoder settings, which files of earlier versions have.
func (classifierKind) prune(c Config) Config {
	c.Decoder = DecoderConfig{}
	return c
}

func (k classifierKind) resolve(c Config) Config {
	c = k.prune(c)
	if c.TiedEmbeddings == "" {
		c.TiedEmbeddings = TieNone
	}
	return c
}

// targetCodec returns the vocabulary of labels: the labels of the model begun with and then the new ones. If that model
// has none of the examples' labels, the new ones stand alone.
func (classifierKind) targetCodec(o *BeginOptions, c Config, train []corpora.Example) (*tokenize.Codec, error) {
	target, err := o.labels(c, targetTexts(train))
	if err == nil {
		err = checkLabels(target, train)
	}
	if err != nil {
		return nil, fmt.Errorf("seq2seq: classifier: %w", err)
	}
	return target, nil
}

// labels returns the vocabulary of labels, unchecked.
func (o *BeginOptions) labels(c Config, targets iter.Seq2[string, error]) (*tokenize.Codec, error) {
	if old := o.inherited(c, false); old != nil {
		for label := range targets {
			if !slices.Contains(old.Encode(label), tokenize.Unk) {
				return old.Extend(-1, targets)
			}
		}
	}
	if o.From != nil && o.From.kind == KindClassifier {
		c = DefaultClassifierConfig()
	}
	return tokenize.Learn(c.Target, targets)
}

// checkLabels returns an error for a label that is not exactly one token of the target vocabulary.
func checkLabels(target *tokenize.Codec, train []corpora.Example) error {
	for i, e := range train {
		for _, label := range e.Targets {
			switch ids := target.Encode(label); {
			case len(ids) == 0:
				return fmt.Errorf("example %d (%s) has the label %s, which has no tokens: want the name of a class", i+1, quote.Text(e.Source), quote.Text(label))
			case len(ids) > 1:
				return fmt.Errorf("example %d (%s) has the label %s, %d tokens with target.kind %s: want one, as with %s",
					i+1, quote.Text(e.Source), quote.Text(label), len(ids), target.Config().Kind, tokenize.Line)
			case ids[0] < firstLabel:
				return fmt.Errorf("example %d (%s) has the label %s, which target.min_count or max_size leaves out: want neither setting", i+1, quote.Text(e.Source), quote.Text(label))
			}
		}
	}
	return nil
}

// table returns nil: a classifier reads no labels.
func (classifierKind) table(*builder) *rnn.Embedding { return nil }

// build adds the pooling and the linear layer. The parameters of attention pooling are named as a bottleneck's, so that
// one kind of model can begin with the other's.
func (classifierKind) build(b *builder, _ *rnn.Embedding) (head, error) {
	hidden := b.config.states()
	h := &classifier{dropout: b.config.Dropout}
	var err error
	if h.pooler, err = rnn.NewPooler(b.params, "bottleneck", b.config.Classifier.Pool, hidden, b.init); err != nil {
		return nil, err
	}
	h.output, err = rnn.NewOutput(b.params, "labels", h.pooler.Out(), b.targets, nil, b.init)
	return h, err
}

// classifier pools the encoder's states into one vector and predicts a label from it.
type classifier struct {
	pooler  *rnn.Pooler
	output  *rnn.Output
	dropout float64
}

func (h *classifier) loss(p *rnn.Pass, e encoderOutput, pairs []pair, terms lossTerms) *gorgonia.Node {
	vectors := h.pooler.Forward(p, e.memory, e.layout, e.top())
	labels := make([]int32, len(pairs))
	for i, q := range pairs {
		labels[i] = q.label()
	}
	return h.output.WeightedLoss(p, rnn.Dropout(p, vectors, h.dropout), labels, terms.weights, terms.smoothing, terms.stats)
}

// label returns a classifier's target.
func (p pair) label() int32 {
	if len(p.tgt) == 0 {
		return tokenize.Unk
	}
	return p.tgt[0]
}

// tokens returns 1: the label.
func (h *classifier) tokens(pair) int { return 1 }

func (h *classifier) rows(p *rnn.Param) tokenRows {
	if p == h.output.Weight || p == h.output.Bias {
		return predicted
	}
	return noTokens
}

func (h *classifier) accepts(o *TrainOptions) error {
	if o.ScheduledSampling.Kind != "" || o.Risk.Metric != "" {
		return errors.New("options: scheduled_sampling or risk with a classifier: want neither")
	}
	return withoutAttention(o)
}

// weighs returns true. Without weights in validation, patience would end a training that predicts only large classes.
func (h *classifier) weighs() bool { return true }

// outputs returns labels.
func (h *classifier) outputs(ctx context.Context, m *Network, lines []string) ([]string, error) {
	labels := make([]string, 0, len(lines))
	for p, err := range (&Classifier{m}).Predict(ctx, corpora.Stream(lines), nil) {
		if err != nil {
			return nil, err
		}
		labels = append(labels, p.Label)
	}
	return labels, nil
}

// reference returns a label in the form in which the classifier returns it.
func (h *classifier) reference(target *tokenize.Codec, label string) string {
	return target.Normalize(label)
}

func (h *classifier) pack(prec rnn.Precision) packedHead {
	return &packedClassifier{h.pooler.Pack(rnn.Float32), h.output.Pack(prec), h.output.Vocab}
}

// packedClassifier is a classifier that runs without a graph.
type packedClassifier struct {
	pooler *rnn.PackedPooler
	output *rnn.PackedOutput
	size   int // of the target vocabulary
}

// logits returns the label logits of encoded lines, [lines, target vocabulary].
func (f *packedClassifier) logits(mem *rnn.Buffers, e packedEncoderOutput) []float32 {
	batch := e.layout.Batch()
	logits := mem.Take(batch * f.size)
	f.output.Logits(batch, logits, f.size, f.pooler.Forward(mem, e.memory, e.layout, e.top()))
	return logits
}

func (f *packedClassifier) force(_ context.Context, mem *rnn.Buffers, e packedEncoderOutput, pairs []pair, visit visitor) error {
	logits := f.logits(mem, e)
	for i, p := range pairs {
		visit(i, p.label(), logits[i*f.size:][:f.size])
	}
	return nil
}
