package rnn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
)

// bottleneckLoss is a float64 reference for a bottleneck that shares no arithmetic with the package. Its loss is Σ
// w·h + w'·c over sequences and layers, or Σ w·z without layers, plus the divergence.
type bottleneckLoss struct {
	*Bottleneck
	lay    *Layout
	w      map[string][]float64 // of parameters; the inputs are some, too
	noise  []float64            // [batch, Size]; nil in evaluation
	latent Latent
}

func (m *bottleneckLoss) linear(l *Linear, x []float64) []float64 {
	ref := refModel{w: m.w}
	return ref.linear(l, x)
}

// tokens returns a sequence's rows of an input.
func (m *bottleneckLoss) tokens(input string, seq, size int) [][]float64 {
	rows := make([][]float64, m.lay.lens[seq])
	for t := range rows {
		rows[t] = m.w[input][m.lay.Row(seq, t)*size:][:size]
	}
	return rows
}

func refMean(rows [][]float64) []float64 {
	out := make([]float64, len(rows[0]))
	for j := range out {
		for _, x := range rows {
			out[j] += x[j] / float64(len(rows))
		}
	}
	return out
}

// refLength scales x to a length.
func refLength(x []float64, length float64) []float64 {
	was := math.Sqrt(dot(x, x))
	for i := range x {
		x[i] *= length / was
	}
	return x
}

func (m *bottleneckLoss) pooled(seq int) (out []float64) {
	states := m.tokens("states", seq, m.In)
	for _, kind := range m.Pool.Kinds() {
		x := slices.Clone(states[0])
		switch kind {
		case PoolLast:
			x = m.w["last"][seq*m.In:][:m.In]
		case PoolMean:
			x = refMean(states)
		case PoolMax, PoolMin:
			for _, s := range states {
				for j, v := range s {
					if x[j] < v == (kind == PoolMax) {
						x[j] = v
					}
				}
			}
		case PoolAttention:
			sum, alpha := 0.0, make([]float64, len(states))
			for t, s := range states {
				alpha[t] = math.Exp(dot(m.w[m.pool.pooling.v.Name], m.linear(m.pool.keys, s)))
				sum += alpha[t]
			}
			for j := range x {
				x[j] = 0
				for t, s := range states {
					x[j] += alpha[t] / sum * s[j]
				}
			}
		}
		out = append(out, x...)
	}
	return out
}

// vector returns a sequence's vector before the draw, for the pooled states x.
func (m *bottleneckLoss) vector(seq int, x []float64) []float64 {
	z := slices.Clone(x)
	if m.mean != nil {
		z = m.linear(m.mean, x)
	}
	if m.Skip == "" {
		return z
	}
	around := refMean(m.tokens("embedded", seq, m.Embedded))
	if m.Skip == SkipJoin {
		root := math.Sqrt(float64(len(around)))
		return append(refLength(around, root), refLength(z, root*float64(m.joinedShare()))...)
	}
	if m.Embedded != m.Size {
		around = m.linear(m.skip.proj, around)
	}
	for j := range z {
		if m.Skip == SkipGate {
			z[j] *= m.w["b.gate"][j]
		}
		z[j] += around[j]
	}
	return z
}

// weightOf returns the weight of a state's element in the loss, an arbitrary fixed number.
func weightOf(seq, layer, element int) float64 {
	return math.Sin(float64(1 + seq*31 + layer*7 + element))
}

func (m *bottleneckLoss) value() float64 {
	total := 0.0
	var kl, weighed []float64 // by dimension
	if m.Variational {
		kl, weighed = make([]float64, m.Size), make([]float64, m.Size)
	}
	for s := range m.lay.lens {
		x := m.pooled(s)
		z := m.vector(s, x)
		if m.Variational {
			for j, lv := range m.linear(m.logVar, x) {
				kl[j] += Divergence(z[j], lv)
				if m.latent.Weights != nil {
					weighed[j] += float64(m.latent.Weights[s]) * Divergence(z[j], lv)
				} else {
					weighed[j] += Divergence(z[j], lv)
				}
				if m.noise != nil {
					z[j] += math.Exp(lv/2) * m.noise[s*m.Size+j]
				}
			}
		}
		if m.Unit {
			norm := math.Sqrt(dot(z, z))
			for j := range z {
				z[j] /= norm
			}
		}
		if m.Layers == 0 {
			for j, v := range z {
				total += weightOf(s, 0, j) * v
			}
		}
		for l, maps := range m.maps {
			for i, linear := range maps {
				for j, v := range m.linear(linear, z) {
					total += weightOf(s, l+10*i, j) * v
				}
			}
		}
	}
	for j, d := range kl {
		if free := m.latent.FreeBits * float64(len(m.lay.lens)); d <= free {
			weighed[j] = free
		}
		total += m.latent.Weight * weighed[j]
	}
	return total
}

func TestBottleneckGradients(t *testing.T) {
	cases := map[string]BottleneckConfig{
		"last":        {Pool: PoolLast, Layers: 1},
		"mean-gru":    {Pool: PoolMean, Layers: 2, Cell: GRU},
		"max":         {Pool: PoolMax, Layers: 1},
		"attention":   {Pool: PoolAttention, Layers: 2},
		"unit":        {Pool: PoolMean, Layers: 1, Unit: true},
		"variational": {Pool: PoolAttention, Layers: 1, Variational: true},
		"min":         {Pool: PoolMin},
		"joined":      {Pool: "mean+max+min", Unit: true},
		"all":         {Pool: "attention+min+last+mean", Layers: 1, Variational: true},
		"none":        {Pool: PoolMean, Projection: ProjectNone, Unit: true},
		"none-last":   {Pool: PoolLast, Projection: ProjectNone, Layers: 1},
		"add":         {Pool: PoolMax, Skip: SkipAdd, Embedded: 4},
		"add-equal":   {Pool: PoolMean, Skip: SkipAdd, Embedded: 5, Unit: true},
		"gate":        {Pool: "last+mean", Skip: SkipGate, Embedded: 5, Layers: 1},
		"gate-mapped": {Pool: PoolMean, Skip: SkipGate, Embedded: 6, Variational: true},
		"join":        {Pool: PoolMax, Skip: SkipJoin, Embedded: 3, Layers: 1},
		"join-unit":   {Pool: "mean+max", Skip: SkipJoin, Embedded: 2, Unit: true},
	}
	for name, c := range cases {
		for _, training := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/training=%v", name, training), func(t *testing.T) { testBottleneck(t, c, training, nil) })
		}
	}
	t.Run("variational/weights", func(t *testing.T) { testBottleneck(t, cases["variational"], true, []float32{2, 0.25, 1}) })
}

func testBottleneck(t *testing.T, c BottleneckConfig, training bool, weights []float32) {
	c.In, c.Size, c.Hidden = 7, 5, 6
	if c.Projection == ProjectNone {
		c.In = c.Size
	}
	c.Init = Inits{Matrix: func(int) Init { return Uniform(0.5) }}
	rng := rand.New(rand.NewPCG(3, 4))
	ps := NewParams(rng)
	b, err := NewBottleneck(ps, "b", c)
	if err != nil {
		t.Fatal(err)
	}
	for p := range ps.All() {
		if len(p.Shape) == 1 {
			Uniform(0.3)(p, rng)
		}
	}
	ref := &bottleneckLoss{
		Bottleneck: b, lay: NewLayout([]int{3, 1, 4}), w: map[string][]float64{}, latent: Latent{Weight: 0.7, FreeBits: 0.05, Weights: weights},
	}
	lay := ref.lay
	states, last := ps.New("states", Uniform(1), lay.Rows(), c.In), ps.New("last", Uniform(1), lay.Batch(), c.In)
	embedded := ps.New("embedded", Uniform(1), lay.Rows(), max(c.Embedded, 1))
	for p := range ps.All() {
		for _, v := range p.W {
			ref.w[p.Name] = append(ref.w[p.Name], float64(v))
		}
	}
	var passRNG *rand.Rand
	if training {
		passRNG = rand.New(rand.NewPCG(9, 9))
		same := rand.New(rand.NewPCG(9, 9))
		for range lay.Batch() * c.Size {
			ref.noise = append(ref.noise, float64(float32(same.NormFloat64())))
		}
	}
	var stats LatentStats
	latent := ref.latent
	latent.Stats = &stats
	var p Pass
	p.Start(passRNG)
	z, kl := b.Forward(&p, p.Param(states), lay, p.Param(last), p.Param(embedded), latent)
	var parts []*gorgonia.Node
	if c.Layers == 0 {
		parts = append(parts, weighed(&p, z, 0))
	}
	for l, s := range b.States(&p, z) {
		parts = append(parts, weighed(&p, s.H, l))
		if s.C != nil {
			parts = append(parts, weighed(&p, s.C, l+10))
		}
	}
	loss := p.Sum(append(parts, kl)...)
	ps.ZeroGrads()
	if _, err := p.Backward(loss); err != nil {
		t.Fatal(err)
	}
	near(t, "loss", float64(Floats(loss)[0]), ref.value(), 1e-4)
	if c.Variational && stats.Sequences != 3 {
		t.Errorf("statistics of %d sequences: want 3", stats.Sequences)
	}
	ref.compareGradients(t, ps)

	// The packed form computes the same in evaluation.
	if !training {
		var mem Buffers
		packed := b.Pack(Float32)
		got, _ := packed.Forward(&mem, states.W, lay, last.W, embedded.W)
		for i, want := range Floats(z) {
			near(t, "vector as on the graph", float64(got[i]), float64(want), 1e-6)
		}
		for l, s := range packed.States(&mem, lay.Batch(), got) {
			for j, want := range ref.linear(b.maps[l][0], float64s(got[:c.Size])) {
				near(t, "first state", float64(s.H[j]), want, 1e-5)
			}
		}
	}
}

// compareGradients compares the gradients of all parameters with central differences of the reference.
func (m *bottleneckLoss) compareGradients(t *testing.T, ps *Params) {
	t.Helper()
	for q := range ps.All() {
		grad := make([]float32, len(q.W))
		q.GradRows(func(at int, _, g []float32) { copy(grad[at:], g) })
		w := m.w[q.Name]
		for i := range w {
			const h = 1e-5
			was := w[i]
			w[i] = was + h
			up := m.value()
			w[i] = was - h
			want := (up - m.value()) / (2 * h)
			w[i] = was
			if math.Abs(float64(grad[i])-want) > 1e-4*(1+math.Abs(want)) {
				t.Fatalf("%s[%d]: gradient %.6g: want %.6g", q.Name, i, grad[i], want)
			}
		}
	}
}

func float64s(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// weighed returns the sum of a state's elements, each times weightOf.
func weighed(p *Pass, x *gorgonia.Node, layer int) *gorgonia.Node {
	s := shapeOf(x)
	return p.apply(&fused{
		name: "weighed",
		outs: []shape{{}},
		forward: func(in, out [][]float32) {
			sum := 0.0
			for i, v := range in[0] {
				sum += weightOf(i/s.columns, layer, i%s.columns) * float64(v)
			}
			out[0] = []float32{float32(sum)}
		},
		backward: func(gout, gin [][]float32) {
			gin[0] = make([]float32, s.len())
			for i := range gin[0] {
				gin[0][i] = gout[0][0] * float32(weightOf(i/s.columns, layer, i%s.columns))
			}
		},
	}, x)[0]
}

func TestBottleneckErrors(t *testing.T) {
	base := BottleneckConfig{Pool: PoolMean, In: 4, Size: 3}
	for want, change := range map[string]func(c *BottleneckConfig){
		`pooling "mean+x": want last, mean`:      func(c *BottleneckConfig) { c.Pool = "mean+x" },
		`pooling "mean+": want last, mean`:       func(c *BottleneckConfig) { c.Pool = "mean+" },
		`pooling "max+min+max": max twice`:       func(c *BottleneckConfig) { c.Pool = "max+min+max" },
		`projection "x": want linear or none`:    func(c *BottleneckConfig) { c.Projection = "x" },
		"projection none from 8 numbers to 3":    func(c *BottleneckConfig) { c.Pool, c.Projection = "mean+max", ProjectNone },
		`skip "x": want none, add, gate or join`: func(c *BottleneckConfig) { c.Skip = "x" },
		"skip gate of embedded tokens of size 0": func(c *BottleneckConfig) { c.Skip = SkipGate },
		"skip join of embedded tokens of size 3": func(c *BottleneckConfig) { c.Skip, c.Embedded = SkipJoin, 3 },
		"a variational vector with skip join":    func(c *BottleneckConfig) { c.Skip, c.Embedded, c.Variational = SkipJoin, 2, true },
		"projection none from 4 numbers to 1":    func(c *BottleneckConfig) { c.Skip, c.Embedded, c.Projection = SkipJoin, 2, ProjectNone },
		"1 layers of hidden 0":                   func(c *BottleneckConfig) { c.Layers = 1 },
	} {
		c := base
		change(&c)
		if _, err := NewBottleneck(NewParams(rand.New(rand.NewPCG(1, 1))), "b", c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v: want %s", err, want)
		}
	}
	q, err := NewPooler(NewParams(nil), "b", "mean+last", 2, Inits{})
	if err != nil || q.Out() != 4 {
		t.Fatalf("pooled size %d, %v: want 4", q.Out(), err)
	}
	var p Pass
	p.Start(nil)
	if q.Forward(&p, p.Input(1, 2, []float32{1, 2}), NewLayout([]int{1}), nil); p.Err() == nil || !strings.Contains(p.Err().Error(), "no last states") {
		t.Errorf("error %v: want one about last states", p.Err())
	}
}

// TestPool checks the form without parameters.
func TestPool(t *testing.T) {
	lay := NewLayout([]int{1, 2})
	states := make([]float32, 6)
	for s, rows := range [][][]float32{{{5, 6}}, {{1, 4}, {3, 2}}} {
		for k, row := range rows {
			copy(states[2*lay.Row(s, k):], row)
		}
	}
	const pool = Pooling("max+mean+min")
	out := make([]float32, 2*pool.Size(2))
	pool.Pool(out, states, lay)
	if want := []float32{5, 6, 5, 6, 5, 6, 3, 4, 2, 3, 1, 2}; !slices.Equal(out, want) {
		t.Errorf("pooled %v: want %v", out, want)
	}
}
