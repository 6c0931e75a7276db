package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// decoderUnits are a decoder's weights, packed for forward or for backward steps.
type decoderUnits struct {
	*Decoder
	units     []unit
	embed     kernel.Packed   // forward: of layer 0, for embedded tokens
	feed      kernel.Packed   // of layer 0, for fed vectors
	condition kernel.Packed   // forward: of layer 0, for conditions
	below     []kernel.Packed // of layer l, for the output of layer l-1
	att       packedAttention
}

func (s *decoderUnits) packForward(prec Precision, d *Decoder) {
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

func (s *decoderUnits) packBackward(prec Precision, d *Decoder) {
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

func (s *decoderUnits) init(d *Decoder) {
	if s.Decoder == nil {
		s.Decoder, s.units, s.below = d, make([]unit, d.Layers), make([]kernel.Packed, d.Layers)
	}
}

// decoderTrace holds the decoder's values for each row.
type decoderTrace struct {
	layers []*trace
	outs   [][]float32     // each layer's output, [rows, hidden]: its state, plus its input with a residual connection
	in     [][]float32     // input of layer l > 0 and, at index 0, out; both after dropout, [rows, ·]
	drop   [][]float32     // masks of in; nil without dropout
	att    *attentionTrace // nil without attention
	same   []float32       // [batch, gates·hidden] by rank: the condition's part of layer 0's gx; nil without one
	out    []float32       // [rows, Out]: the decoder's output
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

// step computes a span with its attention. Before it, layer 0's gx holds the products of the embedded tokens, without
// biases. Rows of a rank attend to the source of that rank.
func (s *decoderUnits) step(tr *decoderTrace, sp span, sc scratch, mul product) {
	s.cells(tr, sp, mul)
	out := tr.outs[s.Layers-1][sp.at*s.Hidden:][:sp.n*s.Hidden]
	if s.Decoder.att != nil {
		out = s.att.attendStep(tr.att, sp, sc, mul)
	}
	if mask := tr.drop[0]; mask != nil {
		kernel.Mul(tr.out[sp.at*s.Out:][:sp.n*s.Out], out, mask[sp.at*s.Out:][:sp.n*s.Out])
	}
}

// cells computes a span's states, from the bottom up.
func (s *decoderUnits) cells(tr *decoderTrace, sp span, mul product) {
	h := s.Hidden
	for l := range s.units {
		if l == 0 {
			s.readInput(tr, sp, mul)
		} else {
			s.readBelow(l, tr, sp, mul)
		}
		s.units[l].forward(tr.layers[l], sp, mul)
		if s.Residual && l > 0 {
			at := func(x []float32) []float32 { return x[sp.at*h:][:sp.n*h] }
			kernel.Add(at(tr.outs[l]), at(tr.layers[l].state[0]), at(tr.outs[l-1]))
		}
	}
}

// readInput adds the products of the fed vectors and the conditions to layer 0's pre-activations.
func (s *decoderUnits) readInput(tr *decoderTrace, sp span, mul product) {
	g := s.layers[0].width()
	gx := tr.layers[0].gx[sp.at*g:]
	if s.InputFeeding && sp.prev >= 0 {
		mul(&s.feed, sp.n, tr.out[sp.prev*s.Out:], s.Out, 1, gx, g)
	}
	if tr.same != nil {
		kernel.Axpy(1, tr.same[sp.rank*g:][:sp.n*g], gx[:sp.n*g])
	}
}

// readBelow sets layer l's pre-activations to the product of the output below it, after dropout.
func (s *decoderUnits) readBelow(l int, tr *decoderTrace, sp span, mul product) {
	h, g := s.Hidden, s.layers[l].width()
	in := tr.outs[l-1][sp.at*h:][:sp.n*h]
	if mask := tr.drop[l]; mask != nil {
		dropped := tr.in[l][sp.at*h:][:sp.n*h]
		kernel.Mul(dropped, in, mask[sp.at*h:][:sp.n*h])
		in = dropped
	}
	mul(&s.below[l], sp.n, in, h, 0, tr.layers[l].gx[sp.at*g:], g)
}

// back differentiates step or, without input feeding, cells.
func (s *decoderUnits) back(tr *decoderTrace, sp span, gr *decoderGrads, sc scratch) {
	h := s.Hidden
	dtop := gr.states[s.Layers-1][0]
	if s.Residual {
		dtop = gr.passed
		clear(dtop[sp.rank*h:][:sp.n*h])
	}
	s.outBack(tr, sp, gr, sc, dtop[sp.rank*h:][:sp.n*h])
	for l := s.Layers - 1; l >= 0; l-- {
		s.layerBack(l, tr, sp, gr)
	}
}

// outBack accumulates dtop, the gradient of the top layer's output.
func (s *decoderUnits) outBack(tr *decoderTrace, sp span, gr *decoderGrads, sc scratch, dtop []float32) {
	if !s.InputFeeding {
		kernel.Axpy(1, gr.top[sp.at*s.Hidden:][:len(dtop)], dtop)
		return
	}
	n := sp.n * s.Out
	dout := gr.below[sp.rank*max(s.Hidden, s.Out):][:n]
	kernel.Add(dout, gr.out[sp.at*s.Out:][:n], gr.feed[sp.rank*s.Out:][:n])
	if mask := tr.drop[0]; mask != nil {
		kernel.Mul(dout, dout, mask[sp.at*s.Out:][:n])
	}
	s.att.attendStepBack(tr.att, sp, gr.att, sc, dout, dtop)
}

// layerBack differentiates layer l. It accumulates the gradient of the layer's input: the output of the layer below, or
// the fed vectors.
func (s *decoderUnits) layerBack(l int, tr *decoderTrace, sp span, gr *decoderGrads) {
	h, n, g := s.Hidden, sp.n, s.layers[l].width()
	from, to := sp.rank*h, (sp.rank+n)*h
	grad := gr.states[l].cut(from, to)
	if s.Residual {
		kernel.Axpy(1, gr.passed[from:to], grad[0])
	}
	s.units[l].backward(tr.layers[l], sp, grad)
	gx := tr.layers[l].gx[sp.at*g:]
	if l == 0 {
		if s.InputFeeding && sp.prev >= 0 {
			s.feed.Mul(n, gx, g, 0, gr.feed[sp.rank*s.Out:], s.Out)
		}
		return
	}
	below := gr.below[sp.rank*max(h, s.Out):][:n*h]
	s.below[l].Mul(n, gx, g, 0, below, h)
	if mask := tr.drop[l]; mask != nil {
		kernel.Mul(below, below, mask[sp.at*h:][:n*h])
	}
	if s.Residual {
		kernel.Axpy(1, below, gr.passed[from:to])
	} else {
		kernel.Axpy(1, below, gr.states[l-1][0][from:to])
	}
}
