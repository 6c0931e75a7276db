package rnn

import (
	"fmt"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// DecoderConfig says what a [Decoder] is made of.
type DecoderConfig struct {
	Cell      Cell
	Layers    int
	In        int       // size of the embedded tokens
	Hidden    int       // of each layer
	Attention Attention // over the encoder's states
	Memory    int       // size of the encoder's states; 0 without attention
	Out       int       // size of the attentional vector; without attention it is Hidden
	// InputFeeding: each step reads the attentional vector of the step before beside its token.
	InputFeeding bool
	Coverage     bool // additive scores know how much attention each source token has had
	Condition    int  // size of a vector of each sequence that every step reads; 0 is none
	Dropout      float64
	Sequence     bool    // Dropout has one mask for all steps of a sequence, as in [SequenceDropout]
	Recurrent    float64 // dropout of the states that the recurrent products read, one mask for all steps of a sequence
	Norm         bool    // layer normalisation inside the cells, as a [LayerConfig] has it
	Residual     bool    // each layer but the lowest adds what it reads to what it returns
	Init         Inits
}

// Decoder is a stack of recurrent layers with attention over an encoder's states. Each step reads a token and returns
// the attentional vector tanh(W [context; h]) or, without attention, the top layer's state.
//
// Dropout acts between the layers and on what is returned (and fed). Residual connections pass it by (He et al., Deep
// Residual Learning for Image Recognition, 2016; Wu et al., Google's Neural Machine Translation System, 2016).
type Decoder struct {
	DecoderConfig
	layers []weights
	att    *attention

	steps decoderSteps // of training: each pass, forwards or backwards, packs its weights into the same memory
}

// DecoderOutput is the output of [Decoder.Forward].
type DecoderOutput struct {
	Out *gorgonia.Node // [rows, Out]

	// Attention is the weights of each row over its source's tokens, in their order, [rows, longest source], 0 behind a
	// source's end; nil without attention.
	Attention *gorgonia.Node

	// Repeated is the sum over all rows and source tokens of min(attention, coverage), a scalar, which as a part of the
	// loss keeps a decoder from saying things twice (See, Liu and Manning 2017); nil without coverage.
	Repeated *gorgonia.Node
}

// NewDecoder adds a decoder's parameters.
func NewDecoder(ps *Params, name string, c DecoderConfig) (*Decoder, error) {
	var err error
	if c.Cell, err = c.Cell.check(); err != nil {
		return nil, fmt.Errorf("rnn: %s: %w", name, err)
	}
	if c.Attention, err = c.Attention.check(); err != nil {
		return nil, fmt.Errorf("rnn: %s: %w", name, err)
	}
	if c.Attention == NoAttention {
		if c.InputFeeding {
			return nil, fmt.Errorf("rnn: %s: input feeding without attention", name)
		}
		c.Out = c.Hidden
	}
	if c.Layers < 1 || c.In < 1 || c.Hidden < 1 || c.Out < 1 {
		return nil, fmt.Errorf("rnn: %s: %d layers of sizes in %d, hidden %d, out %d: want at least 1 of each", name, c.Layers, c.In, c.Hidden, c.Out)
	}
	d := &Decoder{DecoderConfig: c}
	for l := range c.Layers {
		in := c.Hidden
		if l == 0 {
			in = d.conditionAt() + c.Condition
		}
		d.layers = append(d.layers, newWeights(ps, fmt.Sprintf("%s.%d", name, l), "", c.Cell, in, c.Hidden, c.Norm, c.Init))
	}
	if c.Attention != NoAttention {
		if d.att, err = newAttention(ps, name+".attention", c); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// params are the decoder's parameters.
func (d *Decoder) params() []*Param {
	var all []*Param
	for _, w := range d.layers {
		all = append(all, w.params()...)
	}
	if d.att != nil {
		all = append(all, d.att.params()...)
	}
	return all
}

// conditionAt is the first column of the condition in layer 0's input weights. The columns of the embedded token and of
// the vector that is fed stand before it.
func (d *Decoder) conditionAt() int {
	if d.InputFeeding {
		return d.In + d.Out
	}
	return d.In
}

// decoderSteps is a decoder whose weights are packed, either for forward or for backward steps.
type decoderSteps struct {
	*Decoder
	units     []unit
	embed     kernel.Packed   // forward: of layer 0, for the embedded tokens
	feed      kernel.Packed   // of layer 0, for the attentional vector
	condition kernel.Packed   // forward: of layer 0, for the condition
	below     []kernel.Packed // of layer l, for the state of layer l-1
	att       packedAttention
}

func (s *decoderSteps) packForward(prec Precision, d *Decoder) {
	s.init(d)
	for l, w := range d.layers {
		s.units[l].packForward(prec, w)
		g := w.width()
		if l > 0 {
			s.below[l].PackAs(prec, true, d.Hidden, g, w.wx.W, w.in)
			continue
		}
		s.embed.PackAs(prec, true, d.In, g, w.wx.W, w.in)
		if d.InputFeeding {
			s.feed.PackAs(prec, true, d.Out, g, w.wx.W[d.In:], w.in)
		}
		if d.Condition > 0 {
			s.condition.PackAs(prec, true, d.Condition, g, w.wx.W[d.conditionAt():], w.in)
		}
	}
	if d.att != nil {
		s.att.packForward(prec, d.att)
	}
}

func (s *decoderSteps) packBackward(prec Precision, d *Decoder) {
	s.init(d)
	for l, w := range d.layers {
		s.units[l].packBackward(prec, w)
		g := w.width()
		if l > 0 {
			s.below[l].PackAs(prec, false, g, d.Hidden, w.wx.W, w.in)
		} else if d.InputFeeding {
			s.feed.PackAs(prec, false, g, d.Out, w.wx.W[d.In:], w.in)
		}
	}
	if d.att != nil {
		s.att.packBackward(prec, d.att)
	}
}

func (s *decoderSteps) init(d *Decoder) {
	if s.Decoder == nil {
		s.Decoder, s.units, s.below = d, make([]unit, d.Layers), make([]kernel.Packed, d.Layers)
	}
}

// decoderTrace holds what the decoder computed for each row.
type decoderTrace struct {
	layers []*trace
	outs   [][]float32     // of each layer: what it hands on, [rows, hidden]; its state, where there is no residual connection
	in     [][]float32     // of layer l > 0: the state below it after dropout, [rows, hidden]
	drop   [][]float32     // dropout masks: of in, and of out at index 0; nil without dropout
	att    *attentionTrace // nil without attention
	same   []float32       // [batch, gates·hidden] by rank: the condition's part of layer 0's pre-activations; nil without one
	out    []float32       // [rows, Out]: what is returned and fed
}

func newDecoderTrace(mem *Buffers, d *Decoder, rows, ranks int) *decoderTrace {
	tr := &decoderTrace{in: make([][]float32, d.Layers), drop: make([][]float32, d.Layers)}
	for _, w := range d.layers {
		lt := newTrace(mem, w, rows, ranks)
		out := lt.state[0]
		if d.Residual && len(tr.layers) > 0 {
			out = mem.Take(rows * d.Hidden)
		}
		tr.layers, tr.outs = append(tr.layers, lt), append(tr.outs, out)
	}
	tr.out = tr.outs[d.Layers-1]
	return tr
}

// attend adds the attention over a source to the trace.
func (tr *decoderTrace) attend(mem *Buffers, d *Decoder, rows int, src source) {
	tr.att = d.att.newTrace(mem, rows, tr.outs[d.Layers-1], d.Coverage, src)
	tr.out = tr.att.out
}

// step computes a span: its rows of layer 0's gx hold the embedded tokens' part, without biases. The rows of ranks look
// at the sources of the same ranks.
func (s *decoderSteps) step(tr *decoderTrace, sp span, sc scratch, mul product) {
	s.cells(tr, sp, mul)
	out := tr.outs[s.Layers-1][sp.at*s.Hidden:][:sp.n*s.Hidden]
	if s.Decoder.att != nil {
		out = s.att.attendStep(tr.att, sp, sc, mul)
	}
	if mask := tr.drop[0]; mask != nil {
		kernel.Mul(tr.out[sp.at*s.Out:][:sp.n*s.Out], out, mask[sp.at*s.Out:][:sp.n*s.Out])
	}
}

// cells computes a span's states.
func (s *decoderSteps) cells(tr *decoderTrace, sp span, mul product) {
	h, g := s.Hidden, s.layers[0].width()
	for l := range s.units {
		u, lt := &s.units[l], tr.layers[l]
		gx := lt.gx[sp.at*g:]
		if l > 0 {
			in := tr.outs[l-1][sp.at*h:][:sp.n*h]
			if mask := tr.drop[l]; mask != nil {
				dropped := tr.in[l][sp.at*h:][:sp.n*h]
				kernel.Mul(dropped, in, mask[sp.at*h:][:sp.n*h])
				in = dropped
			}
			mul(&s.below[l], sp.n, in, h, 0, gx, g)
		} else if s.InputFeeding && sp.prev >= 0 {
			mul(&s.feed, sp.n, tr.out[sp.prev*s.Out:], s.Out, 1, gx, g)
		}
		if l == 0 && tr.same != nil {
			kernel.Axpy(1, tr.same[sp.rank*g:][:sp.n*g], gx[:sp.n*g])
		}
		u.forward(lt, sp, mul)
		if s.Residual && l > 0 {
			at := func(x []float32) []float32 { return x[sp.at*h:][:sp.n*h] }
			kernel.Add(at(tr.outs[l]), at(lt.state[0]), at(tr.outs[l-1]))
		}
	}
}
