package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// decoderGrads are the gradients that the backward steps fill.
type decoderGrads struct {
	out    []float32       // [rows, Out], an input: of the decoder's output
	states []states        // by layer, [batch, hidden] by rank
	feed   []float32       // [batch, Out] by rank: of the vector fed to the next step; nil without input feeding
	top    []float32       // [rows, hidden]: of the top layer's output, through its own row's output; nil with input feeding
	att    *attentionGrads // nil without attention
	same   []float32       // [batch, gates·hidden] by rank: of the condition's part of layer 0's pre-activations
	below  []float32       // [batch, max(hidden, out)]: scratch of a step
	passed []float32       // [batch, hidden] by rank: of the current layer's output in a step; nil without residual connections
}

// newGrads returns gradients of zero. gout holds the gradients of Forward's outputs; nil means that the loss does not
// depend on an output.
func (r *decoderRun) newGrads(gout [][]float32) *decoderGrads {
	mem, batch, rows := r.mem, r.lay.Batch(), r.lay.Rows()
	gr := &decoderGrads{out: gout[0], below: mem.Take(batch * max(r.Hidden, r.Out))}
	if gr.out == nil {
		gr.out = mem.zeros(rows * r.Out)
	}
	for _, w := range r.layers {
		var s states
		for i := range w.cell.states {
			s[i] = mem.zeros(batch * r.Hidden)
		}
		gr.states = append(gr.states, s)
	}
	if r.Residual {
		gr.passed = mem.Take(batch * r.Hidden)
	}
	if r.InputFeeding {
		gr.feed = mem.zeros(batch * r.Out)
	}
	if r.att != nil {
		gr.att = r.att.newGrads(mem, rows, r.tr.att)
		gr.att.alpha = gout[1]
		if r.Coverage && gout[2] != nil {
			gr.att.repeated = gout[2][0]
		}
	}
	return gr
}

// backward accumulates the gradients of the parameters and sets gin to the gradients of the inputs.
func (r *decoderRun) backward(prec Precision, gout, gin [][]float32) {
	r.packed.packBackward(prec, r.Decoder)
	gr := r.newGrads(gout)
	if !r.InputFeeding {
		r.attendRowsBack(gr)
	}
	kernel.Tasks(len(r.pieces), func(i int) {
		for k := len(r.pieces[i]) - 1; k >= 0; k-- {
			r.packed.back(r.tr, r.pieces[i][k], gr, r.scratch[i])
		}
	})
	if r.Condition > 0 {
		gr.same = r.sumSteps()
	}
	r.gradients(prec, gr)
	r.inputGradients(prec, gr, gin)
}

// gradients accumulates the gradients of all parameters, each in one product over all rows.
func (r *decoderRun) gradients(prec Precision, gr *decoderGrads) {
	rows, all := r.lay.Rows(), spans(r.lay, false, 0, r.lay.Batch())
	for l, w := range r.layers {
		var inputs []kernel.Right
		switch {
		case l == 0:
			inputs = r.inputProducts(prec, gr, all)
		case r.tr.drop[l] != nil:
			inputs = append(inputs, gradientOf(w.wx, r.tr.in[l], r.Hidden))
		default:
			inputs = append(inputs, gradientOf(w.wx, r.tr.outs[l-1], r.Hidden))
		}
		r.packed.units[l].gradients(r.mem, r.tr.layers[l], rows, all, inputs...)
	}
	if r.att != nil {
		r.att.gradients(r.mem, prec, r.tr.att, gr.att)
	}
}

// inputProducts returns the products for the gradient of layer 0's input weights, one for the tokens and one for the
// fed vectors. It accumulates the condition's columns itself, from one row a sequence.
func (r *decoderRun) inputProducts(prec Precision, gr *decoderGrads, all []span) []kernel.Right {
	w := r.layers[0]
	grad, beta := w.wx.all()
	inputs := []kernel.Right{{N: r.In, B: r.x, LDB: r.In, Beta: beta, C: grad, LDC: w.in}}
	if r.InputFeeding {
		inputs = append(inputs, kernel.Right{N: r.Out, B: r.fed(all), LDB: r.Out, Beta: beta, C: grad[r.In:], LDC: w.in})
	}
	if n := r.Condition; n > 0 {
		g := w.width()
		kernel.GemmAs(prec, true, false, g, n, r.lay.Batch(), 1, gr.same, g, r.condition, n, beta, grad[r.conditionAt():], w.in)
	}
	return inputs
}

// fed returns the vector that was fed to each row, [rows, Out].
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

// inputGradients sets gin to the gradients of the inputs, in the order of [Decoder.inputs].
func (r *decoderRun) inputGradients(prec Precision, gr *decoderGrads, gin [][]float32) {
	rows, w := r.lay.Rows(), r.layers[0]
	g := w.width()
	gin[0] = r.mem.Take(rows * r.In)
	kernel.GemmAs(prec, false, false, rows, r.In, g, 1, r.tr.layers[0].gx, g, w.wx.W, w.in, 0, gin[0], r.In)
	rest := gin[1:]
	if r.att != nil {
		rest[0], rest = gr.att.memory, rest[1:]
	}
	for l, s := range r.from {
		for i, n := range s.nodes() {
			if n != nil {
				rest[0], rest = r.toSequences(gr.states[l][i], r.Hidden), rest[1:]
			}
		}
	}
	if n := r.Condition; n > 0 {
		d := r.mem.Take(r.lay.Batch() * n)
		kernel.GemmAs(prec, false, false, r.lay.Batch(), n, g, 1, gr.same, g, w.wx.W[r.conditionAt():], w.in, 0, d, n)
		rest[0] = r.toSequences(d, n)
	}
}

// toSequences returns x [batch, n], ordered by rank, in the order of sequences.
func (r *decoderRun) toSequences(x []float32, n int) []float32 {
	out := r.mem.Take(len(x))
	r.lay.toSequences(out, x, n)
	return out
}
