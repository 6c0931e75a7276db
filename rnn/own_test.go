package rnn

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// small is a model for tests of custom graphs: two layers, an output layer and custom parameters.
type small struct {
	ps       *Params
	one, two *Layer
	out      *Output
	gate     *Param // [4, 4]
	bias     *Param // [4]
	lay      *Layout
	x        []float32 // [rows, 3]
	targets  []int32
}

func newSmall(tb testing.TB) *small {
	tb.Helper()
	rng := rand.New(rand.NewPCG(11, 1))
	in := Inits{Matrix: func(int) Init { return Uniform(0.8) }, ForgetBias: 1}
	m := &small{ps: NewParams(rng), lay: NewLayout([]int{3, 2, 4})}
	var err error
	if m.one, err = NewLayer(m.ps, "one", LayerConfig{Cell: LSTM, In: 3, Hidden: 4, Init: in}); err != nil {
		tb.Fatal(err)
	}
	if m.two, err = NewLayer(m.ps, "two", LayerConfig{Cell: GRU, In: 4, Hidden: 4, Init: in}); err != nil {
		tb.Fatal(err)
	}
	if m.out, err = NewOutput(m.ps, "out", 4, 5, nil, in); err != nil {
		tb.Fatal(err)
	}
	m.gate, m.bias = m.ps.New("gate", Uniform(0.8), 4, 4), m.ps.New("gate.bias", Uniform(0.8), 4)
	for range m.lay.Rows() {
		m.targets = append(m.targets, int32(rng.IntN(5)))
		for range 3 {
			m.x = append(m.x, float32(rng.NormFloat64()))
		}
	}
	return m
}

func (m *small) input(p *Pass) *gorgonia.Node { return p.Input(m.lay.Rows(), 3, m.x) }

// node returns an input node.
func node(p *Pass, name string, values []float32, shape ...int) *gorgonia.Node {
	v := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))
	return gorgonia.NewTensor(p.Graph(), tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(v))
}

// mixtures returns losses in which gorgonia's operators could overwrite values that layers keep, or layers values that
// the operators keep.
func (m *small) mixtures() map[string]func(p *Pass) *gorgonia.Node {
	must, sum := gorgonia.Must, func(x *gorgonia.Node) *gorgonia.Node { return gorgonia.Must(gorgonia.Sum(x)) }
	first := func(p *Pass) *gorgonia.Node {
		h, _ := m.one.Forward(p, m.input(p), m.lay, State{})
		return h
	}
	gate := func(p *Pass, h *gorgonia.Node) *gorgonia.Node {
		g := must(gorgonia.BroadcastAdd(must(gorgonia.Mul(h, p.Param(m.gate))), p.Param(m.bias), nil, []byte{0}))
		return must(gorgonia.HadamardProd(must(gorgonia.Sigmoid(g)), h))
	}
	return map[string]func(p *Pass) *gorgonia.Node{
		"square": func(p *Pass) *gorgonia.Node { return sum(must(gorgonia.Square(first(p)))) },
		"tanh":   func(p *Pass) *gorgonia.Node { return sum(must(gorgonia.Tanh(first(p)))) },
		"cube": func(p *Pass) *gorgonia.Node {
			h, _ := m.two.Forward(p, must(gorgonia.Tanh(first(p))), m.lay, State{})
			return sum(must(gorgonia.Cube(h)))
		},
		"between": func(p *Pass) *gorgonia.Node {
			u := must(gorgonia.Square(first(p)))
			h, _ := m.two.Forward(p, u, m.lay, State{})
			return sum(must(gorgonia.HadamardProd(h, must(gorgonia.Square(u)))))
		},
		"shared": func(p *Pass) *gorgonia.Node {
			h := first(p)
			k, last := m.two.Forward(p, h, m.lay, State{H: nil})
			s := Add(p, Add(p, h, k), must(gorgonia.Square(h)))
			return must(gorgonia.Add(sum(must(gorgonia.Square(s))), sum(must(gorgonia.Exp(last.H)))))
		},
		"added": func(p *Pass) *gorgonia.Node {
			a, b := must(gorgonia.Tanh(first(p))), must(gorgonia.Square(first(p)))
			return sum(must(gorgonia.Square(Add(p, a, b))))
		},
		"gate":   func(p *Pass) *gorgonia.Node { return m.out.Loss(p, gate(p, first(p)), m.targets, 0.1, nil) },
		"weight": func(p *Pass) *gorgonia.Node { return sum(must(gorgonia.Square(p.Param(m.gate)))) },
		"tied": func(p *Pass) *gorgonia.Node { // a parameter of a layer is read by gorgonia's operators too
			h := must(gorgonia.Mul(first(p), must(gorgonia.Transpose(p.Param(m.out.Weight)))))
			return must(gorgonia.Add(sum(must(gorgonia.Square(h))), m.out.Loss(p, first(p), m.targets, 0, nil)))
		},
		"mean loss": func(p *Pass) *gorgonia.Node {
			l := m.out.Loss(p, gate(p, first(p)), m.targets, 0, nil)
			return must(gorgonia.Div(l, gorgonia.NewConstant(float32(m.lay.Rows()))))
		},
		"loss twice": func(p *Pass) *gorgonia.Node {
			l := m.out.Loss(p, first(p), m.targets, 0, nil)
			return must(gorgonia.Add(must(gorgonia.HadamardProd(l, gorgonia.NewConstant(float32(0.1)))), must(gorgonia.Square(l))))
		},
	}
}

// numerical returns central differences for some elements of every parameter, and NaN for the others.
func numerical(t *testing.T, ps *Params, loss func(p *Pass) *gorgonia.Node) map[*Param][]float64 {
	t.Helper()
	var p Pass
	at := func() float64 {
		p.Start(nil)
		l := loss(&p)
		if err := p.Forward(); err != nil {
			t.Fatal(err)
		}
		return float64(Floats(l)[0])
	}
	all := map[*Param][]float64{}
	for q := range ps.All() {
		for i, was := range q.W {
			if i%(len(q.W)/6+1) != 0 {
				all[q] = append(all[q], math.NaN())
				continue
			}
			const h = 1.0 / 256
			q.W[i] = was + h
			up := at()
			q.W[i] = was - h
			all[q] = append(all[q], (up-at())/(2*h))
			q.W[i] = was
		}
	}
	return all
}

// closeTo compares gradients with numerical gradients.
func closeTo(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	scale := 0.0
	for _, w := range want {
		if !math.IsNaN(w) {
			scale = max(scale, math.Abs(w))
		}
	}
	for i, w := range want {
		g := 0.0
		if got != nil {
			g = float64(got[i])
		}
		if math.Abs(g-w) > 2e-3*(scale+1) {
			t.Errorf("%s[%d]: gradient %.5g: want %.5g (greatest %.3g)", what, i, g, w, scale)
			return
		}
	}
}

// TestMixtures checks that gradients are right however layers and gorgonia's operators mix, and that Backward and a
// caller's tape machine give the same bits.
func TestMixtures(t *testing.T) {
	m := newSmall(t)
	weights := map[*Param][]float32{}
	for q := range m.ps.All() {
		weights[q] = slices.Clone(q.W)
	}
	for name, loss := range m.mixtures() {
		t.Run(name, func(t *testing.T) {
			want := numerical(t, m.ps, loss)
			var p Pass
			p.Start(nil)
			m.ps.ZeroGrads()
			if _, err := p.Backward(loss(&p)); err != nil {
				t.Fatal(err)
			}
			sums := map[*Param][]float32{}
			for q := range m.ps.All() {
				if q.state != gradNone {
					sums[q] = slices.Clone(q.grad)
				}
				closeTo(t, q.Name, sums[q], want[q])
			}

			p.Start(nil)
			m.ps.ZeroGrads()
			l := loss(&p)
			nodes := p.Learnables()
			if _, err := gorgonia.Grad(l, nodes...); err != nil {
				t.Fatal(err)
			}
			vm := gorgonia.NewTapeMachine(p.Graph(), gorgonia.BindDualValues(nodes...))
			defer vm.Close()
			for run := range 2 {
				if err := vm.RunAll(); err != nil {
					t.Fatal(err)
				}
				vm.Reset()
				for _, n := range nodes {
					q := m.ps.Get(n.Name())
					g, err := n.Grad()
					if err != nil {
						t.Fatal(err)
					}
					if _, err := q.Grad(); err != nil {
						t.Fatal(err)
					}
					for i, v := range data(g) {
						if v != float32(run+1)*sums[q][i] || q.grad[i] != v {
							t.Fatalf("run %d: %s[%d]: gradient %g, of its node %g: want %g of both", run, q.Name, i, q.grad[i], v, float32(run+1)*sums[q][i])
						}
					}
				}
			}
			for q, w := range weights {
				if !slices.Equal(q.W, w) {
					t.Fatalf("running the graph has changed %s", q.Name)
				}
			}
		})
	}
}

// TestLearnables checks that learnables get the gradients of Backward, for all parameters of all layers.
func TestLearnables(t *testing.T) {
	base := testConfig{encLayers: 1, layers: 1, vocab: 11, embed: 5, encHidden: 6, hidden: 6}
	for name, change := range map[string]func(*testConfig){
		"lstm": func(*testConfig) {},
		"gru":  func(c *testConfig) { c.cell, c.decCell, c.encLayers, c.layers, c.residual = GRU, GRU, 2, 3, true },
		"copy": func(c *testConfig) {
			c.copy, c.score, c.coverage, c.repeated, c.tied, c.norm, c.bidirectional = true, Bahdanau, true, 0.5, true, true, true
		},
		"feed":    func(c *testConfig) { c.score, c.feed, c.factor, c.condition, c.encHidden = General, true, true, 8, 8 },
		"dropout": func(c *testConfig) { c.score, c.dropout, c.recurrent, c.sequence = Concat, 0.3, 0.2, true },
	} {
		t.Run(name, func(t *testing.T) {
			c := base
			change(&c)
			m, rng := newTestModel(t, c, 7), rand.New(rand.NewPCG(3, 3))
			src, tgt := randomSeqs(rng, c.vocab, 2, 5, 1), randomSeqs(rng, c.vocab, 4, 1, 6)
			m.copied(rng, src, tgt)
			draw := func() *rand.Rand { return rand.New(rand.NewPCG(9, 9)) }
			m.params.ZeroGrads()
			if _, err := m.pass.Backward(m.build(draw(), src, tgt)); err != nil {
				t.Fatal(err)
			}
			want := map[string][]float32{}
			for q := range m.params.All() {
				want[q.Name] = make([]float32, len(q.W))
				q.GradRows(func(at int, _, g []float32) { copy(want[q.Name][at:], g) })
			}

			loss := m.build(draw(), src, tgt)
			nodes := m.pass.Learnables()
			if _, err := gorgonia.Grad(loss, nodes...); err != nil {
				t.Fatal(err)
			}
			vm := gorgonia.NewTapeMachine(m.pass.Graph())
			defer vm.Close()
			m.params.ZeroGrads()
			if err := vm.RunAll(); err != nil {
				t.Fatal(err)
			}
			if len(nodes) != len(m.params.list) {
				t.Errorf("%d learnables: want all %d parameters", len(nodes), len(m.params.list))
			}
			for _, n := range nodes {
				q := m.params.Get(n.Name())
				g, err := n.Grad()
				if err != nil {
					t.Fatal(err)
				}
				if !n.Shape().Eq(g.Shape()) || !n.Shape().Eq(tensor.Shape(q.Shape)) {
					t.Errorf("%s: value of shape %v, gradient of %v: want %v", n.Name(), n.Shape(), g.Shape(), q.Shape)
				}
				if !slices.Equal(data(g), want[n.Name()]) {
					t.Errorf("%s: gradient of its node %v: want %v", n.Name(), data(g), want[n.Name()])
				}
				rows := make([]float32, len(q.W))
				q.GradRows(func(at int, _, g []float32) { copy(rows[at:], g) })
				if !slices.Equal(rows, want[n.Name()]) {
					t.Errorf("%s: gradient of the parameter %v: want %v", n.Name(), rows, want[n.Name()])
				}
			}
			if s := m.params.Get("source.weight").state; s != gradRows {
				t.Errorf("the embedding's gradients are of state %v: want those of rows alone", s)
			}
		})
	}
}
