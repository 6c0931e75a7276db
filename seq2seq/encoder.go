package seq2seq

import (
	"gorgonia.org/gorgonia"

	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// encoder reads lines: it embeds their tokens and features and runs recurrent layers over them. Without layers, its
// states are the embedded tokens.
type encoder struct {
	config  Config         // resolved
	source  *rnn.Embedding // nil with n-grams only
	ngrams  *ngrams        // nil without n-grams
	factors *factors       // nil without features
	chars   *chars         // nil without characters
	levels  *levels
}

// newEncoder adds the parameters of the features and the layers. The caller makes source, the table of source
// embeddings, because a head may share it.
func newEncoder(b *builder, source *rnn.Embedding) (*encoder, error) {
	c := b.config
	e := &encoder{config: c, source: source}
	in := c.Encoder.Embedding
	if c.Encoder.NGrams.Max > 0 {
		e.ngrams = newNGrams(b)
	}
	if f := c.Encoder.Factors; f.count() > 0 {
		e.factors = newFactors(b.params, f, b.init)
		in = e.factors.inputSize(in)
	}
	if c.Encoder.Chars.Hidden > 0 {
		var err error
		if e.chars, err = newChars(b); err != nil {
			return nil, err
		}
		in += c.Encoder.Chars.Hidden
	}
	var err error
	e.levels, err = newLevels(b, in)
	return e, err
}

// states returns the size of the encoder's states.
func (c Config) states() int {
	if c.Encoder.Layers > 0 {
		return c.Encoder.Hidden
	}
	return c.embedded()
}

// embedded returns the size of the embedded tokens with their features and characters.
func (c Config) embedded() int {
	f := c.Encoder.Factors.resolved(c.Encoder.Embedding)
	return (&factors{FactorConfig: f, tables: make([]*rnn.Embedding, f.count())}).inputSize(c.Encoder.Embedding) + c.Encoder.Chars.Hidden
}

// encoderParts are the groups of an encoder's parameters.
func encoderParts() []paramPart {
	return []paramPart{
		{"encoder", []string{"encoder."}},
		{"source_embeddings", []string{"source.embedding.", "source.ngrams.", "source.factor.", "source.chars."}},
	}
}

// encoderOutput is the encoder's result for a batch of lines, in a graph.
type encoderOutput struct {
	layout *rnn.Layout
	memory *gorgonia.Node // top layer's states, [rows, size of the states]
	lowest *gorgonia.Node // lowest recurrent layer's states, [rows, hidden]; nil without layers
	last   []rnn.State    // each layer's state after the last token, [lines, hidden]; in a U, of the layers up to memory

	embedded *gorgonia.Node // embedded tokens, [rows, size]
}

// top returns the top layer's h after each line's last token, [lines, hidden]; nil without layers.
func (e encoderOutput) top() *gorgonia.Node {
	if len(e.last) == 0 {
		return nil
	}
	return e.last[len(e.last)-1].H
}

// encode adds the encoder to a pass. Lines have at least one token each.
func (e *encoder) encode(p *rnn.Pass, lines []sourceLine) encoderOutput {
	x, layout := e.embed(p, lines)
	embedded := e.config.dropout(p, x, layout)
	x = embedded
	if e.config.Encoder.Layers > 0 && e.config.Encoder.Frequency > 0 {
		x = rnn.RMSNorm(p, x)
	}
	x, lowest, last := e.levels.forward(p, x, layout)
	return encoderOutput{layout, x, lowest, last, embedded}
}

// embed adds the embeddings of tokens, features and characters to a pass, [rows, size].
func (e *encoder) embed(p *rnn.Pass, lines []sourceLine) (*gorgonia.Node, *rnn.Layout) {
	src := ids(lines)
	layout := rnn.NewLayout(lengths(src))
	read := layout.Place(src)
	rnn.DropTokens(p, read, e.config.Encoder.WordDropout, tokenize.Unk)
	var x *gorgonia.Node
	if e.source != nil {
		x = e.source.Forward(p, read)
	}
	if e.ngrams != nil {
		x = e.ngrams.join(p, x, layout, lines)
	}
	x = rnn.TypeDropout(p, x, layout, read, e.config.EmbeddingDropout)
	if e.factors != nil {
		x = e.factors.join(p, x, layout, lines)
	}
	if e.chars != nil {
		x = e.chars.join(p, x, layout, lines)
	}
	return x, layout
}

// dropout applies the configuration's dropout to x, whose rows have the given layout.
func (c *Config) dropout(p *rnn.Pass, x *gorgonia.Node, layout *rnn.Layout) *gorgonia.Node {
	if c.VariationalDropout {
		return rnn.SequenceDropout(p, x, layout, c.Dropout)
	}
	return rnn.Dropout(p, x, c.Dropout)
}

// pack packs the weights for running the encoder without a graph.
func (e *encoder) pack(prec rnn.Precision) *packedEncoder {
	f := &packedEncoder{config: e.config}
	if e.source != nil {
		f.source = e.source.Pack()
	}
	if e.ngrams != nil {
		f.ngrams = e.ngrams.pack()
	}
	if e.factors != nil {
		f.factors = e.factors.pack()
	}
	if e.chars != nil {
		f.chars = e.chars.pack(prec)
	}
	f.levels = e.levels.pack(prec)
	return f
}

// packedEncoder is an encoder that runs without a graph.
type packedEncoder struct {
	config  Config               // resolved
	source  *rnn.PackedEmbedding // nil with n-grams only
	ngrams  *packedNGrams        // nil without n-grams
	factors *packedFactors       // nil without features
	chars   *packedChars         // nil without characters
	levels  *packedLevels
}

// packedEncoderOutput is the encoder's result for a batch of lines.
type packedEncoderOutput struct {
	lines  []sourceLine
	layout *rnn.Layout
	memory []float32         // top layer's states, [rows, size of the states]
	last   []rnn.StateValues // each layer's state after the last token, [lines, hidden]

	embedded []float32 // embedded tokens, [rows, size]
}

// top returns the top layer's h after each line's last token, [lines, hidden]; nil without layers.
func (e packedEncoderOutput) top() []float32 {
	if len(e.last) == 0 {
		return nil
	}
	return e.last[len(e.last)-1].H
}

// encode runs the encoder. Lines have at least one token each.
func (f *packedEncoder) encode(mem *rnn.Buffers, lines []sourceLine) packedEncoderOutput {
	x, layout := f.embed(mem, lines)
	embedded := x
	if f.config.Encoder.Layers > 0 && f.config.Encoder.Frequency > 0 {
		x = mem.Take(len(embedded))
		copy(x, embedded)
		rnn.PackedRMSNorm(mem, layout.Rows(), x)
	}
	x, last := f.levels.forward(mem, x, layout)
	return packedEncoderOutput{lines, layout, x, last, embedded}
}

// embed looks up the embeddings of tokens and features and reads characters, [rows, size].
func (f *packedEncoder) embed(mem *rnn.Buffers, lines []sourceLine) ([]float32, *rnn.Layout) {
	x, layout := f.embedTokens(mem, lines)
	if f.factors != nil {
		x = f.factors.join(mem, x, layout, lines)
	}
	if f.chars != nil {
		x = f.chars.join(mem, x, layout, lines)
	}
	return x, layout
}

// embedTokens looks up the embeddings of tokens and their n-grams alone, [rows, size].
func (f *packedEncoder) embedTokens(mem *rnn.Buffers, lines []sourceLine) ([]float32, *rnn.Layout) {
	src := ids(lines)
	layout := rnn.NewLayout(lengths(src))
	x := mem.Take(layout.Rows() * f.config.Encoder.Embedding)
	if f.source != nil {
		f.source.Forward(x, layout.Place(src))
	} else {
		clear(x)
	}
	if f.ngrams != nil {
		f.ngrams.join(mem, x, layout, lines)
	}
	return x, layout
}

func lengths(seqs [][]int32) []int {
	n := make([]int, len(seqs))
	for i, s := range seqs {
		n[i] = len(s)
	}
	return n
}
