package rnn

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// withGrad returns a vector parameter with values w and gradient g.
func withGrad(w, g []float32) (*Params, *Param) {
	ps := NewParams(rand.New(rand.NewPCG(1, 1)))
	p := ps.New("w", Zero(), len(w))
	copy(p.W, w)
	copy(p.vector(), g)
	return ps, p
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance {
		t.Errorf("%s is %.9g: want %.9g", what, got, want)
	}
}

// TestAdam checks three steps against the paper's formulas in float64.
func TestAdam(t *testing.T) {
	for _, decay := range []float64{0, 0.1} {
		ps, p := withGrad([]float32{1, -2, 0.5}, []float32{0.3, -4, 0})
		opt := &Adam{Decay: decay}
		w, g := []float64{1, -2, 0.5}, []float64{0.3, -4, 0}
		var m, v [3]float64
		for step := 1; step <= 3; step++ {
			opt.SetRate(0.01, 0.5)
			if err := opt.Step(ps.Grads()); err != nil {
				t.Fatal(err)
			}
			for i := range w {
				gi := 0.5 * g[i]
				m[i] = 0.9*m[i] + 0.1*gi
				v[i] = 0.999*v[i] + 0.001*gi*gi
				mh, vh := m[i]/(1-math.Pow(0.9, float64(step))), v[i]/(1-math.Pow(0.999, float64(step)))
				w[i] -= 0.01 * (mh/(math.Sqrt(vh)+1e-8) + decay*w[i])
				near(t, "weight", float64(p.W[i]), w[i], 1e-6)
			}
		}
		if opt.Steps() != 3 {
			t.Errorf("%d steps: want 3", opt.Steps())
		}
	}
}

func TestSGD(t *testing.T) {
	ps, p := withGrad([]float32{1}, []float32{2})
	opt := &SGD{Momentum: 0.9}
	w, v := 1.0, 0.0
	for range 3 {
		opt.SetRate(0.1, 1)
		if err := opt.Step(ps.Grads()); err != nil {
			t.Fatal(err)
		}
		v = 0.9*v + 2
		w -= 0.1 * v
		near(t, "weight", float64(p.W[0]), w, 1e-6)
	}
}

// TestSolversTrainGorgoniaNodes checks that the optimizers train a graph without layers of this package.
func TestSolversTrainGorgoniaNodes(t *testing.T) {
	g := gorgonia.NewGraph()
	w := gorgonia.NewVector(g, tensor.Float32, gorgonia.WithName("w"), gorgonia.WithShape(2),
		gorgonia.WithValue(tensor.New(tensor.WithBacking([]float32{3, -1}))))
	loss := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(w))))
	if _, err := gorgonia.Grad(loss, w); err != nil {
		t.Fatal(err)
	}
	vm := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(w))
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		t.Fatal(err)
	}
	opt := &SGD{}
	opt.SetRate(0.25, 1)
	if err := opt.Step([]gorgonia.ValueGrad{w}); err != nil {
		t.Fatal(err)
	}
	got := w.Value().Data().([]float32)
	near(t, "w[0]", float64(got[0]), 1.5, 1e-6)
	near(t, "w[1]", float64(got[1]), -0.5, 1e-6)
}

// TestOnlyTouchedRowsMove checks that embedding rows absent from a batch keep their values and moments.
func TestOnlyTouchedRowsMove(t *testing.T) {
	ps := NewParams(rand.New(rand.NewPCG(1, 1)))
	e := NewEmbedding(ps, "e", 4, 2, Inits{Matrix: func(int) Init { return Constant(1) }})
	out, err := NewOutput(ps, "o", 2, 3, nil, Inits{})
	if err != nil {
		t.Fatal(err)
	}
	var p Pass
	opt := &Adam{}
	for step, ids := range [][]int32{{1, 3, 1}, {3, 3, 3}} {
		p.Start(nil)
		ps.ZeroGrads()
		if _, err := p.Backward(out.Loss(&p, e.Forward(&p, ids), []int32{0, 1, 2}, 0, nil)); err != nil {
			t.Fatal(err)
		}
		opt.SetRate(0.1, 1)
		before := append([]float32(nil), e.Weight.W...)
		if err := opt.Step(ps.Grads()); err != nil {
			t.Fatal(err)
		}
		for row := range 4 {
			moved := e.Weight.W[2*row] != before[2*row]
			want := row == 3 || row == 1 && step == 0
			if moved != want {
				t.Errorf("step %d: row %d moved: %v, want %v", step, row, moved, want)
			}
		}
	}
	if m := opt.Slots(e.Weight)[0]; m[0] != 0 || m[2] == 0 || m[4] != 0 {
		t.Errorf("first moments are %v", m)
	}
}

// TestRowsCatchUp checks that rarely occurring rows end near the values that they would have if every step updated
// every row.
func TestRowsCatchUp(t *testing.T) {
	const rows, columns, steps = 8, 3, 400
	rng := rand.New(rand.NewPCG(4, 4))
	sparse, dense := NewParams(rng), NewParams(rng)
	a := NewEmbedding(sparse, "e", rows, columns, Inits{Matrix: func(int) Init { return Zero() }}).Weight
	b := NewEmbedding(dense, "e", rows, columns, Inits{Matrix: func(int) Init { return Zero() }}).Weight
	optA, optB := &Adam{Decay: 0.01}, &Adam{Decay: 0.01}
	for range steps {
		sparse.ZeroGrads()
		dense.ZeroGrads()
		whole := b.vector()
		for r := range rows {
			if rng.IntN(1<<r) > 0 && r > 0 {
				continue // row r occurs once in 2^r steps
			}
			g := []float32{1 + float32(rng.NormFloat64()), float32(rng.NormFloat64()), -0.5}
			a.addRow(int32(r), g)
			copy(whole[r*columns:], g)
		}
		for _, o := range []struct {
			opt *Adam
			ps  *Params
		}{{optA, sparse}, {optB, dense}} {
			o.opt.SetRate(0.01, 1)
			if err := o.opt.Step(o.ps.Grads()); err != nil {
				t.Fatal(err)
			}
		}
	}
	optA.Flush(sparse)
	for i, w := range b.W {
		if d := math.Abs(float64(a.W[i] - w)); d > 0.02*math.Abs(float64(w))+0.02 {
			t.Errorf("row %d: %v: want nearly %v, as when every step updates every row", i/columns, a.W[i], w)
		}
	}
	flushed := slices.Clone(a.W)
	if optA.Flush(sparse); !slices.Equal(a.W, flushed) {
		t.Error("a second Flush moves weights")
	}
}

// TestGradientsAccumulate checks that gradients of passes add up until ZeroGrads, in dense and in sparse parameters.
func TestGradientsAccumulate(t *testing.T) {
	c := testConfigs()["feed"]
	m := newTestModel(t, c, 3)
	rng := rand.New(rand.NewPCG(2, 2))
	a, b := randomSeqs(rng, c.vocab, 3, 2), randomSeqs(rng, c.vocab, 4, 1)
	grads := func(batches ...[][]int32) []float64 {
		m.params.ZeroGrads()
		for _, x := range batches {
			if _, err := m.pass.Backward(m.build(nil, x, x)); err != nil {
				t.Fatal(err)
			}
		}
		var out []float64
		for p := range m.params.All() {
			dense := make([]float64, len(p.W))
			p.GradRows(func(at int, _, g []float32) {
				for i, v := range g {
					dense[at+i] = float64(v)
				}
			})
			out = append(out, dense...)
		}
		return out
	}
	ga, gb, both := grads(a), grads(b), grads(a, b)
	for i := range both {
		if math.Abs(both[i]-ga[i]-gb[i]) > 1e-5*(1+math.Abs(both[i])) {
			t.Fatalf("gradient %d is %g after both: want %g + %g", i, both[i], ga[i], gb[i])
		}
	}
}

func TestGradNorm(t *testing.T) {
	ps, _ := withGrad([]float32{0, 0}, []float32{3, -4})
	near(t, "norm", GradNorm(ps), 5, 1e-12)
}

func TestSchedule(t *testing.T) {
	s := Schedule{Kind: "inverse_sqrt", Rate: 2, Warmup: 4}
	near(t, "warm-up", s.At(1, Plateau{}), 0.5, 1e-12)
	near(t, "peak", s.At(4, Plateau{}), 2, 1e-12)
	near(t, "after", s.At(16, Plateau{}), 1, 1e-12)
	s = Schedule{Kind: "cosine", Rate: 2, Warmup: 10, Steps: 30, Floor: 0.1}
	near(t, "middle", s.At(20, Plateau{}), 1.1, 1e-12)
	near(t, "end", s.At(30, Plateau{}), 0.2, 1e-12)
	near(t, "past the end", s.At(99, Plateau{}), 0.2, 1e-12)
	if whole := (Schedule{Kind: "cosine", Rate: 2, Warmup: 10, Floor: 0.1}).Over(30); whole != s {
		t.Errorf("over 30 steps: %+v: want %+v", whole, s)
	}
	if given := s.Over(50); given != s {
		t.Errorf("steps given: %+v: want them kept", given)
	}
	short := Schedule{Kind: "one_cycle", Rate: 2, Warmup: 10}.Over(10)
	if want := (Schedule{Kind: "one_cycle", Rate: 2, Warmup: 1, Steps: 10}); short != want {
		t.Errorf("a warm-up as long as the training: %+v, want %+v", short, want)
	}
	// PyTorch's OneCycleLR(max_lr=2, total_steps=40, pct_start=0.25) has the same values.
	s = Schedule{Kind: "one_cycle", Rate: 2, Warmup: 10, Steps: 40}
	near(t, "begin", s.At(1, Plateau{}), 0.08, 1e-12)
	near(t, "middle of the rise", s.At(4, Plateau{}), 0.08+1.92/4, 1e-12)
	near(t, "peak", s.At(10, Plateau{}), 2, 1e-12)
	near(t, "middle of the fall", s.At(25, Plateau{}), 1.000004, 1e-12)
	near(t, "end", s.At(40, Plateau{}), 8e-6, 1e-12)
	near(t, "past the end", s.At(99, Plateau{}), 8e-6, 1e-12)
	s.Warmup, s.Floor = 0, 0.5
	near(t, "peak at 30 %", s.At(12, Plateau{}), 2, 1e-12)
	near(t, "floor", s.At(40, Plateau{}), 1, 1e-12)
	s = Schedule{Kind: "plateau", Rate: 2, Patience: 2}
	var p Plateau
	for i, better := range []bool{true, false, false, false, true, false, false} {
		p = s.Validated(p, better)
		if want := []int{0, 0, 1, 1, 1, 1, 2}[i]; p.Drops != want {
			t.Errorf("%d drops after validation %d: want %d", p.Drops, i, want)
		}
	}
	near(t, "lowered", s.At(7, p), 0.5, 1e-12)
	bad := Schedule{Kind: "cosin", Rate: -1, Factor: 2, Floor: 3, Warmup: -1, Patience: -1}
	want := `kind: "cosin": want constant, inverse_sqrt, cosine, one_cycle or plateau
rate: -1: want a number above 0
warmup: -1: want 0 or more
floor: 3: want 0 to 1
factor: 2: want above 0 and below 1 (0 means 0.5)
patience: -1: want 0 or more`
	if got := bad.Validate(); got == nil || got.Error() != want {
		t.Errorf("violations:\n%v\nwant:\n%s", got, want)
	}
}

// TestAverage checks the average against the formula in float64.
func TestAverage(t *testing.T) {
	ps, p := withGrad([]float32{1, -2}, nil)
	a := NewAverage(ps, 0.3)
	want := []float64{1, -2}
	for n := 1; n <= 6; n++ {
		p.W[n%2] += float32(n)
		a.Update(ps, n)
		d := min(0.3, float64(1+n)/float64(10+n))
		for i := range want {
			want[i] = d*want[i] + (1-d)*float64(p.W[i])
			near(t, "average", float64(a.Of(p)[i]), want[i], 1e-5)
		}
	}
	now := append([]float32(nil), p.W...)
	a.Swap(ps)
	near(t, "swapped in", float64(p.W[0]), want[0], 1e-5)
	a.Swap(ps)
	if p.W[0] != now[0] || p.W[1] != now[1] {
		t.Errorf("weights %v after swapping twice: want %v", p.W, now)
	}
}

func TestInit(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, size := range [][2]int{{6, 6}, {9, 4}, {4, 9}} {
		rows, cols := size[0], size[1]
		p := &Param{Shape: []int{3 * rows, cols}, W: make([]float32, 3*rows*cols)}
		Orthogonal(3)(p, rng)
		for b := range 3 {
			w := p.W[b*rows*cols:]
			at := func(v, i int) float64 { return float64(w[v*cols+i]) }
			n, dim := rows, cols
			if rows > cols {
				n, dim, at = cols, rows, func(v, i int) float64 { return float64(w[i*cols+v]) }
			}
			for u := range n {
				for v := range n {
					dot, want := 0.0, 0.0
					for i := range dim {
						dot += at(u, i) * at(v, i)
					}
					if u == v {
						want = 1
					}
					near(t, "product of two vectors", dot, want, 1e-6)
				}
			}
		}
	}
	p := &Param{Shape: []int{40, 20}, W: make([]float32, 800)}
	Glorot(4)(p, rng)
	bound, top := math.Sqrt(6.0/30), 0.0
	for _, w := range p.W {
		top = max(top, math.Abs(float64(w)))
	}
	if top > bound || top < 0.95*bound {
		t.Errorf("greatest value %g: want just below %g", top, bound)
	}
}

func TestForgetBias(t *testing.T) {
	ps := NewParams(rand.New(rand.NewPCG(1, 1)))
	if _, err := NewLayer(ps, "l", LayerConfig{Cell: LSTM, In: 2, Hidden: 3, Init: Inits{ForgetBias: 1.5}}); err != nil {
		t.Fatal(err)
	}
	for i, b := range ps.Get("l.bias_ih").W {
		want := float32(0)
		if i >= 3 && i < 6 {
			want = 1.5
		}
		if b != want {
			t.Errorf("bias %d is %g: want %g", i, b, want)
		}
	}
}
