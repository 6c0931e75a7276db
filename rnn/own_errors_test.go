package rnn

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// failure checks that an error contains a text.
func failure(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v: want %q", err, want)
	}
}

// head returns a loss of gorgonia's operators over a layer's states: the sum of (h·w)².
func head(p *Pass, h *gorgonia.Node) (w, loss *gorgonia.Node) {
	w = node(p, "w", []float32{0.5, -0.25, 1, 2}, 4, 1)
	return w, gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Mul(h, w))))))
}

func runAll(p *Pass) error {
	vm := gorgonia.NewTapeMachine(p.Graph())
	defer vm.Close()
	return vm.RunAll()
}

func grad(t *testing.T, loss *gorgonia.Node, by ...*gorgonia.Node) {
	t.Helper()
	if _, err := gorgonia.Grad(loss, by...); err != nil {
		t.Fatal(err)
	}
}

// TestUntrained checks that a graph whose layers would stay untrained does not run.
func TestUntrained(t *testing.T) {
	m := newSmall(t)
	var p Pass
	start := func() (x, h *gorgonia.Node) {
		p.Start(nil)
		x = node(&p, "x", m.x, m.lay.Rows(), 3)
		h, _ = m.one.Forward(&p, x, m.lay, State{})
		return x, h
	}
	_, h := start()
	w, loss := head(&p, h)
	grad(t, loss, w)
	failure(t, runAll(&p), "not by the parameters of its layers (one.weight_ih, ...), which would stay untrained: want Pass.Learnables")

	x, h := start()
	_, loss = head(&p, h)
	grad(t, loss, x)
	failure(t, runAll(&p), "would stay untrained")

	_, h = start()
	w, loss = head(&p, h)
	p.Learnables()
	grad(t, loss, w)
	failure(t, runAll(&p), "would stay untrained")

	_, h = start()
	nodes := p.Learnables()
	k, _ := m.two.Forward(&p, h, m.lay, State{})
	_, loss = head(&p, k)
	grad(t, loss, nodes...)
	failure(t, runAll(&p), "parameter two.weight_ih is missing in Pass.Learnables")
	p.Learnables()
	failure(t, p.Err(), "already differentiated")
	failure(t, runAll(&p), "already differentiated")

	_, h = start()
	m.two.Forward(&p, h, m.lay, State{})
	_, loss = head(&p, h)
	grad(t, loss, p.Learnables()...)
	failure(t, runAll(&p), "is given parameter two.weight_ih: want only parameters that the loss depends on")

	_, h = start()
	_, loss = head(&p, h)
	nodes = p.Learnables()
	grad(t, loss, nodes...)
	if err := gorgonia.Let(nodes[0], tensor.New(tensor.WithShape(16, 3), tensor.Of(tensor.Float32))); err != nil {
		t.Fatal(err)
	}
	failure(t, runAll(&p), "node of parameter one.weight_ih is bound to another value")

	p.Start(nil)
	head(&p, NewLinear(m.ps, "linear", 3, 4, Inits{}).Forward(&p, m.input(&p)))
	lisp := gorgonia.NewLispMachine(p.Graph())
	defer lisp.Close()
	failure(t, lisp.RunAll(), "and a tape machine")

	m.ps.ZeroGrads()
	_, h = start()
	w, loss = head(&p, h)
	grad(t, loss, w)
	_ = runAll(&p)
	if n := held(m.ps); n != 0 {
		t.Errorf("%d parameters have gradients of a graph that did not run", n)
	}
	failure(t, gorgonia.NewAdamSolver().Step(m.ps.Grads()), "one.weight_ih has no gradient")
}

// TestFrozen checks that a frozen pass differentiates by the caller's nodes alone, and that learnables missing from the
// list get no gradients.
func TestFrozen(t *testing.T) {
	m := newSmall(t)
	for _, frozen := range []bool{false, true} {
		m.ps.ZeroGrads()
		p := Pass{Frozen: frozen}
		p.Start(nil)
		x := node(&p, "x", slices.Clone(m.x), m.lay.Rows(), 3)
		h, _ := m.one.Forward(&p, x, m.lay, State{})
		w, loss := head(&p, h)
		if frozen {
			grad(t, loss, x, w)
			if err := runAll(&p); err != nil {
				t.Fatal(err)
			}
			if n := held(m.ps); n != 0 {
				t.Errorf("%d parameters of a frozen pass have gradients", n)
			}
		} else if _, err := p.Backward(loss, x, w); err != nil {
			t.Fatal(err)
		}
		for _, n := range []*gorgonia.Node{x, w} {
			g, err := n.Grad()
			if err != nil {
				t.Fatal(err)
			}
			values, got := data(n.Value()), slices.Clone(data(g))
			for i, was := range values {
				const d = 1.0 / 256
				at := func(v float32) float64 {
					values[i] = v
					if err := runAll(&p); err != nil {
						t.Fatal(err)
					}
					return float64(Floats(loss)[0])
				}
				want := (at(was+d) - at(was-d)) / (2 * d)
				values[i] = was
				if math.Abs(want-float64(got[i])) > 2e-3*(1+math.Abs(want)) {
					t.Errorf("frozen %v: %s[%d]: gradient %g: want %g", frozen, n.Name(), i, got[i], want)
				}
			}
		}
	}
	p := Pass{Frozen: true}
	build := func() *gorgonia.Node {
		p.Start(nil)
		h, _ := m.one.Forward(&p, m.input(&p), m.lay, State{})
		_, loss := head(&p, h)
		return loss
	}
	_, err := p.Backward(build())
	failure(t, err, "no layer has parameters to train")
	grad(t, build(), p.Learnables()...)
	failure(t, runAll(&p), "not Frozen")

	p.Frozen = false
	m.ps.ZeroGrads()
	loss, nodes := build(), p.Learnables()
	grad(t, loss, nodes[1:]...)
	if err := runAll(&p); err != nil {
		t.Fatal(err)
	}
	if n := held(m.ps); n != len(nodes)-1 {
		t.Errorf("%d parameters have gradients: want the %d that are listed", n, len(nodes)-1)
	}
	if g, err := nodes[0].Grad(); err == nil {
		t.Errorf("the node that is not listed has gradient %v", g)
	}
}

// TestBackwardAgain checks a second differentiation of a graph.
func TestBackwardAgain(t *testing.T) {
	m := newSmall(t)
	var p Pass
	build := func() (h, loss *gorgonia.Node) {
		p.Start(nil)
		m.ps.ZeroGrads()
		h, _ = m.one.Forward(&p, m.input(&p), m.lay, State{})
		_, loss = head(&p, h)
		return h, loss
	}
	_, loss := build()
	var first []float32
	for n := range 3 {
		if _, err := p.Backward(loss); err != nil {
			t.Fatal(err)
		}
		g := m.ps.Get("one.weight_hh").grad
		if n == 0 {
			first = slices.Clone(g)
		}
		for i, v := range g {
			if math.Abs(float64(v-float32(n+1)*first[i])) > 1e-6 {
				t.Fatalf("call %d: gradient %g: want %g", n, v, float32(n+1)*first[i])
			}
		}
	}
	other := p.Scale(loss, 2)
	_, err := p.Backward(other)
	failure(t, err, "another loss")

	_, loss = build()
	grad(t, loss, p.Learnables()...)
	if err := runAll(&p); err != nil {
		t.Fatal(err)
	}
	_, err = p.Backward(loss)
	failure(t, err, "gorgonia.Grad has differentiated it already")

	_, loss = build()
	if err := runAll(&p); err != nil { // forwards alone
		t.Fatal(err)
	}
	if _, err := p.Backward(loss); err != nil {
		t.Error(err)
	}
	if n := held(m.ps); n != 4 {
		t.Errorf("%d parameters have gradients: want 4", n)
	}
}

// TestMisuse checks that every layer reports misuse as an error.
func TestMisuse(t *testing.T) {
	m := newSmall(t)
	ps := NewParams(rand.New(rand.NewPCG(1, 1)))
	linear := NewLinear(ps, "linear", 4, 4, Inits{})
	dec, err := NewDecoder(ps, "decoder", DecoderConfig{Layers: 1, In: 4, Hidden: 4, Attention: General, Memory: 4, Out: 4})
	if err != nil {
		t.Fatal(err)
	}
	bottle, err := NewBottleneck(ps, "bottleneck", BottleneckConfig{Pool: PoolAttention, In: 4, Size: 3, Layers: 1, Hidden: 4})
	if err != nil {
		t.Fatal(err)
	}
	rows, copier := m.lay.Rows(), NewCopier(ps, "copier", m.out, Inits{})
	layers := map[string]func(p *Pass, x *gorgonia.Node){
		"layer":   func(p *Pass, x *gorgonia.Node) { m.two.Forward(p, x, m.lay, State{}) },
		"state":   func(p *Pass, x *gorgonia.Node) { m.two.Forward(p, x, m.lay, State{H: x}) },
		"linear":  func(p *Pass, x *gorgonia.Node) { linear.Forward(p, x) },
		"decoder": func(p *Pass, x *gorgonia.Node) { dec.Forward(p, x, m.lay, x, m.lay, nil, nil) },
		"bottleneck": func(p *Pass, x *gorgonia.Node) {
			bottle.States(p, first(bottle.Forward(p, x, m.lay, x, nil, Latent{})))
		},
		"output": func(p *Pass, x *gorgonia.Node) { m.out.Loss(p, x, m.targets, 0, nil) },
		"copier": func(p *Pass, x *gorgonia.Node) { copier.Loss(p, x, x, make([]Copies, rows), m.targets, 0, nil) },
		"add":    func(p *Pass, x *gorgonia.Node) { Add(p, x, x) },
		"join":   func(p *Pass, x *gorgonia.Node) { Join(p, x, x) },
		"sum":    func(p *Pass, x *gorgonia.Node) { p.Sum(p.Scale(x, 2), x) },
		"loss":   func(p *Pass, x *gorgonia.Node) { _, _ = p.Backward(x) },
	}
	var stale Pass
	stale.Start(nil)
	old := stale.Input(rows, 4, make([]float32, rows*4))
	for name, use := range layers {
		var p Pass
		use(&p, nil)
		failure(t, p.Err(), "want Pass.Start before")
		use(&p, old)
		failure(t, p.Forward(), "want Pass.Start before")

		p.Start(nil)
		use(&p, old)
		failure(t, p.Err(), "another graph")
		if name != "sum" { // Sum skips nil parts
			p.Start(nil)
			use(&p, nil)
			failure(t, p.Err(), "nil")
		}
		p.Start(nil)
		use(&p, gorgonia.NewMatrix(p.Graph(), tensor.Float64, gorgonia.WithShape(rows, 4), gorgonia.WithName("x")))
		failure(t, p.Err(), "want float32")
	}
}

// TestMisuseOfPass is TestMisuse for calls without input nodes, and for wrong shapes.
func TestMisuseOfPass(t *testing.T) {
	m := newSmall(t)
	ps := NewParams(rand.New(rand.NewPCG(1, 1)))
	emb, linear := NewEmbedding(ps, "embedding", 5, 4, Inits{}), NewLinear(ps, "linear", 4, 4, Inits{})
	rows := m.lay.Rows()
	var p Pass
	emb.Forward(&p, []int32{1})
	failure(t, p.Err(), "embedding: the pass has no graph: want Pass.Start before")
	p = Pass{}
	p.Param(m.gate)
	failure(t, p.Err(), "want Pass.Start before")
	p = Pass{}
	p.Learnables()
	failure(t, p.Err(), "want Pass.Start before")
	_, err := (&Pass{}).Backward(nil)
	failure(t, err, "want Pass.Start before")

	p.Start(nil)
	m.two.Forward(&p, p.Input(rows, 4, make([]float32, rows*4)), nil, State{})
	failure(t, p.Err(), "no layout")
	p.Start(nil)
	head(&p, linear.Forward(&p, p.Input(1, 4, make([]float32, 4))))
	emb.Forward(&p, []int32{5})
	failure(t, runAll(&p), "id 5: want 0 to 4") // a caller's machine reports it too
	p.Start(nil)
	_, err = p.Backward(p.Input(2, 2, make([]float32, 4)))
	failure(t, err, "want a scalar")

	defer func() {
		if recover() == nil {
			t.Error("a parameter without shape was made")
		}
	}()
	ps.New("scalar", Zero())
}

// held returns the number of parameters that hold gradients.
func held(ps *Params) (n int) {
	for p := range ps.All() {
		if _, err := p.Grad(); err == nil {
			n++
		}
	}
	return n
}

func first[A, B any](a A, _ B) A { return a }

// TestEqualNames checks that learnables stay apart from the caller's inputs and from other models' parameters with the
// same names.
func TestEqualNames(t *testing.T) {
	a, b := newSmall(t), newSmall(t)
	var p Pass
	p.Start(nil)
	mine := node(&p, "gate", make([]float32, 16), 4, 4)
	scalar := gorgonia.NewScalar(p.Graph(), tensor.Float32, gorgonia.WithName("parameters"), gorgonia.WithValue(float32(3)))
	sum := gorgonia.Must(gorgonia.Add(gorgonia.Must(gorgonia.Add(p.Param(a.gate), p.Param(b.gate))), mine))
	loss := gorgonia.Must(gorgonia.Mul(gorgonia.Must(gorgonia.Sum(sum)), scalar))
	nodes := p.Learnables()
	if len(nodes) != 2 || nodes[0] == nodes[1] || slices.Contains(nodes, mine) {
		t.Fatalf("learnables %v: want two of their own", nodes)
	}
	if &data(nodes[0].Value())[0] != &a.gate.W[0] || &data(nodes[1].Value())[0] != &b.gate.W[0] {
		t.Error("learnables have other memory than their parameters")
	}
	grad(t, loss, nodes...)
	if err := runAll(&p); err != nil {
		t.Fatal(err)
	}
	for _, m := range []*small{a, b} {
		for _, g := range m.gate.grad {
			if g != 3 {
				t.Fatalf("gradient %g: want 3", g)
			}
		}
	}
}
