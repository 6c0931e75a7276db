package seq2seq

import (
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
)

// inference is a network whose weights are packed for running it with no graph. It is immutable and safe for concurrent
// use.
type inference struct {
	*network
	source, target *rnn.PackedEmbedding // target is nil in a classifier
	layers         []*rnn.PackedLayer
	bridge         *rnn.PackedBridge     // nil with a bottleneck
	bottleneck     *rnn.PackedBottleneck // nil without
	pool           *rnn.PackedPooler     // nil but in a classifier
	decoder        *rnn.PackedDecoder
	projection     *rnn.PackedLinear // nil without
	output         *rnn.PackedOutput
	copier         *rnn.PackedCopier // nil without
}

// newInference packs a network for products in a precision; those that make one vector or state of a sentence are in
// float32.
func newInference(n *network, prec rnn.Precision) *inference {
	f := &inference{network: n, source: n.source.Pack(), output: n.output.Pack(prec)}
	if n.target != nil {
		f.target = n.target.Pack()
	}
	if n.bridge != nil {
		f.bridge = n.bridge.Pack(rnn.Float32)
	}
	if n.bottleneck != nil {
		f.bottleneck = n.bottleneck.Pack(rnn.Float32)
	}
	if n.pool != nil {
		f.pool = n.pool.Pack(rnn.Float32)
	}
	if n.decoder != nil {
		f.decoder = n.decoder.Pack(prec)
	}
	for _, l := range n.encoder {
		f.layers = append(f.layers, l.Pack(prec))
	}
	if n.projection != nil {
		f.projection = n.projection.Pack(prec)
	}
	if n.copier != nil {
		f.copier = n.copier.PackGate()
	}
	return f
}

// attends reports whether there is attention.
func (f *inference) attends() bool { return f.config.Decoder.Attention != rnn.NoAttention }

// encoded is what the encoder knows of some sentences.
type encoded struct {
	lines  []reading
	layout *rnn.Layout
	memory []float32         // the top layer's states, [rows, hidden]
	last   []rnn.StateValues // of each layer after the last token, [sentences, hidden]
}

// encode runs the encoder over sentences of at least one token each.
func (f *inference) encode(mem *rnn.Buffers, lines []reading) encoded {
	e := encoded{lines: lines}
	e.memory, e.layout = f.embedded(mem, lines)
	if f.factors != nil {
		e.memory = f.factors.apply(mem, e.memory, e.layout, lines)
	}
	for i, l := range f.layers {
		var last rnn.StateValues
		below := e.memory
		e.memory, last = l.Forward(mem, below, e.layout)
		if f.config.Encoder.Residual && i > 0 {
			kernel.Add(e.memory, e.memory, below)
		}
		e.last = append(e.last, last)
	}
	return e
}

// embedded looks up the tokens of sentences, without their factors, [rows, size].
func (f *inference) embedded(mem *rnn.Buffers, lines []reading) ([]float32, *rnn.Layout) {
	src := ids(lines)
	layout := rnn.NewLayout(lengths(src))
	x := mem.Take(layout.Rows() * f.source.Size)
	f.source.Forward(x, layout.Place(src))
	return x, layout
}

// vectors makes the vectors of encoded sentences, [sentences, size]. The network has a bottleneck.
func (f *inference) vectors(mem *rnn.Buffers, e encoded) (z, logVar []float32) {
	return f.bottleneck.Forward(mem, e.memory, e.layout, e.last[len(e.last)-1].H)
}

// decode begins one hypothesis for each encoded sentence, with room for limit of them.
func (f *inference) decode(mem *rnn.Buffers, e encoded, limit int) *decoding {
	batch := e.layout.Batch()
	if f.bottleneck != nil {
		z, _ := f.vectors(mem, e)
		return f.decodeVectors(mem, batch, z, limit)
	}
	from := rnn.DecoderInit{Batch: batch, Memory: e.memory, Source: e.layout, States: f.bridge.Forward(mem, batch, e.last)}
	return f.begin(mem, from, limit, e.lines)
}

// decodeVectors begins one hypothesis for each vector.
func (f *inference) decodeVectors(mem *rnn.Buffers, batch int, z []float32, limit int) *decoding {
	return f.begin(mem, rnn.DecoderInit{Batch: batch, States: f.bottleneck.States(mem, batch, z), Condition: z}, limit, nil)
}

// begin begins one hypothesis for each line of which the beginning is given. lines may be nil where nothing can be
// copied.
func (f *inference) begin(mem *rnn.Buffers, from rnn.DecoderInit, limit int, lines []reading) *decoding {
	limit = max(limit, from.Batch)
	s := &decoding{
		inference: f,
		d:         f.decoder.Start(mem, from, limit),
		x:         mem.Take(limit * f.target.Size),
		size:      f.target.Vocab + beyond(lines),
	}
	s.logits = mem.Take(limit * s.size)
	if f.copier != nil {
		s.copying = newCopying(mem, lines, limit)
	}
	if f.projection != nil {
		s.projected = mem.Take(limit * f.output.In())
	}
	return s
}

// decoding advances hypotheses by one token at a time. It is the stepper of a search.
type decoding struct {
	*inference
	d         *rnn.DecoderState
	size      int // ids: those of the vocabulary and of the words beyond it
	x, logits []float32
	projected []float32 // what the output layer reads; nil where that is what the decoder returns
	copying   *copying  // nil without
}

func (s *decoding) Rows() int  { return s.d.Rows() }
func (s *decoding) Vocab() int { return s.size }

func (s *decoding) Step(tokens []int32) ([]float32, error) {
	n := s.d.Rows()
	x, logits := s.x[:n*s.target.Size], s.logits[:n*s.size]
	if s.size > s.target.Vocab {
		tokens = slices.Clone(tokens)
		known(tokens, s.target.Vocab)
	}
	s.target.Forward(x, tokens)
	y := s.d.Step(x)
	if s.projection != nil {
		s.projection.Forward(n, s.projected, y)
		y = s.projected
	}
	s.output.Logits(n, logits, s.size, y)
	switch {
	case s.copying != nil:
		s.copying.mix(s, logits, y)
	case s.size > s.target.Vocab: // words that another model can copy
		for r := range n {
			tail := logits[r*s.size:][s.target.Vocab:s.size]
			for i := range tail {
				tail[i] = search.Impossible
			}
		}
	}
	return logits, nil
}

func (s *decoding) Reorder(rows []int) {
	s.d.Reorder(rows)
	if s.copying != nil {
		s.copying.reorder(rows)
	}
}

func (s *decoding) Attention(r int) []float32 { return s.d.Attention(r) }
