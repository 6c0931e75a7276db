package rnn

import (
	"cmp"
	"fmt"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/setting"
	"gorgonia.org/gorgonia"
)

// Skip names a path around an encoder's recurrent layers: the mean of the embedded tokens, linearly mapped if its size
// is not the vector's, joins the projected states. Empty means [SkipNone].
type Skip string

const (
	// SkipNone has no such path.
	SkipNone Skip = "none"
	// SkipAdd adds the mean to the projected states.
	SkipAdd Skip = "add"
	// SkipGate multiplies each element of the projected states by a learnt number first. The numbers start at 0, so the
	// vector begins as the mean. Bachlechner et al., ReZero is All You Need, 2021.
	SkipGate Skip = "gate"
)

// Skips returns all kinds of skip.
func Skips() []Skip { return []Skip{SkipNone, SkipAdd, SkipGate} }

// MarshalText implements [encoding.TextMarshaler]. A kind outside [Skips] is an error.
func (k Skip) MarshalText() ([]byte, error) { return setting.Marshal(k, Skips()...) }

// UnmarshalText implements [encoding.TextUnmarshaler]. A text outside [Skips] is an error.
func (k *Skip) UnmarshalText(text []byte) error { return setting.Unmarshal(k, text, Skips()...) }

// skip is the path of a [Skip].
type skip struct {
	mean pool
	proj *Linear // nil between equal sizes
	gate *Param  // [size]; nil without
}

// newSkip adds a skip's parameters. It returns nil for none.
func newSkip(ps *Params, name string, c BottleneckConfig) (*skip, error) {
	kind := cmp.Or(c.Skip, SkipNone)
	if err := setting.OneOf(kind, Skips()...); err != nil {
		return nil, fmt.Errorf("rnn: %s: skip %w", name, err)
	}
	if kind == SkipNone {
		return nil, nil
	}
	if c.Embedded < 1 {
		return nil, fmt.Errorf("rnn: %s: skip %s of embedded tokens of size %d: want at least 1", name, kind, c.Embedded)
	}
	s := &skip{mean: pool{kinds: []Pooling{PoolMean}, n: c.Embedded}}
	if c.Embedded != c.Size {
		s.proj = NewLinear(ps, name+".skip", c.Embedded, c.Size, c.Init)
	}
	if kind == SkipGate {
		s.gate = ps.New(name+".gate", Zero(), c.Size)
	}
	return s, nil
}

// forward adds the mean of embedded [rows, Embedded] to y [batch, size], which the gate multiplies first.
func (s *skip) forward(p *Pass, y, embedded *gorgonia.Node, lay *Layout) *gorgonia.Node {
	mean := s.mean.apply(p, embedded, nil, nil, lay)
	if s.proj != nil {
		mean = s.proj.Forward(p, mean)
	}
	if s.gate == nil {
		return Add(p, y, mean)
	}
	return gated(p, y, mean, s.gate)
}

// gated returns gate ⊙ y + mean for matrices [rows, size].
func gated(p *Pass, y, mean *gorgonia.Node, gate *Param) *gorgonia.Node {
	n := len(gate.W)
	if !p.matrix("gate", y, -1, n) || !p.matrix("gate", mean, y.Shape()[0], n) {
		return nil
	}
	rows := y.Shape()[0]
	var in []float32
	return p.apply(&fused{
		name:   "gate",
		params: []*Param{gate},
		outs:   []shape{{rows, n}},
		forward: func(ins, outs [][]float32) {
			in = ins[0]
			outs[0] = p.mem.Take(rows * n)
			copy(outs[0], in)
			pass(outs[0], ins[1], gate.W)
		},
		backward: func(gout, gin [][]float32) {
			dgate := p.mem.Take(rows * n)
			kernel.Mul(dgate, gout[0], in)
			addSums(&p.mem, rows, dgate, n, gate)
			gin[0], gin[1] = p.mem.Take(rows*n), gout[0]
			for r := range rows {
				kernel.Mul(gin[0][r*n:][:n], gout[0][r*n:][:n], gate.W)
			}
		},
	}, y, mean)[0]
}

// pass sets each row of y to gate ⊙ y + mean.
func pass(y, mean, gate []float32) {
	n := len(gate)
	for r := range len(y) / n {
		row := y[r*n:][:n]
		kernel.Mul(row, row, gate)
		kernel.Add(row, row, mean[r*n:][:n])
	}
}

// packedSkip is a skip with no graph.
type packedSkip struct {
	mean pool
	proj *PackedLinear
	gate []float32
}

func (s *skip) pack(prec Precision) *packedSkip {
	q := &packedSkip{mean: s.mean}
	if s.proj != nil {
		q.proj = s.proj.Pack(prec)
	}
	if s.gate != nil {
		q.gate = append(q.gate, s.gate.W...)
	}
	return q
}

// add is [skip.forward] with the result in y.
func (q *packedSkip) add(mem *Buffers, y, embedded []float32, lay *Layout) {
	mean := mem.Take(lay.Batch() * q.mean.width())
	q.mean.forward(mean, embedded, nil, nil, lay)
	if q.proj != nil {
		mean = q.proj.forward(mem, lay.Batch(), mean)
	}
	if q.gate == nil {
		kernel.Add(y, y, mean)
		return
	}
	pass(y, mean, q.gate)
}
