package rnn

import (
	"math"
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"
)

// TestLabelLosses holds that the cross-entropy of columns is that of an output layer of those columns, with the same
// gradients and figures.
func TestLabelLosses(t *testing.T) {
	const rows, in, out = 5, 3, 6
	columns := []int32{4, 1, 5}
	rng := rand.New(rand.NewPCG(1, 2))
	ps := NewParams(rng)
	init := Inits{Matrix: func(int) Init { return Uniform(1) }}
	l := NewLinear(ps, "a", in, out, init)
	o, err := NewOutput(ps, "b", in, len(columns), nil, init)
	if err != nil {
		t.Fatal(err)
	}
	for k, c := range columns {
		copy(o.Weight.W[k*in:][:in], l.Weight.W[int(c)*in:][:in])
		l.Bias.W[c] = float32(k)
		o.Bias.W[k] = float32(k)
	}
	x := make([]float32, rows*in)
	for i := range x {
		x[i] = rng.Float32()
	}
	targets, weights := []int32{0, 2, 1, 1, 0}, []float32{1, 2, 0.5, 1, -1}
	var stats, want LossStats
	run := func(loss func(p *Pass, x *gorgonia.Node) *gorgonia.Node) float64 {
		var p Pass
		p.Start(rng)
		n := loss(&p, p.Input(rows, in, x))
		if _, err := p.Backward(n); err != nil {
			t.Fatal(err)
		}
		return float64(Floats(n)[0])
	}
	ps.ZeroGrads()
	calls := 0
	got := run(func(p *Pass, x *gorgonia.Node) *gorgonia.Node {
		return p.Then(p.Scale(CrossEntropy(p, Columns(p, l.Forward(p, x), columns), targets, weights, 0.1, &stats), 1), func() { calls++ })
	})
	wanted := run(func(p *Pass, x *gorgonia.Node) *gorgonia.Node {
		return o.WeightedLoss(p, x, targets, weights, 0.1, &want)
	})
	if math.Abs(got-wanted) > 1e-5 || calls != 1 || stats.Hits != want.Hits || math.Abs(stats.NLL-want.NLL) > 1e-5 {
		t.Errorf("loss %v, %+v, %d calls: want %v, %+v and 1", got, stats, calls, wanted, want)
	}
	of := func(p *Param) []float32 {
		out := make([]float32, len(p.W))
		p.GradRows(func(at int, _, g []float32) { copy(out[at:], g) })
		return out
	}
	a, b := of(l.Weight), of(o.Weight)
	for k, c := range columns {
		for i := range in {
			if g, w := a[int(c)*in+i], b[k*in+i]; math.Abs(float64(g-w)) > 1e-5 {
				t.Errorf("column %d, weight %d: gradient %v: want %v", c, i, g, w)
			}
		}
	}
	for _, test := range []struct {
		columns, targets []int32
		weights          []float32
	}{{[]int32{6}, targets, nil}, {columns, []int32{0, 0, 0, 0, 3}, nil}, {columns, targets[:4], nil}, {columns, targets, weights[:4]}} {
		var p Pass
		p.Start(rng)
		if CrossEntropy(&p, Columns(&p, p.Input(rows, out, make([]float32, rows*out)), test.columns), test.targets, test.weights, 0, nil); p.Err() == nil {
			t.Errorf("%v: no error", test)
		}
	}
}
