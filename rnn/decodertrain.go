package rnn

import (
	"fmt"
	"runtime"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// Forward decodes whole sequences by teacher forcing: x [rows, In] are the embedded target tokens in the layout lay.
// memory [source rows, Memory] are the encoder's states in the layout source; both are nil without attention. from is
// each layer's first state, bottom first, [batch, Hidden]; a short list leaves the upper layers' zero. condition [batch,
// Condition] is read by every step; nil without.
func (d *Decoder) Forward(p *Pass, x *gorgonia.Node, lay *Layout, memory *gorgonia.Node, src *Layout, from []State, condition *gorgonia.Node) DecoderOutput {
	if !p.placed("decoder", lay) || !p.matrix("decoder", x, lay.Rows(), d.In) {
		return DecoderOutput{}
	}
	inputs := []*gorgonia.Node{x}
	if d.att != nil {
		if !p.placed("decoder's memory", src) || !p.matrix("decoder's memory", memory, src.Rows(), d.Memory) {
			return DecoderOutput{}
		}
		if src.Batch() != lay.Batch() {
			p.fail(fmt.Errorf("rnn: decoder of %d sequences: memory of %d: want as many", lay.Batch(), src.Batch()))
			return DecoderOutput{}
		}
		inputs = append(inputs, memory)
	}
	if len(from) > d.Layers {
		p.fail(fmt.Errorf("rnn: decoder of %d layers: %d first states", d.Layers, len(from)))
		return DecoderOutput{}
	}
	for _, s := range from {
		for _, n := range s.nodes() {
			if n == nil {
				continue
			}
			if !p.matrix("decoder's first state", n, lay.Batch(), d.Hidden) {
				return DecoderOutput{}
			}
			inputs = append(inputs, n)
		}
	}
	if d.Condition > 0 {
		if !p.matrix("decoder's condition", condition, lay.Batch(), d.Condition) {
			return DecoderOutput{}
		}
		inputs = append(inputs, condition)
	}
	f := &fused{name: "decoder", params: d.params(), outs: []shape{{lay.Rows(), d.Out}}}
	if d.att != nil {
		f.outs = append(f.outs, shape{lay.Rows(), src.Steps()})
	}
	if d.Coverage {
		f.outs = append(f.outs, shape{})
	}
	var r *decoderRun
	f.forward = func(in, out [][]float32) {
		r = d.run(p, lay, src, from, in)
		out[0] = r.tr.out
		if d.att != nil {
			out[1] = r.tr.att.alpha
		}
		if d.Coverage {
			out[2] = []float32{r.tr.att.repeated()}
		}
	}
	f.backward = func(gout, gin [][]float32) { r.backward(p.prec, gout, gin) }
	out := append(p.apply(f, inputs...), nil, nil)
	return DecoderOutput{Out: out[0], Attention: out[1], Repeated: out[2]}
}

// decoderRun is a decoder's arithmetic over one batch.
type decoderRun struct {
	*Decoder
	mem       *Buffers
	lay, src  *Layout
	x         []float32
	from      []State
	condition []float32 // by rank
	tr        *decoderTrace
	pieces    [][]span
	scratch   []scratch
}

func (d *Decoder) run(p *Pass, lay, src *Layout, from []State, in [][]float32) *decoderRun {
	mem, rows := &p.mem, lay.Rows()
	d.steps.packForward(p.prec, d)
	r := &decoderRun{Decoder: d, mem: mem, lay: lay, src: src, x: in[0], from: from}
	in = in[1:]
	tr := newDecoderTrace(mem, d, rows, lay.Batch())
	r.tr = tr
	if d.att != nil {
		tr.attend(mem, d, rows, d.steps.att.newSource(mem, in[0], src, lay.Order))
		in = in[1:]
	}
	for l, s := range from {
		for i, n := range s.nodes() {
			if n != nil {
				tr.layers[l].first[i], in = r.toRanks(in[0], d.Hidden), in[1:]
			}
		}
	}
	if d.Condition > 0 {
		r.condition = r.toRanks(in[0], d.Condition)
		tr.same = d.steps.readCondition(mem, lay.Batch(), r.condition)
	}
	if p.rng != nil && d.Dropout > 0 {
		for l := range d.Layers {
			size := d.Hidden
			if l == 0 {
				size = d.Out
			}
			if d.Sequence {
				tr.drop[l] = p.sequenceMask(lay, size, d.Dropout)
			} else {
				tr.drop[l] = p.mask(rows*size, d.Dropout)
			}
			tr.in[l] = mem.Take(rows * size)
		}
		tr.out = tr.in[0]
	}
	for _, lt := range tr.layers {
		lt.dropRecurrent(p, d.Recurrent, rows, lay.Batch(), d.Hidden)
	}
	g := d.layers[0].width()
	d.steps.embed.MulParallel(rows, r.x, d.In, 0, tr.layers[0].gx, g)
	var own Buffers // what a batch holds of mem does not depend on the number of cores
	for _, c := range lay.chunks(runtime.GOMAXPROCS(0)) {
		r.pieces = append(r.pieces, spans(lay, false, c[0], c[1]))
		r.scratch = append(r.scratch, newScratch(&own, tr.att, d.att))
	}
	mul := productFor(len(r.pieces))
	kernel.Tasks(len(r.pieces), func(i int) {
		for _, sp := range r.pieces[i] {
			if d.InputFeeding {
				d.steps.step(tr, sp, r.scratch[i], mul)
			} else {
				d.steps.cells(tr, sp, mul)
			}
		}
	})
	if !d.InputFeeding {
		r.attendRows()
	}
	return r
}

func (r *decoderRun) toRanks(x []float32, n int) []float32 {
	out := r.mem.Take(len(x))
	r.lay.toRanks(out, x, n)
	return out
}

// decoderGrads are the gradients that the backward steps fill.
type decoderGrads struct {
	out    []float32       // [rows, Out]: given
	states []states        // by layer, [batch, hidden] by rank
	feed   []float32       // [batch, Out] by rank: of the vector fed to the step after; nil without feeding
	top    []float32       // [rows, hidden]: of what the top layer hands on, but for the steps after; nil with feeding
	att    *attentionGrads // nil without attention
	same   []float32       // [batch, gates·hidden]: of the condition's part of layer 0's pre-activations
	below  []float32       // [batch, max(hidden, out)]: scratch of a step
	handed []float32       // [batch, hidden]: of what the present layer hands on at this step; nil without residual connections
}

func (r *decoderRun) backward(prec Precision, gout, gin [][]float32) {
	d, tr, mem := r.Decoder, r.tr, r.mem
	batch, rows := r.lay.Batch(), r.lay.Rows()
	d.steps.packBackward(prec, d)
	gr := &decoderGrads{out: gout[0], below: mem.Take(batch * max(d.Hidden, d.Out))}
	if gr.out == nil { // the loss touches the attention alone
		gr.out = mem.Zeros(rows * d.Out)
	}
	for _, w := range d.layers {
		var s states
		for i := range w.cell.states {
			s[i] = mem.Zeros(batch * d.Hidden)
		}
		gr.states = append(gr.states, s)
	}
	if d.Residual {
		gr.handed = mem.Take(batch * d.Hidden)
	}
	if d.InputFeeding {
		gr.feed = mem.Zeros(batch * d.Out)
	}
	if a := d.att; a != nil {
		gr.att = a.newGrads(mem, rows, tr.att)
		gr.att.alpha = gout[1]
		if d.Coverage && gout[2] != nil {
			gr.att.repeated = gout[2][0]
		}
	}
	if !d.InputFeeding {
		r.attendRowsBack(gr)
	}
	kernel.Tasks(len(r.pieces), func(i int) {
		for k := len(r.pieces[i]) - 1; k >= 0; k-- {
			d.steps.back(tr, r.pieces[i][k], gr, r.scratch[i])
		}
	})
	if d.Condition > 0 {
		gr.same = r.sumSteps()
	}
	r.gradients(prec, gr)

	w := d.layers[0]
	g := w.width()
	dx := mem.Take(rows * d.In)
	kernel.GemmAs(prec, false, false, rows, d.In, g, 1, tr.layers[0].gx, g, w.wx.W, w.in, 0, dx, d.In)
	gin[0] = dx
	rest := gin[1:]
	if d.att != nil {
		rest[0], rest = gr.att.memory, rest[1:]
	}
	for l, s := range r.from {
		for i, n := range s.nodes() {
			if n != nil {
				rest[0], rest = r.toSequences(gr.states[l][i], d.Hidden), rest[1:]
			}
		}
	}
	if d.Condition > 0 {
		dcondition := mem.Take(batch * d.Condition)
		kernel.GemmAs(prec, false, false, batch, d.Condition, g, 1, gr.same, g, w.wx.W[d.conditionAt():], w.in, 0, dcondition, d.Condition)
		rest[0] = r.toSequences(dcondition, d.Condition)
	}
}

func (r *decoderRun) toSequences(x []float32, n int) []float32 {
	out := r.mem.Take(len(x))
	r.lay.toSequences(out, x, n)
	return out
}

// back is the gradient of step.
func (s *decoderSteps) back(tr *decoderTrace, sp span, gr *decoderGrads, sc scratch) {
	h, n := s.Hidden, sp.n
	scratch := gr.below[sp.rank*max(h, s.Out):]
	dtop := gr.states[s.Layers-1][0][sp.rank*h:][:n*h]
	var handed []float32
	if s.Residual {
		handed = gr.handed[sp.rank*h:][:n*h]
		clear(handed)
		dtop = handed
	}
	if s.InputFeeding {
		dout := scratch[:n*s.Out]
		kernel.Add(dout, gr.out[sp.at*s.Out:][:n*s.Out], gr.feed[sp.rank*s.Out:][:n*s.Out])
		if mask := tr.drop[0]; mask != nil {
			kernel.Mul(dout, dout, mask[sp.at*s.Out:][:n*s.Out])
		}
		s.att.attendStepBack(tr.att, sp, gr.att, sc, dout, dtop)
	} else {
		kernel.Axpy(1, gr.top[sp.at*h:][:n*h], dtop)
	}
	g := s.layers[0].width()
	for l := s.Layers - 1; l >= 0; l-- {
		grad := gr.states[l].cut(sp.rank*h, (sp.rank+n)*h)
		if s.Residual {
			kernel.Axpy(1, handed, grad[0])
		}
		s.units[l].backward(tr.layers[l], sp, grad)
		gx := tr.layers[l].gx[sp.at*g:]
		if l > 0 {
			below := scratch[:n*h]
			s.below[l].Mul(n, gx, g, 0, below, h)
			if mask := tr.drop[l]; mask != nil {
				kernel.Mul(below, below, mask[sp.at*h:][:n*h])
			}
			if s.Residual {
				kernel.Axpy(1, below, handed) // beside what passes the layer by
			} else {
				kernel.Axpy(1, below, gr.states[l-1][0][sp.rank*h:][:n*h])
			}
		} else if s.InputFeeding && sp.prev >= 0 {
			s.feed.Mul(n, gx, g, 0, gr.feed[sp.rank*s.Out:], s.Out)
		}
	}
}

// gradients accumulates the gradients of all parameters, each in one product over all rows.
func (r *decoderRun) gradients(prec Precision, gr *decoderGrads) {
	d, tr := r.Decoder, r.tr
	rows, h := r.lay.Rows(), d.Hidden
	all := spans(r.lay, false, 0, r.lay.Batch())
	for l, w := range d.layers {
		g := w.width()
		var inputs []kernel.Right
		switch {
		case l > 0:
			in := tr.outs[l-1]
			if tr.drop[l] != nil {
				in = tr.in[l]
			}
			inputs = append(inputs, gradientOf(w.wx, in, h))
		default:
			grad, beta := w.wx.all()
			inputs = append(inputs, kernel.Right{N: d.In, B: r.x, LDB: d.In, Beta: beta, C: grad, LDC: w.in})
			if d.InputFeeding {
				inputs = append(inputs, kernel.Right{N: d.Out, B: r.fed(all), LDB: d.Out, Beta: beta, C: grad[d.In:], LDC: w.in})
			}
			if d.Condition > 0 {
				kernel.GemmAs(prec, true, false, g, d.Condition, r.lay.Batch(), 1, gr.same, g, r.condition, d.Condition, beta, grad[d.conditionAt():], w.in)
			}
		}
		d.steps.units[l].gradients(r.mem, tr.layers[l], rows, all, inputs...)
	}
	if d.att != nil {
		d.att.gradients(r.mem, prec, tr.att, gr.att)
	}
}

// fed returns the vectors that were fed to each row, [rows, Out].
func (r *decoderRun) fed(all []span) []float32 {
	out := r.mem.Take(r.lay.Rows() * r.Out)
	for _, s := range all {
		dst := out[s.at*r.Out:][:s.n*r.Out]
		if s.prev < 0 {
			clear(dst)
			continue
		}
		copy(dst, r.tr.out[s.prev*r.Out:])
	}
	return out
}
