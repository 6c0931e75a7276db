package rnn

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
)

// testLevel is an embedding whose rows are halved and doubled.
type testLevel struct {
	ps     *Params
	embed  *Embedding
	halve  *Halving
	double *Doubling
	seqs   [][]int32
}

func newTestLevel(seqs [][]int32) *testLevel {
	ps := NewParams(rand.New(rand.NewPCG(3, 1)))
	in := Inits{Matrix: func(int) Init { return Uniform(0.5) }}
	m := &testLevel{ps, NewEmbedding(ps, "e", 20, 3, in), NewHalving(ps, "halve", 3, 5, in), NewDoubling(ps, "double", 5, 4, in), seqs}
	for p := range ps.All() { // biases are not zero, so that a missing one shows
		Uniform(0.5)(p, ps.rng)
	}
	return m
}

// build adds halving and doubling, and returns both results.
func (m *testLevel) build(p *Pass) (half, full *gorgonia.Node, lay, halved *Layout) {
	lay = NewLayout(lengths(m.seqs))
	halved = lay.Halved()
	half = m.halve.Forward(p, m.embed.Forward(p, lay.Place(m.seqs)), lay, halved)
	return half, m.double.Forward(p, half, lay, halved), lay, halved
}

var levelSeqs = [][]int32{{4, 1, 7, 2, 9}, {3}, {8, 8}, {5, 6, 0, 1, 2, 3}, {11, 12, 13}}

// TestHalvingAndDoubling checks values by the definition, and that the graph-free form gives the same bits.
func TestHalvingAndDoubling(t *testing.T) {
	m := newTestLevel(levelSeqs)
	var p Pass
	p.Start(nil)
	half, full, lay, halved := m.build(&p)
	if err := p.Forward(); err != nil {
		t.Fatal(err)
	}
	linear := func(l *Linear, x []float64, k int) float64 {
		sum := float64(l.Bias.W[k])
		for j, v := range x {
			sum += v * float64(l.Weight.W[k*l.In+j])
		}
		return sum
	}
	row := func(y *gorgonia.Node, r, n int) []float32 { return Floats(y)[r*n:][:n] }
	for s, seq := range m.seqs {
		if got, want := halved.lens[s], (len(seq)+1)/2; got != want {
			t.Fatalf("sequence %d of %d tokens has %d halved ones: want %d", s, len(seq), got, want)
		}
		for i := range halved.lens[s] {
			x := make([]float64, 6)
			for j, id := range seq[2*i : min(2*i+2, len(seq))] {
				for k := range 3 {
					x[3*j+k] = float64(m.embed.Weight.W[int(id)*3+k])
				}
			}
			y := make([]float64, 5)
			for k := range y {
				y[k] = linear(m.halve.Linear, x, k)
				near(t, "halved", float64(row(half, halved.Row(s, i), 5)[k]), y[k], 1e-5)
			}
			for j := 2 * i; j < min(2*i+2, len(seq)); j++ {
				for k := range 4 {
					near(t, "doubled", float64(row(full, lay.Row(s, j), 4)[k]), linear(m.double.Linear, y, j%2*4+k), 1e-5)
				}
			}
		}
	}
	var mem Buffers
	x := make([]float32, lay.Rows()*3)
	m.embed.Pack().Forward(x, lay.Place(m.seqs))
	y := m.halve.Pack(Float32).Forward(&mem, x, lay, halved)
	if !slices.Equal(y, Floats(half)) {
		t.Error("other bits of halving without a graph")
	}
	if !slices.Equal(m.double.Pack(Float32).Forward(&mem, y, lay, halved), Floats(full)) {
		t.Error("other bits of doubling without a graph")
	}
}

// TestLevelAlone checks that a sequence has the same bits alone and in a batch.
func TestLevelAlone(t *testing.T) {
	m := newTestLevel(levelSeqs)
	var p, q Pass
	p.Start(nil)
	_, all, lay, _ := m.build(&p)
	if err := p.Forward(); err != nil {
		t.Fatal(err)
	}
	for s, seq := range levelSeqs {
		m.seqs = [][]int32{seq}
		q.Start(nil)
		_, one, _, _ := m.build(&q)
		if err := q.Forward(); err != nil {
			t.Fatal(err)
		}
		for i := range seq {
			if !slices.Equal(Floats(one)[i*4:][:4], Floats(all)[lay.Row(s, i)*4:][:4]) {
				t.Errorf("token %d of sequence %d has other bits alone", i, s)
			}
		}
	}
}

// TestLevelGradients compares gradients with numerical ones, and their bits on one and on several cores.
func TestLevelGradients(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	long := append(slices.Clone(levelSeqs), randomSeqs(rng, 20, 300, 257)...)
	for name, seqs := range map[string][][]int32{"one token": {{7}}, "short": levelSeqs, "long": long} {
		t.Run(name, func(t *testing.T) {
			m := newTestLevel(seqs)
			lay := NewLayout(lengths(seqs))
			again := make([]int32, lay.Rows())
			for i := range again {
				again[i] = rng.Int32N(int32(lay.Rows()+1)) - 1
			}
			g := randomVectors(rng, lay.Rows()*4)
			loss := func(p *Pass) *gorgonia.Node {
				_, y, _, _ := m.build(p)
				y = Add(p, y, Gather(p, y, again))
				return gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.HadamardProd(y, p.Input(lay.Rows(), 4, g)))))
			}
			want := numerical(t, m.ps, loss)
			var first [][]float32
			for _, procs := range []int{1, 3} {
				old := runtime.GOMAXPROCS(procs)
				var p Pass
				p.Start(nil)
				m.ps.ZeroGrads()
				_, err := p.Backward(loss(&p))
				runtime.GOMAXPROCS(old)
				if err != nil {
					t.Fatal(err)
				}
				i := 0
				for q := range m.ps.All() {
					closeTo(t, q.Name, q.grad, want[q])
					if procs == 1 {
						first = append(first, slices.Clone(q.grad))
					} else if !slices.Equal(first[i], q.grad) {
						t.Errorf("%s: other bits on %d cores", q.Name, procs)
					}
					i++
				}
			}
		})
	}
}

// TestGatherErrors checks that rows out of range are errors, and that -1 gives zeros.
func TestGatherErrors(t *testing.T) {
	var p Pass
	for want, rows := range map[string][]int32{"no rows": {}, "row 2: want -1 to 1": {0, 2}, "row -2: want -1 to 1": {-2}} {
		p.Start(nil)
		Gather(&p, p.Input(2, 3, make([]float32, 6)), rows)
		if err := p.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v: want %q", err, want)
		}
	}
	p.Start(nil)
	y := Gather(&p, p.Input(2, 2, []float32{1, 2, 3, 4}), []int32{1, -1, 1})
	if err := p.Forward(); err != nil {
		t.Fatal(err)
	}
	if want := []float32{3, 4, 0, 0, 3, 4}; !slices.Equal(Floats(y), want) {
		t.Errorf("rows %v: want %v", Floats(y), want)
	}
}

// BenchmarkLevels measures a forward and backward pass over 32 sentences of 40 tokens: a stack of two bidirectional
// layers of 256, and a U of the same layers and one level.
func BenchmarkLevels(b *testing.B) {
	for _, levels := range []int{0, 1, 2} {
		b.Run(fmt.Sprintf("levels=%d", levels), func(b *testing.B) { benchLevels(b, levels) })
	}
}

func benchLevels(b *testing.B, levels int) {
	const batch, steps, size = 32, 40, 256
	ps := NewParams(rand.New(rand.NewPCG(1, 1)))
	layer := func(name string, in int) *Layer {
		l, err := NewLayer(ps, name, LayerConfig{Cell: LSTM, In: in, Hidden: size, Bidirectional: true, Init: Inits{ForgetBias: 1}})
		if err != nil {
			b.Fatal(err)
		}
		return l
	}
	var down, up []*Layer
	var halve []*Halving
	var double []*Doubling
	for l := range levels + 1 {
		down = append(down, layer(fmt.Sprintf("down.%d", l), size))
		halve = append(halve, NewHalving(ps, fmt.Sprintf("halve.%d", l), size, size, Inits{}))
		double = append(double, NewDoubling(ps, fmt.Sprintf("double.%d", l), size, size, Inits{}))
		up = append(up, layer(fmt.Sprintf("up.%d", l), 2*size))
	}
	second := layer("second", size)
	lays := []*Layout{NewLayout(slices.Repeat([]int{steps}, batch))}
	x := randomVectors(rand.New(rand.NewPCG(2, 2)), batch*steps*size)
	var p Pass
	b.ReportAllocs()
	for b.Loop() {
		p.Start(nil)
		y, _ := down[0].Forward(&p, p.Input(batch*steps, size, x), lays[0], State{})
		skips := []*gorgonia.Node{y}
		for l := range levels {
			if len(lays) == l+1 {
				lays = append(lays, lays[l].Halved())
			}
			y, _ = down[l+1].Forward(&p, halve[l].Forward(&p, y, lays[l], lays[l+1]), lays[l+1], State{})
			skips = append(skips, y)
		}
		for l := levels - 1; l >= 0; l-- {
			y, _ = up[l].Forward(&p, Join(&p, double[l].Forward(&p, y, lays[l], lays[l+1]), skips[l]), lays[l], State{})
		}
		if levels == 0 {
			y, _ = second.Forward(&p, y, lays[0], State{})
		}
		ps.ZeroGrads()
		if _, err := p.Backward(gorgonia.Must(gorgonia.Sum(y))); err != nil {
			b.Fatal(err)
		}
	}
}
