package rnn

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
)

// TestCRFWithoutTransitions checks that a field whose transitions are 0 is a softmax classifier of each token, with its
// weights, label smoothing and hits.
func TestCRFWithoutTransitions(t *testing.T) {
	const labels = 5
	c := newCRFCase(1, labels, 2, nil, 3, 6, 1, 4)
	for p := range c.params.All() {
		clear(p.W)
	}
	out := &Output{In: labels, Vocab: labels, Weight: c.params.New("weight", Zero(), labels, labels), Bias: c.params.New("bias", Zero(), labels)}
	for j := range labels {
		out.Weight.W[j*labels+j] = 1
	}
	weights := []float32{1, 2, 0.5, 0, 3, 1, 1, 7, 0.1, 1, 2, 3, 4, 5}
	for _, eps := range []float64{0, 0.2} {
		var field, softmax LossStats
		loss, dx, _ := c.backward(t, weights, eps, &field)
		var p Pass
		p.Start(nil)
		l := out.WeightedLoss(&p, p.Input(c.lay.Rows(), labels, c.x), c.gold, weights, eps, &softmax)
		if _, err := p.Backward(l); err != nil {
			t.Fatal(err)
		}
		near(t, "loss", loss, float64(Floats(l)[0]), 2e-5)
		near(t, "nll", field.NLL, softmax.NLL, 1e-5)
		if field.Hits != softmax.Hits || field.Tokens != softmax.Tokens {
			t.Errorf("%d hits of %d: want %d of %d", field.Hits, field.Tokens, softmax.Hits, softmax.Tokens)
		}
		bias := make([]float32, labels)
		for i, g := range dx {
			bias[i%labels] += g
		}
		out.Bias.GradRows(func(_ int, _, want []float32) {
			for j, g := range bias {
				near(t, "sum of gradients", float64(g), float64(want[j]), 1e-5)
			}
		})
		c.params.ZeroGrads()
	}
}

// TestCRFScaled checks the gradients of a field that is a part of a loss.
func TestCRFScaled(t *testing.T) {
	c := newCRFCase(1, 5, 2, noRepeat(5), 3, 6, 1)
	_, _, want := c.backward(t, nil, 0.1, nil)
	var p Pass
	p.Start(nil)
	c.params.ZeroGrads()
	l := p.Scale(c.SmoothLoss(&p, p.Input(c.lay.Rows(), 5, c.x), c.lay, c.gold, nil, 0.1, nil), -0.5)
	if _, err := p.Backward(l); err != nil {
		t.Fatal(err)
	}
	for q := range c.params.All() {
		q.GradRows(func(at int, _, g []float32) {
			for i, v := range g {
				near(t, "gradient of "+q.Name, float64(v), -0.5*float64(want[q.Name][at+i]), 1e-6)
			}
		})
	}
}

// TestCRFLearns checks that stochastic gradient steps find the transitions behind labels that emissions do not tell.
func TestCRFLearns(t *testing.T) {
	c := newCRFCase(1, 3, 0, nil, 12, 7)
	for s, n := range c.lens {
		for k := range n {
			c.gold[c.lay.Row(s, k)] = int32(k % 3)
		}
	}
	solver := &SGD{}
	solver.SetRate(0.2, 1)
	var stats LossStats
	for range 60 {
		c.backward(t, nil, 0, &stats)
		if err := solver.Step(c.params.Grads()); err != nil {
			t.Fatal(err)
		}
	}
	if stats.Hits != stats.Tokens || stats.NLL > 0.5 {
		t.Errorf("%d hits of %d, loss %g: want all, below 0.5", stats.Hits, stats.Tokens, stats.NLL)
	}
}

func TestCRFErrors(t *testing.T) {
	c := newCRFCase(1, 3, 1, noRepeat(3), 2, 4)
	edit := func(gold []int32, row int, label int32) []int32 {
		gold = slices.Clone(gold)
		gold[row] = label
		return gold
	}
	for want, loss := range map[string]func(p *Pass, x *gorgonia.Node) *gorgonia.Node{
		"sequence 1, token 0: label 3: want 0 to 2": func(p *Pass, x *gorgonia.Node) *gorgonia.Node {
			return c.Loss(p, x, c.lay, edit(c.gold, 0, 3), nil, nil)
		},
		"sequence 1, token 0: label 2 after -1 (-1: none)": func(p *Pass, x *gorgonia.Node) *gorgonia.Node {
			return c.Loss(p, x, c.lay, edit(c.gold, 0, 2), nil, nil)
		},
		"labels of 5 tokens: want 6": func(p *Pass, x *gorgonia.Node) *gorgonia.Node { return c.Loss(p, x, c.lay, c.gold[1:], nil, nil) },
		"3 weights of 6 tokens": func(p *Pass, x *gorgonia.Node) *gorgonia.Node {
			return c.Loss(p, x, c.lay, c.gold, make([]float32, 3), nil)
		},
		"label smoothing 1.5: want 0 to 1": func(p *Pass, x *gorgonia.Node) *gorgonia.Node {
			return c.SmoothLoss(p, x, c.lay, c.gold, nil, 1.5, nil)
		},
		"CRF labels.transitions: no layout": func(p *Pass, x *gorgonia.Node) *gorgonia.Node { return c.Loss(p, x, nil, c.gold, nil, nil) },
		"CRF labels.transitions: input is [6, 3]: want [1, 3]": func(p *Pass, x *gorgonia.Node) *gorgonia.Node {
			return c.Loss(p, x, NewLayout([]int{1}), c.gold, nil, nil)
		},
	} {
		var p Pass
		p.Start(nil)
		loss(&p, p.Input(6, 3, c.x))
		if err := p.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v: want %q", err, want)
		}
	}
}

// TestCRFImpossible decodes lengths that the constraint allows no labels of, and emissions that are no numbers.
func TestCRFImpossible(t *testing.T) {
	// Label 0 begins, 1 follows it and ends: only sequences of two tokens are allowed.
	c := newCRFCase(1, 2, 1, nil, 2)
	c.Constrain(func(from, to int) bool { return from == -1 && to == 0 || from == 0 && to == 1 || from == 1 && to == -1 })
	q, lay := c.Pack(), NewLayout([]int{1, 2, 3})
	x := make([]float32, 12)
	var mem Buffers
	labels, lists := q.Viterbi(&mem, x, lay), q.KBest(&mem, x, lay, 2)
	for s, want := range [][]int32{nil, {0, 1}, nil} {
		if !slices.Equal(labels[s], want) || len(lists[s]) != len(want)/2 {
			t.Errorf("labels of %d tokens are %v, with %d labelings: want %v", s+1, labels[s], len(lists[s]), want)
		}
	}
	if like := q.LogLikelihood(&mem, x, lay, lay.Place([][]int32{{0}, {0, 0}, {0, 1, 0}}))[1]; !math.IsInf(like, -1) {
		t.Errorf("log-likelihood of forbidden labels is %g: want -Inf", like)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		c := newCRFCase(1, 4, 1, noRepeat(4), 5, 3)
		c.x[rng.IntN(len(c.x))] = bad
		q, p := c.Pack(), make([]float32, len(c.x))
		q.Viterbi(&mem, c.x, c.lay)
		q.KBest(&mem, c.x, c.lay, 3)
		q.Marginals(&mem, p, c.x, c.lay)
		loss, _, _ := c.backward(t, nil, 0, nil)
		if finite := !math.IsNaN(loss) && !math.IsInf(loss, 0); finite != (bad == float32(math.Inf(-1))) {
			t.Errorf("loss is %g with an emission of %g", loss, bad)
		}
	}
}
