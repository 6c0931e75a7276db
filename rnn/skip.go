package rnn

import (
	"cmp"
	"fmt"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/setting"
	"gorgonia.org/gorgonia"
)

// Skip names a path around an encoder's recurrent layers: the mean of the embedded tokens meets the projected states.
// Added to them, it is linearly mapped if its size is not the vector's. Empty means [SkipNone].
type Skip string

const (
	// SkipNone has no such path.
	SkipNone Skip = "none"
	// SkipAdd adds the mean to the projected states.
	SkipAdd Skip = "add"
	// SkipGate multiplies each element of the projected states by a learnt number first. The numbers start at 0, so the
	// vector begins as the mean. Bachlechner et al., ReZero is All You Need, 2021.
	SkipGate Skip = "gate"
	// SkipJoin puts the mean, with a root mean square of 1, before the projected states, which get a third of its length,
	// or 0.8 of it if the vector has unit length.
	SkipJoin Skip = "join"
)

// joinedShare returns the length of the projected states over that of the mean, in a join. Vectors of unit length are
// for cosines, in which max-pooled states deserve two fifths, even of random layers: Wieting and Kiela, No Training
// Required: Exploring Random Encoders for Sentence Classification, 2019.
func (c BottleneckConfig) joinedShare() float32 {
	if c.Unit {
		return 0.8
	}
	return 1. / 3
}

// Skips returns all kinds of skip.
func Skips() []Skip { return []Skip{SkipNone, SkipAdd, SkipGate, SkipJoin} }

// MarshalText implements [encoding.TextMarshaler]. A kind outside [Skips] is an error.
func (k Skip) MarshalText() ([]byte, error) { return setting.Marshal(k, Skips()...) }

// UnmarshalText implements [encoding.TextUnmarshaler]. A text outside [Skips] is an error.
func (k *Skip) UnmarshalText(text []byte) error { return setting.Unmarshal(k, text, Skips()...) }

// skip is the path of a [Skip].
type skip struct {
	mean  pool
	proj  *Linear // nil between equal sizes
	gate  *Param  // [size]; nil without
	join  bool    // side by side; neither proj nor gate
	share float32 // of a join
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
	s := &skip{mean: pool{kinds: []Pooling{PoolMean}, n: c.Embedded}, join: kind == SkipJoin, share: c.joinedShare()}
	if s.join {
		return s, nil
	}
	if c.Embedded != c.Size {
		s.proj = NewLinear(ps, name+".skip", c.Embedded, c.Size, c.Init)
	}
	if kind == SkipGate {
		s.gate = ps.New(name+".gate", Zero(), c.Size)
	}
	return s, nil
}

// projected returns the size of the projected states.
func (c BottleneckConfig) projected() int {
	if c.Skip == SkipJoin {
		return c.Size - c.Embedded
	}
	return c.Size
}

// forward returns the vectors [batch, Size] from y, the projected states, and the mean of embedded [rows, Embedded].
func (s *skip) forward(p *Pass, y, embedded *gorgonia.Node, lay *Layout) *gorgonia.Node {
	mean := s.mean.apply(p, embedded, nil, nil, lay)
	if s.join {
		return p.join(RMSNorm(p, mean), scaleRows(p, y, rootOf(s.mean.n)*s.share))
	}
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
	mean  pool
	proj  *PackedLinear
	gate  []float32
	join  bool
	share float32
}

func (s *skip) pack(prec Precision) *packedSkip {
	q := &packedSkip{mean: s.mean, join: s.join, share: s.share}
	if s.proj != nil {
		q.proj = s.proj.Pack(prec)
	}
	if s.gate != nil {
		q.gate = append(q.gate, s.gate.W...)
	}
	return q
}

// forward is [skip.forward]. The result is y or lies in mem.
func (q *packedSkip) forward(mem *Buffers, y, embedded []float32, lay *Layout) []float32 {
	batch := lay.Batch()
	mean := mem.Take(batch * q.mean.width())
	q.mean.forward(mean, embedded, nil, nil, lay)
	if q.join {
		normalize(batch, mean, mem.Take(batch), rootOf(q.mean.n))
		normalize(batch, y, mem.Take(batch), rootOf(q.mean.n)*q.share)
		return sideBySide(mem, batch, mean, y)
	}
	if q.proj != nil {
		mean = q.proj.forward(mem, batch, mean)
	}
	if q.gate == nil {
		kernel.Add(y, y, mean)
	} else {
		pass(y, mean, q.gate)
	}
	return y
}

// sideBySide returns the rows of a, each followed by the same row of b.
func sideBySide(mem *Buffers, rows int, a, b []float32) []float32 {
	m, n := len(a)/rows, len(b)/rows
	out := mem.Take(rows * (m + n))
	for r := range rows {
		row := out[r*(m+n):][:m+n]
		copy(row, a[r*m:][:m])
		copy(row[m:], b[r*n:][:n])
	}
	return out
}

// join returns [x, y], the columns of two matrices side by side.
func (p *Pass) join(x, y *gorgonia.Node) *gorgonia.Node {
	if !p.matrix("join", x, -1, -1) || !p.matrix("join", y, x.Shape()[0], -1) {
		return nil
	}
	a, b := shapeOf(x), shapeOf(y)
	out := shape{a.rows, a.columns + b.columns}
	return p.apply(&fused{
		name:    "join",
		outs:    []shape{out},
		forward: func(ins, outs [][]float32) { outs[0] = sideBySide(&p.mem, out.rows, ins[0], ins[1]) },
		backward: func(gout, gin [][]float32) {
			gin[0], gin[1] = p.mem.Take(a.len()), p.mem.Take(b.len())
			for r := range out.rows {
				row := gout[0][r*out.columns:][:out.columns]
				copy(gin[0][r*a.columns:][:a.columns], row)
				copy(gin[1][r*b.columns:][:b.columns], row[a.columns:])
			}
		},
	}, x, y)[0]
}
