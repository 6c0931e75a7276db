package seq2seq

import (
	"cmp"
	"context"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/retell-rnn/retell/rnn"
)

// vectorWriterKind is the kind of an autoencoder's head: a decoder that sees the source only as one vector.
type vectorWriterKind struct{ writerKind }

func (vectorWriterKind) chosen(c Config) bool { return c.Bottleneck.Size > 0 }

func (vectorWriterKind) parts() []paramPart {
	return append(decoderParts(), paramPart{"bottleneck", []string{"bottleneck."}})
}

func (k vectorWriterKind) resolve(c Config) Config {
	c.Bottleneck.Pool = cmp.Or(c.Bottleneck.Pool, rnn.PoolMean)
	return k.writerKind.resolve(c)
}

func (vectorWriterKind) build(b *builder, table *rnn.Embedding) (head, error) {
	w := &vectorWriter{config: b.config.Bottleneck}
	var err error
	if w.bottleneck, err = w.config.layer(b); err != nil {
		return nil, err
	}
	condition := 0
	if w.config.Condition {
		condition = w.config.Size
	}
	w.decoder, err = newDecoder(b, table, condition)
	return w, err
}

// layer adds the bottleneck's parameters.
func (c BottleneckConfig) layer(b *builder) (*rnn.Bottleneck, error) {
	d := b.config.Decoder
	return rnn.NewBottleneck(b.params, "bottleneck", rnn.BottleneckConfig{
		Pool: c.Pool, Projection: c.Projection, In: b.config.states(), Size: c.Size, Unit: c.Unit, Variational: c.Variational,
		Skip: c.Skip, Embedded: b.config.embedded(),
		Cell: d.Cell, Layers: d.Layers, Hidden: d.Hidden, Init: b.init,
	})
}

// vectorWriter is a bottleneck and a decoder. The bottleneck turns the encoder's states into one vector; the decoder
// begins with it.
type vectorWriter struct {
	*decoder
	config     BottleneckConfig
	bottleneck *rnn.Bottleneck
}

// encodes reports whether the vector depends on a parameter.
func encodes(param string) bool {
	for _, prefix := range []string{"source.", "encoder.", "bottleneck.keys.", "bottleneck.v", "bottleneck.mean.", "bottleneck.skip.", "bottleneck.gate", "bottleneck.log_variance."} {
		if strings.HasPrefix(param, prefix) {
			return true
		}
	}
	return false
}

func (w *vectorWriter) vectorSize() int { return w.config.Size }

func (w *vectorWriter) loss(p *rnn.Pass, e encoderOutput, pairs []pair, terms lossTerms) *gorgonia.Node {
	y, to := w.embed(p, pairs, terms.read)
	z, divergence := w.vectors(p, e, terms.latent)
	d := w.layers.Forward(p, y, to, nil, nil, w.bottleneck.States(p, z), z)
	return p.Sum(w.decoder.loss(p, d, to, pairs, terms), divergence, terms.contrast.loss(p, z))
}

func (w *vectorWriter) vectors(p *rnn.Pass, e encoderOutput, l rnn.Latent) (z, divergence *gorgonia.Node) {
	return w.bottleneck.Forward(p, e.memory, e.layout, e.top(), e.embedded, l)
}

func (w *vectorWriter) accepts(o *TrainOptions) error { return withoutAttention(o) }

func (w *vectorWriter) pack(prec rnn.Precision) packedHead {
	return &packedVectorWriter{w.decoder.pack(prec), w.bottleneck.Pack(rnn.Float32)}
}

// packedVectorWriter is a vectorWriter that runs without a graph.
type packedVectorWriter struct {
	*packedDecoder
	bottleneck *rnn.PackedBottleneck
}

func (f *packedVectorWriter) vectors(mem *rnn.Buffers, e packedEncoderOutput) (z, logVar []float32) {
	return f.bottleneck.Forward(mem, e.memory, e.layout, e.top(), e.embedded)
}

func (f *packedVectorWriter) decode(mem *rnn.Buffers, e packedEncoderOutput, limit int) *decoderStepper {
	z, _ := f.vectors(mem, e)
	return f.decodeVectors(mem, e.layout.Batch(), z, limit)
}

// decodeVectors begins one hypothesis for each vector of z, [batch, size], with room for limit hypotheses.
func (f *packedVectorWriter) decodeVectors(mem *rnn.Buffers, batch int, z []float32, limit int) *decoderStepper {
	return f.start(mem, rnn.DecoderInit{Batch: batch, States: f.bottleneck.States(mem, batch, z), Condition: z}, limit, nil)
}

func (f *packedVectorWriter) force(ctx context.Context, mem *rnn.Buffers, e packedEncoderOutput, pairs []pair, visit visitor) error {
	return forceDecoder(ctx, f.decode(mem, e, 0), pairs, visit)
}
