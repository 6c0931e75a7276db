package rnn

import (
	"math/rand/v2"
	"testing"
)

// TestAffine checks values and gradients by the definition, and that no solver moves the parameters.
func TestAffine(t *testing.T) {
	const rows, in, out = 3, 4, 2
	rng := rand.New(rand.NewPCG(1, 1))
	ps := NewParams(rng)
	x := ps.New("x", Uniform(1), rows, in)
	a := NewAffine(ps, "post", in, out)
	var p Pass
	p.Start(nil)
	y := a.Forward(&p, p.Param(x))
	if err := p.Forward(); err != nil {
		t.Fatal(err)
	}
	for i, v := range Floats(y) {
		if want := x.W[i/out*in+i%out]; v != want {
			t.Errorf("number %d of a new map is %g: want %g, the input", i, v, want)
		}
	}
	Uniform(1)(a.Map, rng)
	Uniform(1)(a.Shift, rng)
	dy := randomVectors(rng, rows*out)
	ps.ZeroGrads()
	p.Start(nil)
	y = a.Forward(&p, p.Param(x))
	if _, err := p.Backward(Given(&p, y, dy)); err != nil {
		t.Fatal(err)
	}
	var mem Buffers
	packed := a.Pack(Float32).Forward(&mem, rows, x.W)
	grad := make([]float64, rows*in)
	for r := range rows {
		for k := range out {
			want := 0.0
			for j := range in {
				w := float64(a.Map.W[k*in+j])
				want += w * float64(x.W[r*in+j]-a.Shift.W[j])
				grad[r*in+j] += w * float64(dy[r*out+k])
			}
			near(t, "on the graph", float64(Floats(y)[r*out+k]), want, 1e-6)
			near(t, "packed", float64(packed[r*out+k]), want, 1e-6)
		}
	}
	x.GradRows(func(_ int, _, g []float32) {
		for i, v := range g {
			near(t, "gradient", float64(v), grad[i], 1e-6)
		}
	})
	if grads := ps.Grads(); len(grads) != 1 || grads[0] != x {
		t.Errorf("parameters with gradients %v: want x alone", grads)
	}
}
