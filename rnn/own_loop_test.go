package rnn

import (
	"math"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// loopBatches is the number of batches that a loop trains on.
const loopBatches = 12

// loop trains a small model in one of the ways open to gorgonia users.
type loop struct {
	*small
	t      *testing.T
	p      Pass
	solver gorgonia.Solver
	losses []float32
}

func newLoop(t *testing.T) *loop {
	t.Helper()
	return &loop{t: t, small: newSmall(t), solver: gorgonia.NewAdamSolver(gorgonia.WithLearnRate(0.05))}
}

// batch returns the input of step i.
func (l *loop) batch(i int) *tensor.Dense {
	x := slices.Clone(l.x)
	for k := range x {
		x[k] += 0.1 * float32((i*31+k)%7)
	}
	return tensor.New(tensor.WithShape(l.lay.Rows(), 3), tensor.WithBacking(x))
}

func (l *loop) build(i int) (in, loss *gorgonia.Node) {
	l.p.Start(nil)
	in = node(&l.p, "x", l.batch(i).Float32s(), l.lay.Rows(), 3)
	h, _ := l.one.Forward(&l.p, in, l.lay, State{})
	h = gorgonia.Must(gorgonia.Tanh(gorgonia.Must(gorgonia.Mul(h, l.p.Param(l.gate)))))
	h, _ = l.two.Forward(&l.p, h, l.lay, State{})
	return in, l.out.Loss(&l.p, h, l.targets, 0, nil)
}

func (l *loop) check(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// oneGraph trains with one graph for all batches.
func (l *loop) oneGraph() {
	in, loss := l.build(0)
	grad(l.t, loss, l.p.Learnables()...)
	vm := gorgonia.NewTapeMachine(l.p.Graph(), gorgonia.BindDualValues(l.p.Learnables()...))
	defer vm.Close()
	allocated := 0
	for i := range loopBatches {
		l.check(gorgonia.Let(in, l.batch(i)))
		l.check(vm.RunAll())
		l.losses = append(l.losses, Floats(loss)[0])
		l.check(l.solver.Step(gorgonia.NodesToValueGrads(l.p.Learnables())))
		vm.Reset()
		if i == 0 {
			allocated = l.p.Allocated()
		} else if l.p.Allocated() != allocated {
			l.t.Fatalf("run %d holds %d values: want %d as in the first", i, l.p.Allocated(), allocated)
		}
	}
}

// manyGraphs trains with a graph for each batch.
func (l *loop) manyGraphs() {
	for i := range loopBatches {
		_, loss := l.build(i)
		grad(l.t, loss, l.p.Learnables()...)
		l.check(runAll(&l.p))
		l.losses = append(l.losses, Floats(loss)[0])
		l.check(l.solver.Step(gorgonia.NodesToValueGrads(l.p.Learnables())))
	}
}

// backward trains with Pass.Backward.
func (l *loop) backward() {
	for i := range loopBatches {
		_, loss := l.build(i)
		l.ps.ZeroGrads()
		_, err := l.p.Backward(loss)
		l.check(err)
		l.losses = append(l.losses, Floats(loss)[0])
		l.check(l.solver.Step(l.ps.Grads()))
	}
}

// TestOwnLoop checks that one graph for all batches, a graph for each batch, and Backward train to the same bits.
func TestOwnLoop(t *testing.T) {
	start, want := newSmall(t), newLoop(t)
	want.oneGraph()
	if first, last := want.losses[0], want.losses[loopBatches-1]; last > first*2/3 {
		t.Errorf("loss %g, then %g: want less than two thirds", first, last)
	}
	for q := range start.ps.All() {
		if q.Name != "gate.bias" && slices.Equal(q.W, want.ps.Get(q.Name).W) {
			t.Errorf("%s has not moved", q.Name)
		}
	}
	for name, train := range map[string]func(l *loop){"a graph for each batch": (*loop).manyGraphs, "backward": (*loop).backward} {
		got := newLoop(t)
		train(got)
		if !slices.Equal(got.losses, want.losses) {
			t.Errorf("%s: losses %v: want %v", name, got.losses, want.losses)
		}
		for q := range want.ps.All() {
			if !slices.Equal(got.ps.Get(q.Name).W, q.W) {
				t.Errorf("%s: other weights of %s", name, q.Name)
			}
		}
	}
}

// TestOptimizersTakeNodes checks that optimizers update learnables as they update parameters, even with a new graph at
// every step, and that a step without gradients fails.
func TestOptimizersTakeNodes(t *testing.T) {
	for name, opt := range map[string]func() Optimizer{
		"adam": func() Optimizer { return &Adam{} },
		"sgd":  func() Optimizer { return &SGD{Momentum: 0.9} },
	} {
		run := func(nodes bool) *small {
			m, o := newSmall(t), opt()
			o.SetRate(0.05, 1)
			failure(t, o.Step(m.ps.Grads()), "one.weight_ih has no gradient since")
			failure(t, o.Step(nil), "no parameters to move")
			failure(t, o.Step([]gorgonia.ValueGrad{m.gate}), "gate has no gradient since")
			if o.Steps() != 0 {
				t.Errorf("%d steps after failures: want none", o.Steps())
			}
			var p Pass
			for range 4 {
				p.Start(nil)
				m.ps.ZeroGrads()
				loss := m.mixtures()["gate"](&p)
				if !nodes {
					if _, err := p.Backward(loss); err != nil {
						t.Fatal(err)
					}
					if err := o.Step(m.ps.Grads()); err != nil {
						t.Fatal(err)
					}
					continue
				}
				grad(t, loss, p.Learnables()...)
				vm := gorgonia.NewTapeMachine(p.Graph(), gorgonia.BindDualValues(p.Learnables()...))
				defer vm.Close()
				if err := vm.RunAll(); err != nil {
					t.Fatal(err)
				}
				if err := o.Step(gorgonia.NodesToValueGrads(p.Learnables())); err != nil {
					t.Fatal(err)
				}
				for _, n := range p.Learnables() {
					if g, _ := n.Grad(); slices.ContainsFunc(data(g), func(v float32) bool { return v != 0 }) {
						t.Fatalf("%s: the gradient of %s is not cleared", name, n.Name())
					}
				}
			}
			return m
		}
		want, got := run(false), run(true)
		for q := range want.ps.All() {
			if !slices.Equal(q.W, got.ps.Get(q.Name).W) {
				t.Errorf("%s: %s is %v: want %v", name, q.Name, got.ps.Get(q.Name).W, q.W)
			}
		}
	}
}

// TestMachines checks that layers compute the same under every option of a tape machine, and in a part of the graph.
func TestMachines(t *testing.T) {
	m := newSmall(t)
	var p Pass
	build := func() (loss, h *gorgonia.Node) {
		p.Start(nil)
		m.ps.ZeroGrads()
		h, _ = m.one.Forward(&p, m.input(&p), m.lay, State{})
		return m.out.Loss(&p, gorgonia.Must(gorgonia.Square(h)), m.targets, 0, nil), h
	}
	loss, h := build()
	var states gorgonia.Value
	gorgonia.Read(h, &states)
	if _, err := p.Backward(loss); err != nil {
		t.Fatal(err)
	}
	want, score := slices.Clone(m.ps.Get("one.weight_hh").grad), Floats(loss)[0]
	for name, option := range map[string]func() gorgonia.VMOpt{
		"trace":       func() gorgonia.VMOpt { return gorgonia.TraceExec() },
		"watch":       func() gorgonia.VMOpt { return gorgonia.WithNaNWatch() },
		"dual values": func() gorgonia.VMOpt { return gorgonia.BindDualValues() },
		"compiled": func() gorgonia.VMOpt {
			prog, locations, err := gorgonia.Compile(p.Graph())
			if err != nil {
				t.Fatal(err)
			}
			return gorgonia.WithPrecompiled(prog, locations)
		},
	} {
		loss, _ = build()
		var read gorgonia.Value
		gorgonia.Read(loss, &read)
		grad(t, loss, p.Learnables()...)
		vm := gorgonia.NewTapeMachine(p.Graph(), option())
		defer vm.Close()
		for range 2 {
			m.ps.ZeroGrads()
			if err := vm.RunAll(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			vm.Reset()
			if got := m.ps.Get("one.weight_hh").grad; !slices.Equal(got, want) {
				t.Errorf("%s: gradient %v: want %v", name, got, want)
			}
			if got := data(read)[0]; got != score {
				t.Errorf("%s: loss %g: want %g", name, got, score)
			}
		}
	}
	p.Start(nil)
	x := node(&p, "x", m.x, m.lay.Rows(), 3)
	h, _ = m.one.Forward(&p, x, m.lay, State{})
	head(&p, h)
	prog, locations, err := gorgonia.CompileFunction(p.Graph(), gorgonia.Nodes{x}, gorgonia.Nodes{h})
	if err != nil {
		t.Fatal(err)
	}
	vm := gorgonia.NewTapeMachine(p.Graph(), gorgonia.WithPrecompiled(prog, locations))
	defer vm.Close()
	for range 2 {
		if err := vm.RunAll(); err != nil {
			t.Fatal(err)
		}
		vm.Reset()
		if !slices.Equal(Floats(h), data(states)) {
			t.Errorf("part of the graph: states %v: want %v", Floats(h), states)
		}
	}
}

// TestParamIsInput checks that the node of a custom parameter serves like gorgonia's own nodes: to differentiate by, to
// step and, with frozen layers, alone.
func TestParamIsInput(t *testing.T) {
	m := newSmall(t)
	p := Pass{Frozen: true}
	p.Start(nil)
	h, _ := m.one.Forward(&p, m.input(&p), m.lay, State{})
	w := p.Param(m.gate)
	loss := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Mul(h, w))))))
	grad(t, loss, w)
	vm := gorgonia.NewTapeMachine(p.Graph(), gorgonia.BindDualValues(w))
	defer vm.Close()
	solver := gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(0.1))
	var losses []float32
	before := slices.Clone(m.one.dirs[0].wx.W)
	for range 10 {
		if err := vm.RunAll(); err != nil {
			t.Fatal(err)
		}
		losses = append(losses, Floats(loss)[0])
		if n := held(m.ps); n != 1 {
			t.Errorf("%d parameters hold gradients: want 1", n)
		}
		if err := solver.Step(gorgonia.NodesToValueGrads(gorgonia.Nodes{w})); err != nil {
			t.Fatal(err)
		}
		vm.Reset()
	}
	if losses[9] > losses[0]/2 {
		t.Errorf("losses %v: want them to fall", losses)
	}
	if !slices.Equal(m.one.dirs[0].wx.W, before) {
		t.Error("a frozen layer has moved")
	}

	p.Frozen = false
	p.Start(nil)
	m.ps.ZeroGrads()
	h, _ = m.one.Forward(&p, m.input(&p), m.lay, State{})
	unused := p.Param(m.bias)
	loss = gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Mul(h, p.Param(m.gate)))))))
	if _, err := p.Backward(loss); err != nil { // skips parameters that the loss does not depend on
		t.Fatal(err)
	}
	if n := held(m.ps); n != 5 {
		t.Errorf("%d parameters hold gradients: want 5", n)
	}
	if _, err := p.Backward(loss, unused); err == nil {
		t.Error("a node that the loss does not depend on has a gradient")
	}
	if err := gorgonia.Let(p.Param(m.gate), tensor.New(tensor.WithShape(4, 4), tensor.Of(tensor.Float32))); err != nil {
		t.Fatal(err)
	}
	_, err := p.Backward(loss)
	failure(t, err, "bound to another value")
}

// TestUnusedLayers checks that Backward skips layers that a loss does not depend on, and fails if it depends on no
// layer and no parameter.
func TestUnusedLayers(t *testing.T) {
	m := newSmall(t)
	var p Pass
	p.Start(nil)
	m.one.Forward(&p, m.input(&p), m.lay, State{})
	loss := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(p.Param(m.gate)))))
	if _, err := p.Backward(loss); err != nil {
		t.Fatal(err)
	}
	if n := held(m.ps); n != 1 || m.gate.grad[3] != 2*m.gate.W[3] {
		t.Errorf("%d parameters hold gradients: want that of the loss", n)
	}
	p.Start(nil)
	m.one.Forward(&p, m.input(&p), m.lay, State{})
	w := node(&p, "w", []float32{1, 2}, 2)
	if _, err := p.Backward(gorgonia.Must(gorgonia.Sum(w))); err == nil {
		t.Error("a loss that depends on no parameter was differentiated")
	}
}

// TestUnreadRuns checks that the gradients of custom parameters add up over runs whose gradients are read, and that an
// unread run is an error.
func TestUnreadRuns(t *testing.T) {
	m := newSmall(t)
	var p Pass
	p.Start(nil)
	loss := m.mixtures()["gate"](&p)
	grad(t, loss, p.Learnables()...)
	for run := range 3 {
		if err := runAll(&p); err != nil {
			t.Fatal(err)
		}
		g, err := m.gate.Grad()
		if err != nil {
			t.Fatal(err)
		}
		one, err := p.Param(m.gate).Grad()
		if err != nil {
			t.Fatal(err)
		}
		if got, want := data(g)[5], float32(run+1)*data(one)[5]; math.Abs(float64(got-want)) > 1e-6 {
			t.Errorf("run %d: gradient %g: want %g", run, got, want)
		}
	}
	for range 2 {
		if err := runAll(&p); err != nil {
			t.Fatal(err)
		}
	}
	_, err := m.gate.Grad()
	failure(t, err, "parameter gate lacks gradients of some runs")
	m.ps.ZeroGrads()
	if err := runAll(&p); err != nil {
		t.Fatal(err)
	}
	if _, err := m.gate.Grad(); err != nil {
		t.Error(err)
	}
}
