package rnn

import (
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
)

// TestFrozenParam checks that Grads, GradNorm, Average and Learnables leave a frozen parameter out.
func TestFrozenParam(t *testing.T) {
	ps := NewParams(rand.New(rand.NewPCG(1, 2)))
	l := NewLinear(ps, "l", 3, 2, Inits{})
	run := func() *Pass {
		ps.ZeroGrads()
		p := new(Pass)
		p.Start(nil)
		y := l.Forward(p, p.Input(2, 3, []float32{1, 2, 3, 4, 5, 6}))
		if _, err := p.Backward(gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(y))))); err != nil {
			t.Fatal(err)
		}
		return p
	}
	run()
	all := GradNorm(ps)
	l.Weight.Frozen = true
	average := NewAverage(ps, 0.9)
	run()
	if norm := GradNorm(ps); !(norm > 0 && norm < all) {
		t.Errorf("norm %v of %v: want that of the bias alone", norm, all)
	}
	if g := ps.Grads(); len(g) != 1 || g[0] != gorgonia.ValueGrad(l.Bias) {
		t.Errorf("gradients of %d parameters: want that of the bias", len(g))
	}
	was := slices.Clone(l.Weight.W)
	var opt Adam
	opt.SetRate(0.1, 1)
	if err := opt.Step(ps.Grads()); err != nil {
		t.Fatal(err)
	}
	opt.Flush(ps)
	average.Update(ps, 1)
	if !slices.Equal(l.Weight.W, was) || !slices.Equal(average.Of(l.Weight), was) || slices.Equal(average.Of(l.Bias), []float32{0, 0}) {
		t.Error("a frozen parameter or its average has moved, or the others have not")
	}
	p := new(Pass)
	p.Start(nil)
	y := l.Forward(p, p.Input(1, 3, []float32{1, 2, 3}))
	loss := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(y))))
	nodes := p.Learnables()
	if len(nodes) != 1 {
		t.Errorf("%d nodes to learn: want the bias's", len(nodes))
	}
	grad(t, loss, nodes...)
	if err := runAll(p); err != nil {
		t.Fatal(err)
	}
	if g, err := nodes[0].Grad(); err != nil || data(g)[0] == 0 {
		t.Errorf("gradient of the bias %v, error %v: want another than 0", g, err)
	}
}
