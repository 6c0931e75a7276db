package seq2seq

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/rnn"
)

// levels is the recurrent part of an encoder: a stack of layers over the tokens or, with encoder.levels, a U. On the
// way down, each level halves the length: a stack reads the level above, joined in pairs. On the way up, each level
// doubles the length again, and a stack reads the level below beside the states of the way down at its own level.
type levels struct {
	config *Config // resolved
	down   []stack // of each level, beginning with the tokens
	up     []stack // of each level except the coarsest
	halve  []*rnn.Halving
	double []*rnn.Doubling
}

// newLevels adds the parameters of the layers that read rows of size in.
func newLevels(b *builder, in int) (*levels, error) {
	e, size := b.config.Encoder, b.config.Encoder.Hidden
	m := &levels{config: &b.config}
	add := func(to *[]stack, name string, in int) error {
		s, err := newStack(b, name, in)
		*to = append(*to, s)
		return err
	}
	if e.Levels == 0 {
		return m, add(&m.down, "encoder", in)
	}
	if err := add(&m.down, "encoder.down.0", in); err != nil {
		return nil, err
	}
	for l := range e.Levels {
		m.halve = append(m.halve, rnn.NewHalving(b.params, fmt.Sprintf("encoder.halve.%d", l), size, size, b.init))
		if err := add(&m.down, fmt.Sprintf("encoder.down.%d", l+1), size); err != nil {
			return nil, err
		}
	}
	for l := range e.Levels {
		m.double = append(m.double, rnn.NewDoubling(b.params, fmt.Sprintf("encoder.double.%d", l), size, size, b.init))
		if err := add(&m.up, fmt.Sprintf("encoder.up.%d", l), 2*size); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// forward reads x, laid out by lay. It returns the states of the tokens, those of the lowest layer, nil without layers,
// and the last states of the layers over tokens that compute the first.
func (m *levels) forward(p *rnn.Pass, x *gorgonia.Node, lay *rnn.Layout) (top, lowest *gorgonia.Node, last []rnn.State) {
	x, lowest, last = m.down[0].forward(p, m.config, x, lay)
	layouts, skips := []*rnn.Layout{lay}, []*gorgonia.Node{x}
	for l, halve := range m.halve {
		half := layouts[l].Halved()
		x = m.config.dropout(p, halve.Forward(p, x, layouts[l], half), half)
		x, _, _ = m.down[l+1].forward(p, m.config, x, half)
		layouts, skips = append(layouts, half), append(skips, x)
	}
	for l, double := range slices.Backward(m.double) {
		x = rnn.Join(p, double.Forward(p, x, layouts[l], layouts[l+1]), skips[l])
		x, _, last = m.up[l].forward(p, m.config, m.config.dropout(p, x, layouts[l]), layouts[l])
	}
	return x, lowest, last
}

// packedLevels are levels that run without a graph.
type packedLevels struct {
	residual bool
	down, up []packedStack
	halve    []*rnn.PackedHalving
	double   []*rnn.PackedDoubling
}

func (m *levels) pack(prec rnn.Precision) *packedLevels {
	q := &packedLevels{residual: m.config.Encoder.Residual}
	for _, s := range m.down {
		q.down = append(q.down, s.pack(prec))
	}
	for l, s := range m.up {
		q.up = append(q.up, s.pack(prec))
		q.halve = append(q.halve, m.halve[l].Pack(prec))
		q.double = append(q.double, m.double[l].Pack(prec))
	}
	return q
}

// forward is [levels.forward] with the results in mem.
func (q *packedLevels) forward(mem *rnn.Buffers, x []float32, lay *rnn.Layout) ([]float32, []rnn.StateValues) {
	x, last := q.down[0].forward(mem, q.residual, x, lay)
	layouts, skips := []*rnn.Layout{lay}, [][]float32{x}
	for l, halve := range q.halve {
		half := layouts[l].Halved()
		x, _ = q.down[l+1].forward(mem, q.residual, halve.Forward(mem, x, layouts[l], half), half)
		layouts, skips = append(layouts, half), append(skips, x)
	}
	for l, double := range slices.Backward(q.double) {
		x = rnn.JoinRows(mem, layouts[l].Rows(), double.Forward(mem, x, layouts[l], layouts[l+1]), skips[l])
		x, last = q.up[l].forward(mem, q.residual, x, layouts[l])
	}
	return x, last
}

// stack is recurrent layers, bottom first. Each reads the states of the one below.
type stack []*rnn.Layer

// newStack adds the parameters of encoder.layers layers; the lowest reads rows of size in.
func newStack(b *builder, name string, in int) (stack, error) {
	var s stack
	e := b.config.Encoder
	for l := range e.Layers {
		layer, err := rnn.NewLayer(b.params, fmt.Sprintf("%s.%d", name, l), rnn.LayerConfig{
			Cell: e.Cell, In: in, Hidden: e.Hidden, Bidirectional: e.Bidirectional,
			Norm: e.LayerNorm, Recurrent: b.config.RecurrentDropout, Init: b.init,
		})
		if err != nil {
			return nil, err
		}
		s, in = append(s, layer), e.Hidden
	}
	return s, nil
}

// forward returns the states of the top and of the lowest layer, and each layer's last states. It leaves the dropout of
// x to the caller.
func (s stack) forward(p *rnn.Pass, c *Config, x *gorgonia.Node, lay *rnn.Layout) (top, lowest *gorgonia.Node, last []rnn.State) {
	last = make([]rnn.State, len(s))
	for i, l := range s {
		in := x
		if i > 0 {
			in = c.dropout(p, x, lay)
		}
		var h *gorgonia.Node
		h, last[i] = l.Forward(p, in, lay, rnn.State{})
		if i == 0 {
			lowest = h
		}
		if c.Encoder.Residual && i > 0 {
			h = rnn.Add(p, h, x)
		}
		x = h
	}
	return x, lowest, last
}

// packedStack is a stack that runs without a graph.
type packedStack []*rnn.PackedLayer

func (s stack) pack(prec rnn.Precision) packedStack {
	var q packedStack
	for _, l := range s {
		q = append(q, l.Pack(prec))
	}
	return q
}

func (q packedStack) forward(mem *rnn.Buffers, residual bool, x []float32, lay *rnn.Layout) ([]float32, []rnn.StateValues) {
	last := make([]rnn.StateValues, len(q))
	for i, l := range q {
		below := x
		x, last[i] = l.Forward(mem, below, lay)
		if residual && i > 0 {
			kernel.Add(x, x, below)
		}
	}
	return x, last
}
