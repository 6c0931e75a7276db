package seq2seq

import (
	"context"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
	"github.com/retell-rnn/retell/tokenize"
)

// decoder writes targets token by token: recurrent layers over the embedded previous tokens, and an output layer. It is
// the common part of the writer and the vector writer.
type decoder struct {
	config     Config // resolved
	target     *rnn.Embedding
	layers     *rnn.Decoder
	projection *rnn.Linear // from the layers' output to the size of a tied embedding; nil if the sizes are equal
	output     *rnn.Output
	copier     *rnn.Copier // nil without copying
}

// newDecoder adds the decoder's parameters except table, the embeddings of the target tokens. The decoder reads a
// vector of size condition beside each token; 0 means none.
func newDecoder(b *builder, table *rnn.Embedding, condition int) (*decoder, error) {
	c := b.config
	d := &decoder{config: c, target: table}
	var err error
	d.layers, err = rnn.NewDecoder(b.params, "decoder", rnn.DecoderConfig{
		Cell: c.Decoder.Cell, Layers: c.Decoder.Layers, In: c.Decoder.Embedding, Hidden: c.Decoder.Hidden,
		Attention: c.Decoder.Attention, Memory: c.states(), Out: c.Decoder.AttentionSize, InputFeeding: c.Decoder.InputFeeding, Condition: condition,
		Dropout: c.Dropout, Sequence: c.VariationalDropout, Recurrent: c.RecurrentDropout, Residual: c.Decoder.Residual, Coverage: c.Decoder.Coverage,
		Norm: c.Decoder.LayerNorm, Init: b.init,
	})
	if err != nil {
		return nil, err
	}
	size := d.layers.Out
	var tied *rnn.Embedding
	if c.TiedEmbeddings != TieNone {
		if tied = d.target; tied.Size != size {
			d.projection = rnn.NewLinear(b.params, "output.projection", size, tied.Size, b.init)
			size = tied.Size
		}
	}
	if d.output, err = rnn.NewOutput(b.params, "output", size, b.targets, tied, b.init); err != nil {
		return nil, err
	}
	if c.Decoder.Copy {
		d.copier = rnn.NewCopier(b.params, "copy", d.output, b.init)
	}
	return d, nil
}

// decoderParts are the groups of a decoder's parameters.
func decoderParts() []paramPart {
	return []paramPart{
		{"decoder", []string{"decoder."}},
		{"attention", []string{"decoder.attention."}},
		{"target_embeddings", []string{"target.embedding."}},
		{"output", []string{"output.", "copy."}},
	}
}

func (d *decoder) rows(p *rnn.Param) tokenRows {
	switch p {
	case d.output.Weight, d.output.Bias:
		return predicted
	case d.target.Weight:
		return embedded
	}
	return noTokens
}

// embed adds the decoder's embedded input to a pass, [rows, embedding]: <s> and then each pair's tokens of read, or its
// target if read is nil.
func (d *decoder) embed(p *rnn.Pass, pairs []pair, read [][]int32) (*gorgonia.Node, *rnn.Layout) {
	in := make([][]int32, len(pairs))
	for i, q := range pairs {
		in[i] = append([]int32{tokenize.BOS}, q.tgt...)
		if read != nil {
			copy(in[i][1:], read[i])
		}
	}
	to := rnn.NewLayout(lengths(in))
	before := to.Place(in)
	replaceOOV(before, d.target.Vocab)
	rnn.DropTokens(p, before[to.Batch():], d.config.Decoder.WordDropout, tokenize.Unk) // never <s>
	y := rnn.TypeDropout(p, d.target.Forward(p, before), to, before, d.config.EmbeddingDropout)
	return d.config.dropout(p, y, to), to
}

// loss adds the output layer to a pass and returns the summed loss of the targets with </s>. decoded is the output of
// the layers.
func (d *decoder) loss(p *rnn.Pass, decoded rnn.DecoderOutput, to *rnn.Layout, pairs []pair, terms lossTerms) *gorgonia.Node {
	y := decoded.Out
	if d.projection != nil {
		y = d.projection.Forward(p, y)
	}
	out := make([][]int32, len(pairs))
	for i, q := range pairs {
		out[i] = append(append([]int32{}, q.tgt...), tokenize.EOS)
	}
	targets, weights := to.Place(out), terms.spread(to)
	if d.copier == nil {
		return d.output.WeightedLoss(p, y, targets, weights, terms.smoothing, terms.stats)
	}
	copies := make([]rnn.Copies, len(targets))
	for i, q := range pairs {
		for t := range out[i] {
			copies[to.Row(i, t)] = *q.copies
		}
	}
	return d.copier.WeightedLoss(p, y, decoded.Attention, copies, targets, weights, terms.smoothing, terms.stats)
}

// spread returns each row's weight; nil means that all are 1.
func (t lossTerms) spread(to *rnn.Layout) []float32 {
	if t.weights == nil {
		return nil
	}
	return to.Spread(t.weights)
}

// pack packs the weights for decoding without a graph.
func (d *decoder) pack(prec rnn.Precision) *packedDecoder {
	f := &packedDecoder{config: d.config, target: d.target.Pack(), layers: d.layers.Pack(prec), output: d.output.Pack(prec)}
	if d.projection != nil {
		f.projection = d.projection.Pack(prec)
	}
	if d.copier != nil {
		f.copier = d.copier.PackGate()
	}
	return f
}

// packedDecoder is a decoder that runs without a graph.
type packedDecoder struct {
	config     Config // resolved
	target     *rnn.PackedEmbedding
	layers     *rnn.PackedDecoder
	projection *rnn.PackedLinear // nil without a projection
	output     *rnn.PackedOutput
	copier     *rnn.PackedCopier // nil without copying
}

// start begins one hypothesis for each row of from, with room for limit hypotheses. lines may be nil without copying.
func (f *packedDecoder) start(mem *rnn.Buffers, from rnn.DecoderInit, limit int, lines []sourceLine) *decoderStepper {
	limit = max(limit, from.Batch)
	s := &decoderStepper{
		packedDecoder: f,
		d:             f.layers.Start(mem, from, limit),
		x:             mem.Take(limit * f.target.Size),
		size:          f.target.Vocab + maxOOV(lines),
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

// decoderStepper extends hypotheses by one token at a time. It implements [search.Stepper].
type decoderStepper struct {
	*packedDecoder
	d         *rnn.DecoderState
	size      int // number of ids: the target vocabulary and the out-of-vocabulary words of the sources
	x, logits []float32
	projected []float32 // input of the output layer; nil without a projection
	copying   *copying  // nil without copying
}

func (s *decoderStepper) Rows() int  { return s.d.Rows() }
func (s *decoderStepper) Vocab() int { return s.size }

// attends reports whether the decoder has attention.
func (s *decoderStepper) attends() bool { return s.config.Decoder.Attention != rnn.NoAttention }

func (s *decoderStepper) Step(tokens []int32) ([]float32, error) {
	n := s.d.Rows()
	x, logits := s.x[:n*s.target.Size], s.logits[:n*s.size]
	if s.size > s.target.Vocab {
		tokens = slices.Clone(tokens)
		replaceOOV(tokens, s.target.Vocab)
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
	case s.size > s.target.Vocab: // out-of-vocabulary words that another model of an ensemble may copy
		for r := range n {
			tail := logits[r*s.size:][s.target.Vocab:s.size]
			for i := range tail {
				tail[i] = search.Impossible
			}
		}
	}
	return logits, nil
}

func (s *decoderStepper) Reorder(rows []int) {
	s.d.Reorder(rows)
	if s.copying != nil {
		s.copying.reorder(rows)
	}
}

func (s *decoderStepper) Attention(r int) []float32 { return s.d.Attention(r) }

// embedding is the table of target embeddings.
func (d *decoder) embedding() *rnn.Embedding { return d.target }

// forceDecoder feeds the pairs' targets to s, which holds one new hypothesis for each pair.
func forceDecoder(ctx context.Context, s *decoderStepper, pairs []pair, visit visitor) error {
	return search.Force(ctx, s, targets(pairs), func(at search.Row, token int32) { visit(at.Hypothesis, token, at.Logits) })
}
