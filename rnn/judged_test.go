package rnn

import (
	"cmp"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// refJudged is the loss of the definition, in float64, term by term.
func refJudged(l JudgedLoss, z [][]float64, rows JudgedRows) float64 {
	sizes := l.Sizes
	if len(sizes) == 0 {
		sizes = []int{len(z[0])}
	}
	total := 0.0
	for _, n := range sizes {
		cos := func(i int) float64 { return refCosine(z[rows.A[i]], z[rows.B[i]], n) }
		sum := 1.0
		for i, si := range rows.Similarity {
			if l.Kind == Regression {
				total += math.Pow(cos(i)-float64(si), 2) / float64(len(sizes))
				continue
			}
			for j, sj := range rows.Similarity {
				if si > sj {
					sum += math.Exp((cos(j) - cos(i)) / cmp.Or(l.Temperature, 0.05))
				}
			}
		}
		total += float64(len(rows.A)) * math.Log(sum) / float64(len(sizes))
	}
	return total
}

func TestJudgedGradients(t *testing.T) {
	rows := JudgedRows{A: []int32{0, 2, 4, 6, 8, 0}, B: []int32{1, 3, 5, 7, 9, 4}, Similarity: []float32{0.5, 1, 0, 0.5, 0.25, 1}}
	ties := rows
	ties.Similarity = []float32{1, 1, 1, 1, 1, 1}
	cases := map[string]struct {
		JudgedLoss
		rows JudgedRows
	}{
		"cosent":     {JudgedLoss{}, rows},
		"cold":       {JudgedLoss{Temperature: 0.01}, rows},
		"warm-sizes": {JudgedLoss{Temperature: 1, Sizes: []int{2, 6}}, rows},
		"ties":       {JudgedLoss{}, ties},
		"regression": {JudgedLoss{Kind: Regression, Sizes: []int{3, 6}}, rows},
	}
	const size = 6
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			z := randomVectors(rand.New(rand.NewPCG(9, 1)), 10*size)
			clear(z[8*size : 9*size])
			dz := make([]float32, len(z))
			stats, err := c.Gradient(z, size, c.rows, dz)
			if err != nil {
				t.Fatal(err)
			}
			if want := refJudged(c.JudgedLoss, wide(z, size), c.rows); math.Abs(stats.Loss-want) > 1e-5*(1+want) {
				t.Errorf("loss is %g: want %g", stats.Loss, want)
			}
			checkSlopes(t, z, size, dz, func(z [][]float64) float64 { return refJudged(c.JudgedLoss, z, c.rows) })

			ps := NewParams(rand.New(rand.NewPCG(1, 1)))
			q := ps.New("z", Zero(), len(z)/size, size)
			copy(q.W, z)
			var p Pass
			p.Start(nil)
			var got JudgedStats
			if _, err := p.Backward(c.Forward(&p, p.Param(q), c.rows, &got)); err != nil || got != stats {
				t.Fatalf("graph: %+v, %v: want %+v", got, err, stats)
			}
			q.GradRows(func(_ int, _, g []float32) {
				for i, v := range g {
					if v != dz[i] {
						t.Fatalf("graph: gradient %d is %g: want %g", i, v, dz[i])
					}
				}
			})
		})
	}
}

func TestJudgedErrors(t *testing.T) {
	rows := JudgedRows{A: []int32{0}, B: []int32{1}, Similarity: []float32{1}}
	cases := []struct {
		l    JudgedLoss
		rows JudgedRows
		want string
	}{
		{JudgedLoss{Kind: "rank"}, rows, "kind"},
		{JudgedLoss{Temperature: math.NaN()}, rows, "temperature"},
		{JudgedLoss{Sizes: []int{0}}, rows, "prefix of 0 numbers: want 1 to 3"},
		{JudgedLoss{}, JudgedRows{}, "at least one pair"},
		{JudgedLoss{}, JudgedRows{A: []int32{0}, B: []int32{-1}, Similarity: []float32{1}}, "row -1: want 0 to 1"},
		{JudgedLoss{}, JudgedRows{A: []int32{0}, B: []int32{1}, Similarity: []float32{5}}, "similarity 5: want 0 to 1"},
	}
	for _, c := range cases {
		_, err := c.l.Gradient(make([]float32, 6), 3, c.rows, make([]float32, 6))
		var p Pass
		p.Start(nil)
		c.l.Forward(&p, p.Input(2, 3, make([]float32, 6)), c.rows, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || p.Err() == nil || p.Err().Error() != err.Error() {
			t.Errorf("errors %v and %v: want %q", err, p.Err(), c.want)
		}
	}
}

// TestGiven checks that a gradient computed outside the graph trains the layers below as the loss itself does.
func TestGiven(t *testing.T) {
	const size, in = 4, 3
	rng := rand.New(rand.NewPCG(2, 3))
	ps := NewParams(rng)
	l := NewLinear(ps, "l", in, size, Inits{})
	x := randomVectors(rng, 6*in)
	rows := ContrastRows{Anchors: []int32{0, 1, 2}, Positives: []int32{3, 4, 5}}
	var p Pass
	p.Start(nil)
	z := l.Forward(&p, p.Input(6, in, x))
	if _, err := p.Backward(ContrastLoss{}.Forward(&p, z, rows, nil)); err != nil {
		t.Fatal(err)
	}
	want := append([]float32(nil), l.Weight.grad...)
	dz := make([]float32, 6*size)
	if _, err := (ContrastLoss{}).Gradient(Floats(z), size, rows, dz); err != nil {
		t.Fatal(err)
	}
	ps.ZeroGrads()
	for from := 0; from < 6; from += 2 { // two rows at a time
		p.Start(nil)
		part := Given(&p, l.Forward(&p, p.Input(2, in, x[from*in:][:2*in])), dz[from*size:][:2*size])
		if _, err := p.Backward(part); err != nil {
			t.Fatal(err)
		}
	}
	for i, v := range l.Weight.grad {
		if math.Abs(float64(v-want[i])) > 1e-5*(1+math.Abs(float64(want[i]))) {
			t.Errorf("gradient %d is %g: want %g", i, v, want[i])
		}
	}
	p.Start(nil)
	if Given(&p, p.Input(2, in, x[:2*in]), dz[:1]); p.Err() == nil || !strings.Contains(p.Err().Error(), "1 values: want 2×3") {
		t.Errorf("error %v: want one about 1 value", p.Err())
	}
}
