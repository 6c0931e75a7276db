package rnn

import (
	"fmt"
	"runtime"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// LayerConfig defines a [Layer].
type LayerConfig struct {
	Cell          Cell
	In            int     // size of an input row, 1 or more
	Hidden        int     // size of an output row, 1 or more; even if bidirectional: half for each direction
	Bidirectional bool    // reads sequences forwards and backwards and joins both states
	Norm          bool    // layer normalization inside the cell (Ba, Kiros and Hinton 2016)
	Recurrent     float64 // dropout rate for the states that the recurrent product reads, 0 to below 1; one mask for a sequence
	Init          Inits
}

// Layer is one recurrent layer over whole sequences, in one direction or in both.
type Layer struct {
	LayerConfig

	dirs []weights // forwards in time, then backwards

	packed layerUnits // for training: every pass packs into the same memory, first for forward, then for backward steps
}

// layerUnits are a layer's weights, packed for forward or for backward steps; wxs only for forward steps.
type layerUnits struct {
	*Layer
	units []unit
	wxs   []kernel.Packed
}

// pack packs the weights for forward steps, reusing the memory.
func (s *layerUnits) pack(prec Precision, l *Layer) {
	if s.Layer == nil {
		s.Layer, s.units, s.wxs = l, make([]unit, len(l.dirs)), make([]kernel.Packed, len(l.dirs))
	}
	for d, w := range l.dirs {
		s.units[d].packForward(prec, w)
		s.wxs[d].PackAs(prec, true, w.in, w.width(), w.wx.W, w.in)
	}
}

// NewLayer adds a layer's parameters. Sizes out of range and an unknown cell are errors.
func NewLayer(ps *Params, name string, c LayerConfig) (*Layer, error) {
	if c.In < 1 || c.Hidden < 1 {
		return nil, fmt.Errorf("rnn: layer %s: sizes %d and %d: want at least 1", name, c.In, c.Hidden)
	}
	var err error
	if c.Cell, err = c.Cell.check(); err != nil {
		return nil, fmt.Errorf("rnn: layer %s: %w", name, err)
	}
	l := &Layer{LayerConfig: c}
	if !c.Bidirectional {
		l.dirs = []weights{newWeights(ps, name, "", c.Cell, c.In, c.Hidden, c.Norm, c.Init)}
	} else {
		if c.Hidden%2 != 0 {
			return nil, fmt.Errorf("rnn: layer %s: hidden size %d is odd: want an even one for two directions", name, c.Hidden)
		}
		for _, suffix := range []string{"", "_reverse"} {
			l.dirs = append(l.dirs, newWeights(ps, name, suffix, c.Cell, c.In, c.Hidden/2, c.Norm, c.Init))
		}
	}
	return l, nil
}

// Forward reads x [rows, In], laid out by lay. It returns the hidden states of all tokens, [rows, Hidden], and the
// state after each sequence's last token, [batch, Hidden]; the backward direction's last token is the first. from is
// the state before each sequence: the zero State means zeros, otherwise it holds all arrays of the cell's state.
func (l *Layer) Forward(p *Pass, x *gorgonia.Node, lay *Layout, from State) (*gorgonia.Node, State) {
	if !p.placed("layer", lay) || !p.matrix("layer", x, lay.Rows(), l.In) {
		return nil, State{}
	}
	inputs := []*gorgonia.Node{x}
	n := l.dirs[0].cell.states
	if from != (State{}) {
		if !from.complete(n) {
			p.fail(fmt.Errorf("rnn: layer's first state: want %s for cell %s", [...]string{"H alone", "H and C"}[n-1], l.Cell))
			return nil, State{}
		}
		for _, s := range from.nodes()[:n] {
			if !p.matrix("layer's first state", s, lay.Batch(), l.Hidden) {
				return nil, State{}
			}
			inputs = append(inputs, s)
		}
	}
	f := &fused{name: "layer", outs: []shape{{lay.Rows(), l.Hidden}}}
	for range n {
		f.outs = append(f.outs, shape{lay.Batch(), l.Hidden})
	}
	for _, w := range l.dirs {
		f.params = append(f.params, w.params()...)
	}
	var r *layerRun
	f.forward = func(in, out [][]float32) {
		l.packed.pack(p.prec, l)
		r = l.packed.run(&p.mem, lay, in, p)
		copy(out, r.out)
	}
	f.backward = func(gout, gin [][]float32) { r.backward(p.prec, gout, gin) }
	out := p.apply(f, inputs...)
	var last [maxStates]*gorgonia.Node
	copy(last[:], out[1:])
	return out[0], State{last[0], last[1]}
}

// layerRun is a layer's arithmetic over one batch.
type layerRun struct {
	*Layer
	mem    *Buffers
	lay    *Layout
	x      []float32
	traces []*trace
	out    [][]float32 // hidden states, then the arrays of the last states
	pieces []piece     // independent parts of the work, for the cores
}

// piece is some ranks of one direction.
type piece struct {
	dir   int
	spans []span // in the order of the forward steps
}

// run computes the layer over whole sequences. in is x and, if given, the arrays of the first states. Random decisions
// come from p; if it is nil, there are none.
func (s *layerUnits) run(mem *Buffers, lay *Layout, in [][]float32, p *Pass) *layerRun {
	r := &layerRun{Layer: s.Layer, mem: mem, lay: lay, x: in[0]}
	rows, batch := lay.Rows(), lay.Batch()
	chunks := lay.chunks(max(1, runtime.GOMAXPROCS(0)/len(s.dirs)))
	for d, w := range s.dirs {
		tr := newTrace(mem, w, rows, batch)
		tr.dropRecurrent(p, s.Recurrent, rows, batch, w.hidden)
		for i, first := range in[1:] {
			tr.first[i] = r.columns(first, d)
		}
		s.wxs[d].MulParallel(rows, r.x, s.In, 0, tr.gx, w.width())
		r.traces = append(r.traces, tr)
		for _, c := range chunks {
			r.pieces = append(r.pieces, piece{d, spans(lay, d == 1, c[0], c[1])})
		}
	}
	mul := productFor(len(r.pieces))
	kernel.Tasks(len(r.pieces), func(i int) {
		pc := r.pieces[i]
		u, tr := &s.units[pc.dir], r.traces[pc.dir]
		for _, sp := range pc.spans {
			u.forward(tr, sp, mul)
		}
	})
	r.collect()
	return r
}

// collect sets the outputs from the traces.
func (r *layerRun) collect() {
	rows, h := r.lay.Rows(), r.Hidden/len(r.dirs)
	hs := r.traces[0].state[0]
	if len(r.dirs) == 2 {
		hs = r.mem.Take(rows * r.Hidden)
		for d, tr := range r.traces {
			for i := range rows {
				copy(hs[i*r.Hidden+d*h:][:h], tr.state[0][i*h:][:h])
			}
		}
	}
	r.out = [][]float32{hs}
	for i := range r.dirs[0].cell.states {
		r.out = append(r.out, r.last(i))
	}
}

// last returns array i of the states after each sequence's last step, [batch, Hidden].
func (r *layerRun) last(i int) []float32 {
	h := r.Hidden / len(r.dirs)
	out := r.mem.Take(r.lay.Batch() * r.Hidden)
	for d, tr := range r.traces {
		for s := range r.lay.lens {
			copy(out[s*r.Hidden+d*h:][:h], tr.state[i][r.lastRow(s, d)*h:][:h])
		}
	}
	return out
}

// lastRow returns the row of a sequence's last step in a direction.
func (r *layerRun) lastRow(seq, dir int) int {
	if dir == 1 {
		return r.lay.Row(seq, 0)
	}
	return r.lay.Row(seq, r.lay.lens[seq]-1)
}

// columns copies a direction's columns of a state into the order of ranks.
func (r *layerRun) columns(state []float32, dir int) []float32 {
	h := r.Hidden / len(r.dirs)
	out := r.mem.Take(r.lay.Batch() * h)
	for rank, s := range r.lay.order {
		copy(out[rank*h:][:h], state[s*r.Hidden+dir*h:][:h])
	}
	return out
}

// backward accumulates the gradients of the parameters and sets gin to the gradients of the inputs.
func (r *layerRun) backward(prec Precision, gout, gin [][]float32) {
	batch, rows := r.lay.Batch(), r.lay.Rows()
	carried := make([]states, len(r.dirs)) // gradients of the states, by direction and rank
	for d, w := range r.dirs {
		r.packed.units[d].packBackward(prec, w)
		for i, last := range gout[1:] {
			carried[d][i] = r.carry(last, d)
		}
	}
	kernel.Tasks(len(r.pieces), func(i int) {
		pc := r.pieces[i]
		u, tr, h := &r.packed.units[pc.dir], r.traces[pc.dir], r.dirs[pc.dir].hidden
		for i := len(pc.spans) - 1; i >= 0; i-- {
			s := pc.spans[i]
			grad := carried[pc.dir].cut(s.rank*h, (s.rank+s.n)*h)
			if gout[0] != nil {
				for k := range s.n {
					kernel.Axpy(1, gout[0][(s.at+k)*r.Hidden+pc.dir*h:][:h], grad[0][k*h:][:h])
				}
			}
			u.backward(tr, s, grad)
		}
	})
	dx := r.mem.Take(rows * r.In)
	for d, w := range r.dirs {
		var all []span
		for _, pc := range r.pieces {
			if pc.dir == d {
				all = append(all, pc.spans...)
			}
		}
		tr, g := r.traces[d], w.width()
		r.packed.units[d].gradients(r.mem, tr, rows, all, gradientOf(w.wx, r.x, r.In))
		kernel.GemmAs(prec, false, false, rows, r.In, g, 1, tr.gx, g, w.wx.W, r.In, float32(min(d, 1)), dx, r.In)
	}
	gin[0] = dx
	for i := 1; i < len(gin); i++ {
		gin[i] = r.mem.Take(batch * r.Hidden)
		for d, w := range r.dirs {
			for rank, s := range r.lay.order {
				copy(gin[i][s*r.Hidden+d*w.hidden:][:w.hidden], carried[d][i-1][rank*w.hidden:][:w.hidden])
			}
		}
	}
}

// carry returns the gradient of a last state by rank, or zeros if the loss does not depend on it.
func (r *layerRun) carry(gout []float32, dir int) []float32 {
	if gout == nil {
		return r.mem.zeros(r.lay.Batch() * r.dirs[dir].hidden)
	}
	return r.columns(gout, dir)
}

// spans lists the steps over the ranks [lo, hi), in order. Backwards in time, a sequence enters at its last token, so a
// step has one span for the ranks that continue and one for the ranks that begin.
func spans(lay *Layout, backwards bool, lo, hi int) []span {
	var out []span
	add := func(t, from, to, prev int) {
		if from < to {
			if prev >= 0 {
				prev += from
			}
			out = append(out, span{at: lay.start[t] + from, n: to - from, prev: prev, rank: from})
		}
	}
	if !backwards {
		prev := -1
		for t, n := range lay.sizes {
			add(t, lo, min(hi, n), prev)
			prev = lay.start[t]
		}
		return out
	}
	for t := lay.Steps() - 1; t >= 0; t-- {
		begun := lo
		if t+1 < lay.Steps() {
			begun = max(lo, min(hi, lay.sizes[t+1]))
			add(t, lo, begun, lay.start[t+1])
		}
		add(t, begun, min(hi, lay.sizes[t]), -1)
	}
	return out
}

// PackedLayer is a [Layer] with no graph. It is immutable and safe for concurrent use.
type PackedLayer struct{ packed layerUnits }

// Pack copies the weights for products in an available precision.
func (l *Layer) Pack(prec Precision) *PackedLayer {
	q := &PackedLayer{}
	q.packed.pack(prec, l)
	return q
}

// Forward is [Layer.Forward] from a zero state. x is [rows, In]; hs [rows, Hidden] and last [batch, Hidden] lie in mem.
func (q *PackedLayer) Forward(mem *Buffers, x []float32, lay *Layout) (hs []float32, last StateValues) {
	r := q.packed.run(mem, lay, [][]float32{x}, nil)
	var arrays states
	copy(arrays[:], r.out[1:])
	return r.out[0], StateValues{arrays[0], arrays[1]}
}
