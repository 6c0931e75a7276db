package rnn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
)

// bottleneckLoss is a float64 reference for a bottleneck that shares no arithmetic with the package. Its loss is Σ
// w·h + w'·c over sequences and layers, plus the divergence.
type bottleneckLoss struct {
	*Bottleneck
	lens   []int
	w      map[string][]float64
	states [][][]float64 // by sequence and token
	noise  []float64     // [batch, Size]; nil in evaluation
	latent Latent
}

func (m *bottleneckLoss) linear(l *Linear, x []float64) []float64 {
	ref := refModel{w: m.w}
	return ref.linear(l, x)
}

func (m *bottleneckLoss) pooled(seq int) []float64 {
	states := m.states[seq]
	out := slices.Clone(states[len(states)-1])
	switch m.Pool {
	case PoolMean:
		for j := range out {
			out[j] = 0
			for _, s := range states {
				out[j] += s[j] / float64(len(states))
			}
		}
	case PoolMax:
		for _, s := range states {
			for j, v := range s {
				out[j] = max(out[j], v)
			}
		}
	case PoolAttention:
		sum, alpha := 0.0, make([]float64, len(states))
		for t, s := range states {
			alpha[t] = math.Exp(dot(m.w[m.pool.pooling.v.Name], m.linear(m.pool.keys, s)))
			sum += alpha[t]
		}
		for j := range out {
			out[j] = 0
			for t, s := range states {
				out[j] += alpha[t] / sum * s[j]
			}
		}
	}
	return out
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
	for s := range m.lens {
		x := m.pooled(s)
		z := m.linear(m.mean, x)
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
		for l, maps := range m.maps {
			for i, linear := range maps {
				for j, v := range m.linear(linear, z) {
					total += weightOf(s, l+10*i, j) * v
				}
			}
		}
	}
	for j, d := range kl {
		if free := m.latent.FreeBits * float64(len(m.lens)); d <= free {
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
	ref := &bottleneckLoss{Bottleneck: b, lens: []int{3, 1, 4}, w: map[string][]float64{}, latent: Latent{Weight: 0.7, FreeBits: 0.05, Weights: weights}}
	lay := NewLayout(ref.lens)
	states, last := make([]float32, lay.Rows()*c.In), make([]float32, lay.Batch()*c.In)
	ref.draw(rng, lay, states, last)
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
	z, kl := b.Forward(&p, p.Input(lay.Rows(), c.In, states), lay, p.Input(lay.Batch(), c.In, last), latent)
	var parts []*gorgonia.Node
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
		got, _ := packed.Forward(&mem, states, lay, last)
		for i, want := range Floats(z) {
			near(t, "vector as on the graph", float64(got[i]), float64(want), 1e-6)
		}
		h := packed.States(&mem, lay.Batch(), got)[0].H
		for j := range c.Hidden {
			near(t, "first state", float64(h[j]), ref.linear(b.maps[0][0], float64s(got[:c.Size]))[j], 1e-5)
		}
	}
}

// draw fills the encoder's states [rows, In] and its last states [batch, In], and records them for the reference.
func (m *bottleneckLoss) draw(rng *rand.Rand, lay *Layout, states, last []float32) {
	for s, n := range m.lens {
		m.states = append(m.states, nil)
		for k := range n {
			row := make([]float64, m.In)
			for j := range row {
				v := float32(2*rng.Float64() - 1)
				row[j], states[lay.Row(s, k)*m.In+j], last[s*m.In+j] = float64(v), v, v
			}
			m.states[s] = append(m.states[s], row)
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
