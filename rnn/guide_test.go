package rnn

import (
	"math"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
)

// TestGuidedAttention checks known values, vanished attention included, and errors.
func TestGuidedAttention(t *testing.T) {
	var p Pass
	p.Start(nil)
	inputs := func() *gorgonia.Node { return p.Input(3, 2, []float32{0.25, 0.75, 0.5, 0.5, 0, 1}) }
	x := inputs()
	loss := GuidedAttention(&p, x, [][]int32{{0}, {0, 1}, nil}, []float32{1, 3, 1})
	if err := p.Forward(); err != nil {
		t.Fatal(err)
	}
	if got, want := float64(Floats(loss)[0]), math.Log(4)+3*math.Log(2); math.Abs(got-want) > 1e-6 {
		t.Errorf("loss %v: want %v", got, want)
	}
	p.Start(nil)
	loss = GuidedAttention(&p, inputs(), [][]int32{nil, nil, {0}}, nil)
	if err := p.Forward(); err != nil {
		t.Fatal(err)
	}
	if got, want := float64(Floats(loss)[0]), -math.Log(leastAttention); math.Abs(got-want) > 1e-4 {
		t.Errorf("loss of vanished attention %v: want %v", got, want)
	}
	for want, call := range map[string]func(x *gorgonia.Node){
		"row 1 has wanted tokens [2]: want 0 to 1": func(x *gorgonia.Node) { GuidedAttention(&p, x, [][]int32{nil, {2}, nil}, nil) },
		"1 weights of 3 rows":                      func(x *gorgonia.Node) { GuidedAttention(&p, x, make([][]int32, 3), []float32{1}) },
		"want [2, ":                                func(x *gorgonia.Node) { GuidedAttention(&p, x, make([][]int32, 2), nil) },
	} {
		p.Start(nil)
		call(inputs())
		if err := p.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v: want %q", err, want)
		}
	}
}
