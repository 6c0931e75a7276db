package rnn

import (
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestWeightedLoss checks that the losses and gradients of rows are multiplied by their weights and summed, with and
// without copying.
func TestWeightedLoss(t *testing.T) {
	const rows, in, vocab, width = 3, 4, 5, 2
	rng := rand.New(rand.NewPCG(1, 1))
	ps := NewParams(rng)
	inits := Inits{Matrix: func(int) Init { return Uniform(1) }}
	out, err := NewOutput(ps, "output", in, vocab, nil, inits)
	if err != nil {
		t.Fatal(err)
	}
	copier := NewCopier(ps, "copy", out, inits)
	x := make([]float32, rows*in)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	alpha := []float32{0.3, 0.7, 0.9, 0.1, 0.5, 0.5}
	copies := []Copies{NewCopies([]int32{1, 6}), NewCopies([]int32{2, 3}), NewCopies([]int32{4, 4})}
	targets := []int32{1, 3, 0}
	for name, loss := range map[string]func(p *Pass, x, a *gorgonia.Node, weights []float32) *gorgonia.Node{
		"output": func(p *Pass, x, _ *gorgonia.Node, w []float32) *gorgonia.Node {
			return out.WeightedLoss(p, x, targets, w, 0.1, nil)
		},
		"copier": func(p *Pass, x, a *gorgonia.Node, w []float32) *gorgonia.Node {
			return copier.WeightedLoss(p, x, a, copies, targets, w, 0.1, nil)
		},
	} {
		run := func(weights []float32) []float64 {
			var p Pass
			p.Start(nil)
			ps.ZeroGrads()
			input := func(name string, columns int, values []float32) *gorgonia.Node {
				v := tensor.New(tensor.WithShape(rows, columns), tensor.WithBacking(values))
				return gorgonia.NewMatrix(p.Graph(), tensor.Float32, gorgonia.WithShape(rows, columns), gorgonia.WithName(name), gorgonia.WithValue(v))
			}
			xs, as := input("x", in, x), input("attention", width, alpha)
			l := loss(&p, xs, as, weights)
			grads := []*gorgonia.Node{xs}
			if name == "copier" {
				grads = append(grads, as)
			}
			values, err := p.Backward(l, grads...)
			if err != nil {
				t.Fatal(err)
			}
			all := []float64{float64(Floats(l)[0])}
			for _, v := range values {
				for _, g := range data(v) {
					all = append(all, float64(g))
				}
			}
			for q := range ps.All() {
				q.GradRows(func(_ int, _, g []float32) {
					for _, v := range g {
						all = append(all, float64(v))
					}
				})
			}
			return all
		}
		weights := []float32{2, -0.5, 0}
		got, plain, ones := run(weights), run(nil), run([]float32{1, 1, 1})
		want := make([]float64, len(got))
		for r, w := range weights {
			alone := make([]float32, rows)
			alone[r] = 1
			for i, v := range run(alone) {
				want[i] += float64(w) * v
			}
		}
		for i := range got {
			near(t, name+": value", got[i], want[i], 1e-5)
			if plain[i] != ones[i] {
				t.Fatalf("%s: value %d is %g without weights and %g with weights of 1", name, i, plain[i], ones[i])
			}
		}
	}
}
