package seq2seq

import (
	"context"
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// writerKind is the kind of a translator's head: a decoder that begins with the encoder's last states and attends to
// all states.
type writerKind struct{}

func (writerKind) chosen(Config) bool    { return true }
func (writerKind) file() string          { return kindModel }
func (writerKind) prune(c Config) Config { return c }
func (writerKind) parts() []paramPart {
	return append(decoderParts(), paramPart{"bridge", []string{"bridge."}})
}

func (writerKind) validate(v *setting.Check, c Config) {
	e, d := c.Encoder, c.Decoder
	v.Name("decoder.cell", d.Cell)
	v.Between("decoder.layers", d.Layers, 1, maxLayers)
	v.Between("decoder.hidden", d.Hidden, 1, maxSize)
	v.Between("decoder.embedding", d.Embedding, 1, maxSize)
	v.In("decoder.attention", setting.OneOf(d.Attention, rnn.Attentions()...))
	if d.Attention.EqualSizes() && d.Hidden != e.Hidden {
		v.Add("decoder.hidden", "%d differs from encoder.hidden, %d: want equal sizes for %s attention", d.Hidden, e.Hidden, d.Attention)
	}
	v.Between("decoder.attention_size", d.AttentionSize, 0, maxSize)
	if d.Attention == rnn.NoAttention && d.AttentionSize != 0 {
		v.Add("decoder.attention_size", "%d without attention: want 0", d.AttentionSize)
	}
	if d.Attention == rnn.NoAttention && d.InputFeeding {
		v.Add("decoder.input_feeding", "true without attention: want false")
	}
	if d.Coverage {
		if err := d.Attention.CheckCoverage(); err != nil {
			v.Add("decoder.coverage", "true %v", err)
		}
	}
	if d.Attention == rnn.NoAttention && d.Copy {
		v.Add("decoder.copy", "true without attention: want false")
	}
	v.Within("decoder.word_dropout", d.WordDropout, 0, 1)
	c.Bottleneck.validate(v, c)
	if e.Layers == 0 && c.Bottleneck.Size == 0 {
		v.Add("encoder.layers", "0 with a decoder that begins with the encoder's last states: want 1 or more, or a bottleneck")
	}
	v.Name("tied_embeddings", c.TiedEmbeddings)
	if c.TiedEmbeddings == TieAll && !c.SharedVocab {
		v.Add("tied_embeddings", "all without shared_vocab: want one vocabulary for one matrix")
	}
	if c.TiedEmbeddings == TieAll && e.Embedding != d.Embedding {
		v.Add("decoder.embedding", "%d differs from encoder.embedding, %d: want equal sizes for tied_embeddings: all", d.Embedding, e.Embedding)
	}
}

func (writerKind) resolve(c Config) Config {
	if c.Decoder.Cell == "" {
		c.Decoder.Cell = c.Encoder.Cell
	}
	if c.Decoder.AttentionSize == 0 && c.Decoder.Attention != rnn.NoAttention {
		c.Decoder.AttentionSize = c.Decoder.Hidden
	}
	if c.TiedEmbeddings == "" {
		c.TiedEmbeddings = TieNone
	}
	return c
}

func (writerKind) targetCodec(o *BeginOptions, c Config, train []corpora.Example) (*tokenize.Codec, error) {
	target, err := o.tokenizer(o.Target, o.inherited(c, false), c.Target, targetTexts(train))
	if err != nil {
		return nil, fmt.Errorf("seq2seq: target side: %w", err)
	}
	return target, nil
}

func (writerKind) table(b *builder) *rnn.Embedding {
	return rnn.NewEmbedding(b.params, "target.embedding", b.targets, b.config.Decoder.Embedding, b.init)
}

func (writerKind) build(b *builder, table *rnn.Embedding) (head, error) {
	e, d := b.config.Encoder, b.config.Decoder
	w := &writer{bridge: rnn.NewBridge(b.params, "bridge", e.Cell, e.Layers, e.Hidden, d.Cell, d.Layers, d.Hidden, b.init)}
	var err error
	w.decoder, err = newDecoder(b, table, 0)
	return w, err
}

// writer is a decoder that begins with the encoder's last states and may attend to all states.
type writer struct {
	*decoder
	bridge *rnn.Bridge
}

func (w *writer) loss(p *rnn.Pass, e encoderOutput, pairs []pair, terms lossTerms) *gorgonia.Node {
	y, to := w.embed(p, pairs, terms.read)
	d := w.layers.Forward(p, y, to, e.memory, e.layout, w.bridge.Forward(p, e.last), nil)
	var extra *gorgonia.Node // losses of coverage and guided alignment; nil without both
	if d.Repeated != nil && terms.repeated > 0 {
		extra = p.Scale(d.Repeated, terms.repeated)
	}
	if terms.guided > 0 {
		if g := guide(p, d.Attention, to, pairs, terms.spread(to)); g != nil {
			extra = p.Sum(extra, p.Scale(g, terms.guided))
		}
	}
	return p.Sum(w.decoder.loss(p, d, to, pairs, terms), extra)
}

func (w *writer) accepts(o *TrainOptions) error {
	if o.CoverageLoss > 0 && !w.config.Decoder.Coverage {
		return errNoCoverage(o)
	}
	if w.config.Decoder.Attention == rnn.NoAttention {
		return withoutAttention(o)
	}
	return nil
}

// withoutAttention returns an error for options that need attention.
func withoutAttention(o *TrainOptions) error {
	switch {
	case o.CoverageLoss > 0:
		return errNoCoverage(o)
	case o.GuidedAlignment > 0:
		return fmt.Errorf("options: guided_alignment: %v with a model without attention: want 0", o.GuidedAlignment)
	}
	return nil
}

func errNoCoverage(o *TrainOptions) error {
	return fmt.Errorf("options: coverage_loss: %v with a model without decoder.coverage: want 0", o.CoverageLoss)
}

// tokens returns the number of target tokens with </s>.
func (d *decoder) tokens(q pair) int { return len(q.tgt) + 1 }

// weighs returns false: validation losses count every token equally.
func (d *decoder) weighs() bool { return false }

// outputs returns greedy translations.
func (d *decoder) outputs(ctx context.Context, m *Network, lines []string) ([]string, error) {
	texts := make([]string, 0, len(lines))
	for t, err := range (&Model{m}).Translate(ctx, corpora.Stream(lines), &SearchOptions{Beam: 1}) {
		if err != nil {
			return nil, err
		}
		texts = append(texts, t.Text)
	}
	return texts, nil
}

// reference returns the text unchanged.
func (d *decoder) reference(_ *tokenize.Codec, text string) string { return text }

func (w *writer) pack(prec rnn.Precision) packedHead {
	return &packedWriter{w.decoder.pack(prec), w.bridge.Pack(rnn.Float32)}
}

// packedWriter is a writer that runs without a graph.
type packedWriter struct {
	*packedDecoder
	bridge *rnn.PackedBridge
}

func (f *packedWriter) decode(mem *rnn.Buffers, e packedEncoderOutput, limit int) *decoderStepper {
	batch := e.layout.Batch()
	from := rnn.DecoderInit{Batch: batch, Memory: e.memory, Source: e.layout, States: f.bridge.Forward(mem, batch, e.last)}
	return f.start(mem, from, limit, e.lines)
}

func (f *packedWriter) force(ctx context.Context, mem *rnn.Buffers, e packedEncoderOutput, pairs []pair, visit visitor) error {
	return forceDecoder(ctx, f.decode(mem, e, 0), pairs, visit)
}
