package rnn

import (
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestKeptGraph checks that each run of a graph makes its own random decisions and reads its own data, and that bad
// data fails only its run.
func TestKeptGraph(t *testing.T) {
	ps := NewParams(rand.New(rand.NewPCG(1, 1)))
	emb := NewEmbedding(ps, "embedding", 6, 3, Inits{Matrix: func(int) Init { return Uniform(1) }})
	out, err := NewOutput(ps, "out", 3, 4, nil, Inits{})
	if err != nil {
		t.Fatal(err)
	}
	var p Pass
	build := func(rng *rand.Rand, ids, targets []int32) (x, y, loss *gorgonia.Node) {
		p.Start(rng)
		x = emb.Forward(&p, ids)
		y = SequenceDropout(&p, Dropout(&p, x, 0.5), NewLayout([]int{len(ids)}), 0.2)
		return x, y, out.Loss(&p, y, targets, 0, nil)
	}
	ids, targets := []int32{0, 1, 2, 3, 4, 5}, []int32{0, 1, 2, 3, 0, 1}
	_, y, _ := build(rand.New(rand.NewPCG(1, 1)), ids, targets)
	vm := gorgonia.NewTapeMachine(p.Graph())
	defer vm.Close()
	var seen [][]float32
	for range 4 {
		if err := vm.RunAll(); err != nil {
			t.Fatal(err)
		}
		vm.Reset()
		if slices.ContainsFunc(seen, func(s []float32) bool { return slices.Equal(s, Floats(y)) }) {
			t.Error("two runs have the same dropout")
		}
		seen = append(seen, slices.Clone(Floats(y)))
	}

	x, _, loss := build(nil, ids, targets)
	again := gorgonia.NewTapeMachine(p.Graph())
	defer again.Close()
	run := func() error {
		defer again.Reset()
		return again.RunAll()
	}
	if err := run(); err != nil {
		t.Fatal(err)
	}
	want := Floats(loss)[0]
	ids[2] = 9
	failure(t, run(), "id 9: want 0 to 5")
	ids[2], targets[1] = 5, -1
	failure(t, run(), "target -1: want 0 to 3")
	targets[1] = 1
	if err := run(); err != nil {
		t.Fatal(err)
	}
	if got := Floats(x)[6:9]; !slices.Equal(got, emb.Weight.W[15:18]) {
		t.Errorf("row 2 is %v: want that of id 5, %v", got, emb.Weight.W[15:18])
	}
	ids[2] = 2
	if err := run(); err != nil {
		t.Fatal(err)
	}
	if got := Floats(loss)[0]; got != want {
		t.Errorf("loss %g after bad data: want %g", got, want)
	}
}

// TestWeighedParts checks that parts of a loss can be scaled, and that a loss may depend on the attention alone.
func TestWeighedParts(t *testing.T) {
	ps := NewParams(rand.New(rand.NewPCG(5, 1)))
	in := Inits{Matrix: func(int) Init { return Uniform(0.8) }}
	layer, err := NewLayer(ps, "layer", LayerConfig{Cell: GRU, In: 3, Hidden: 4, Init: in})
	if err != nil {
		t.Fatal(err)
	}
	bottle, err := NewBottleneck(ps, "bottleneck", BottleneckConfig{Pool: PoolMean, In: 4, Size: 3, Variational: true, Layers: 1, Hidden: 4, Init: in})
	if err != nil {
		t.Fatal(err)
	}
	out, err := NewOutput(ps, "out", 4, 5, nil, in)
	if err != nil {
		t.Fatal(err)
	}
	copier := NewCopier(ps, "copier", out, in)
	m := newSmall(t)
	must := gorgonia.Must
	losses := map[string]func(p *Pass) *gorgonia.Node{
		"divergence": func(p *Pass) *gorgonia.Node {
			h, last := layer.Forward(p, m.input(p), m.lay, State{})
			z, kl := bottle.Forward(p, h, m.lay, last.H, nil, Latent{Weight: 0.7})
			return p.Sum(p.Scale(kl, 3), must(gorgonia.Sum(must(gorgonia.Square(z)))))
		},
		"copies": func(p *Pass) *gorgonia.Node {
			h, _ := layer.Forward(p, m.input(p), m.lay, State{})
			copies := make([]Copies, m.lay.Rows())
			for i := range copies {
				copies[i] = NewCopies([]int32{int32(i % 5), 7, 2, 7})
			}
			return p.Scale(copier.Loss(p, h, must(gorgonia.Sigmoid(h)), copies, m.targets, 0.1, nil), -0.25)
		},
	}
	for _, feed := range []bool{false, true} {
		dec, err := NewDecoder(ps, map[bool]string{false: "plain", true: "fed"}[feed], DecoderConfig{
			Layers: 1, In: 3, Hidden: 4, Attention: Bahdanau, Memory: 4, Out: 4, InputFeeding: feed, Init: in,
		})
		if err != nil {
			t.Fatal(err)
		}
		losses[map[bool]string{false: "attention", true: "attention with feeding"}[feed]] = func(p *Pass) *gorgonia.Node {
			h, _ := layer.Forward(p, m.input(p), m.lay, State{})
			return must(gorgonia.Sum(must(gorgonia.Square(dec.Forward(p, m.input(p), m.lay, h, m.lay, nil, nil).Attention))))
		}
	}
	for name, loss := range losses {
		t.Run(name, func(t *testing.T) {
			want := numerical(t, ps, loss)
			var p Pass
			p.Start(nil)
			ps.ZeroGrads()
			if _, err := p.Backward(loss(&p)); err != nil {
				t.Fatal(err)
			}
			for q := range ps.All() {
				var got []float32
				if q.state != gradNone {
					got = q.grad
				}
				closeTo(t, q.Name, got, want[q])
			}
		})
	}
}

// TestStridedInputs checks that layers read slices and transposed tensors correctly.
func TestStridedInputs(t *testing.T) {
	m := newSmall(t)
	rows := m.lay.Rows()
	wide := make([]float32, rows*5)
	turned := make([]float32, rows*3)
	for r := range rows {
		copy(wide[r*5+1:], m.x[r*3:][:3])
		for c := range 3 {
			turned[c*rows+r] = m.x[r*3+c]
		}
	}
	part, err := tensor.New(tensor.WithShape(rows, 5), tensor.WithBacking(wide)).Slice(nil, tensor.S(1, 4))
	if err != nil {
		t.Fatal(err)
	}
	across := tensor.New(tensor.WithShape(3, rows), tensor.WithBacking(turned))
	if err := across.T(); err != nil {
		t.Fatal(err)
	}
	states := func(x func(p *Pass) *gorgonia.Node) []float32 {
		var p Pass
		p.Start(nil)
		h, _ := m.one.Forward(&p, x(&p), m.lay, State{})
		if err := p.Forward(); err != nil {
			t.Fatal(err)
		}
		return slices.Clone(Floats(h))
	}
	want := states(m.input)
	for name, v := range map[string]tensor.Tensor{"slice": part, "transposed": across} {
		got := states(func(p *Pass) *gorgonia.Node {
			x := gorgonia.NewMatrix(p.Graph(), tensor.Float32, gorgonia.WithShape(rows, 3), gorgonia.WithName("x"))
			if err := gorgonia.Let(x, v.(gorgonia.Value)); err != nil {
				t.Fatal(err)
			}
			return x
		})
		if !slices.Equal(got, want) {
			t.Errorf("%s: states %v: want %v", name, got, want)
		}
	}
}
