package seq2seq

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// embedderKind is the kind of an embedder's head: a bottleneck without a decoder.
type embedderKind struct{}

func (embedderKind) chosen(c Config) bool { return c.Decoder.Layers == 0 && c.Bottleneck.Size > 0 }
func (embedderKind) file() string         { return KindEmbedder }

func (embedderKind) parts() []paramPart {
	return []paramPart{{"bottleneck", []string{"bottleneck."}}}
}

func (embedderKind) validate(v *setting.Check, c Config) {
	if c.Decoder != (DecoderConfig{}) {
		v.Add("decoder", "settings beside layers 0, which makes the model an embedder: want layers of 1 or more, or no settings")
	}
	if !c.SharedVocab {
		v.Add("shared_vocab", "false with an embedder, which has one tokenizer: want true")
	}
	if c.TiedEmbeddings != "" && c.TiedEmbeddings != TieNone {
		v.Add("tied_embeddings", "%s with an embedder, which has one matrix: want %s", c.TiedEmbeddings, TieNone)
	}
	if c.Bottleneck.Condition || c.Bottleneck.Variational {
		v.Add("bottleneck", "feed or variational with an embedder, which has no decoder: want neither")
	}
	c.Bottleneck.validate(v, c)
}

func (embedderKind) prune(c Config) Config { return c }

func (embedderKind) resolve(c Config) Config {
	c.Bottleneck.Pool = cmp.Or(c.Bottleneck.Pool, rnn.PoolMean)
	c.TiedEmbeddings = cmp.Or(c.TiedEmbeddings, TieNone)
	return c
}

// targetCodec is not called: an embedder has one tokenizer.
func (embedderKind) targetCodec(*BeginOptions, Config, []corpora.Example) (*tokenize.Codec, error) {
	return nil, errors.New("seq2seq: an embedder with two tokenizers: want shared_vocab")
}

// table returns nil: an embedder reads no targets.
func (embedderKind) table(*builder) *rnn.Embedding { return nil }

func (embedderKind) build(b *builder, _ *rnn.Embedding) (head, error) {
	h := &embedder{config: b.config.Bottleneck}
	var err error
	if h.bottleneck, err = h.config.layer(b); err != nil {
		return nil, err
	}
	if h.config.Post != "" {
		h.post = rnn.NewAffine(b.params, "bottleneck.post", h.config.Size, h.config.PostSize)
	}
	return h, nil
}

// embedder turns the encoder's states into one vector.
type embedder struct {
	config     BottleneckConfig
	bottleneck *rnn.Bottleneck
	post       *rnn.Affine // nil without post-processing
}

func (h *embedder) vectorSize() int {
	if h.post != nil {
		return h.config.PostSize
	}
	return h.config.Size
}

// loss returns the contrast's loss, which is the only one.
func (h *embedder) loss(p *rnn.Pass, e encoderOutput, _ []pair, terms lossTerms) *gorgonia.Node {
	z, _ := h.vectors(p, e, terms.latent)
	return terms.contrast.loss(p, z)
}

func (h *embedder) vectors(p *rnn.Pass, e encoderOutput, l rnn.Latent) (z, divergence *gorgonia.Node) {
	return h.bottleneck.Forward(p, e.memory, e.layout, e.top(), e.embedded, l)
}

// tokens returns 1: the set.
func (h *embedder) tokens(pair) int { return 1 }

// rows returns noTokens: an embedder has no targets.
func (h *embedder) rows(*rnn.Param) tokenRows { return noTokens }

// weighs returns false: validation losses count every anchor equally.
func (h *embedder) weighs() bool { return false }

func (h *embedder) accepts(o *TrainOptions) error {
	switch {
	case o.ScheduledSampling.Kind != "" || o.Risk.Metric != "" || o.LabelSmoothing != 0:
		return errors.New("options: scheduled_sampling, risk or label_smoothing with an embedder, which has no decoder: want none of them")
	case o.BPEDropout.Target != 0:
		return errors.New("options: bpe_dropout.target with an embedder, which has no targets: want bpe_dropout.source")
	case o.Samples != 0:
		return errors.New("options: samples of an embedder, which writes nothing: want 0")
	}
	if m, err := o.validationMetric(); err == nil && m != nil {
		return fmt.Errorf("options: validate_by: %s of an embedder, which writes nothing: want loss, recall@1 or spearman", o.ValidateBy)
	}
	return withoutAttention(o)
}

// outputs returns an error: an embedder writes nothing.
func (h *embedder) outputs(context.Context, *Network, []string) ([]string, error) {
	return nil, errors.New("an embedder has no outputs: want validate_by loss, recall@1 or spearman")
}

// reference returns the text unchanged.
func (h *embedder) reference(_ *tokenize.Codec, text string) string { return text }

func (h *embedder) pack(rnn.Precision) packedHead {
	f := &packedEmbedder{bottleneck: h.bottleneck.Pack(rnn.Float32), unit: h.config.Unit}
	if h.post != nil {
		f.post = h.post.Pack(rnn.Float32)
	}
	return f
}

// packedEmbedder is an embedder that runs without a graph.
type packedEmbedder struct {
	bottleneck *rnn.PackedBottleneck
	post       *rnn.PackedAffine // nil without post-processing
	unit       bool
}

func (f *packedEmbedder) vectors(mem *rnn.Buffers, e packedEncoderOutput) (z, logVar []float32) {
	z, _ = f.bottleneck.Forward(mem, e.memory, e.layout, e.top(), e.embedded)
	if f.post == nil {
		return z, nil
	}
	lines := e.layout.Batch()
	z = f.post.Forward(mem, lines, z)
	if size := len(z) / lines; f.unit {
		for i := range lines {
			row := z[i*size:][:size]
			kernel.Unit(row, row)
		}
	}
	return z, nil
}
