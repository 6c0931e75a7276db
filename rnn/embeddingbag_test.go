package rnn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
)

// TestEmbeddingBag checks sums and gradients by the definition: equal bags, repeated ids, an empty bag and factors.
func TestEmbeddingBag(t *testing.T) {
	const vocab, size = 40, 3
	ps := NewParams(rand.New(rand.NewPCG(1, 1)))
	e := NewEmbeddingBag(ps, "e", vocab, size, Inits{})
	e.Factors = ps.New("factors", Uniform(1), vocab).W
	q := ps.New("weights", Uniform(1), 6, size)
	bags := [][]int32{{3, 9, 4}, {7}, {3, 9, 4}, {}, {9, 9, 0, 5}, {7}}
	var p Pass
	p.Start(nil)
	y := e.Forward(&p, bags)
	loss := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(y, p.Input(6, size, q.W)))))
	if _, err := p.Backward(loss); err != nil {
		t.Fatal(err)
	}
	sums, grad := make([]float64, len(bags)*size), make([]float64, vocab*size)
	for i, bag := range bags {
		for _, id := range bag {
			for j := range size {
				factor := float64(e.Factors[id]) / math.Sqrt(float64(len(bag)))
				sums[i*size+j] += factor * float64(e.Weight.W[int(id)*size+j])
				grad[int(id)*size+j] += factor * float64(q.W[i*size+j])
			}
		}
	}
	packed := make([]float32, len(sums))
	e.Pack().Forward(packed, bags)
	for i, want := range sums {
		near(t, "sum", float64(Floats(y)[i]), want, 1e-6)
		if packed[i] != Floats(y)[i] {
			t.Errorf("packed: sum %d is %g: want %g", i, packed[i], Floats(y)[i])
		}
	}
	var rows []int
	e.Weight.GradRows(func(at int, _, g []float32) {
		rows = append(rows, at/size)
		for j, v := range g {
			near(t, "gradient", float64(v), grad[at+j], 1e-6)
		}
	})
	if want := []int{0, 3, 4, 5, 7, 9}; !slices.Equal(rows, want) {
		t.Errorf("rows with gradients %v: want %v", rows, want)
	}

	bags[1] = []int32{vocab}
	if err := p.Forward(); err == nil || !strings.Contains(err.Error(), "bag 1: id 40: want 0 to 39") {
		t.Errorf("error %v: want one about id 40", err)
	}
	for _, bad := range [][][]int32{nil, {{1}, {-1}}} {
		p.Start(nil)
		if e.Forward(&p, bad); p.Err() == nil {
			t.Errorf("bags %v: no error", bad)
		}
	}
}

// TestEmbeddingFactors checks that an embedding with factors is a bag of one id.
func TestEmbeddingFactors(t *testing.T) {
	const vocab, size = 5, 3
	ids, bags := []int32{4, 0, 4}, [][]int32{{4}, {0}, {4}}
	rng := rand.New(rand.NewPCG(2, 2))
	g := randomVectors(rng, len(ids)*size)
	ps := NewParams(rng)
	e, b := NewEmbedding(ps, "e", vocab, size, Inits{}), NewEmbeddingBag(ps, "b", vocab, size, Inits{})
	e.Factors, b.Weight.W = []float32{0.5, 1, 1, 1, 0.25}, e.Weight.W
	b.Factors = e.Factors
	var p Pass
	p.Start(nil)
	x, y := e.Forward(&p, ids), b.Forward(&p, bags)
	if _, err := p.Backward(p.Sum(Given(&p, x, g), Given(&p, y, g))); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(Floats(x), Floats(y)) || Floats(x)[0] != e.Weight.W[4*size]/4 {
		t.Errorf("rows %v: want %v", Floats(x), Floats(y))
	}
	if !slices.Equal(e.Weight.grad, b.Weight.grad) {
		t.Errorf("gradients %v: want %v", e.Weight.grad, b.Weight.grad)
	}
}

// TestRowGradientsOnCores checks that gradients of rows are sums in the order of ids, whatever the number of cores.
func TestRowGradientsOnCores(t *testing.T) {
	const vocab, size, tokens = 300, 5, 2000
	rng := rand.New(rand.NewPCG(3, 3))
	ids, bags, g := make([]int32, tokens), make([][]int32, tokens), randomVectors(rng, tokens*size)
	for i := range ids {
		ids[i] = rng.Int32N(vocab)
		for range rng.IntN(4) {
			bags[i] = append(bags[i], rng.Int32N(vocab))
		}
	}
	want := make([]float32, vocab*size)
	for i, id := range ids {
		for j := range size {
			want[int(id)*size+j] += g[i*size+j]
		}
	}
	var first []float32
	for _, procs := range []int{1, 2, 5} {
		old := runtime.GOMAXPROCS(procs)
		ps := NewParams(rand.New(rand.NewPCG(1, 1)))
		e, b := NewEmbedding(ps, "e", vocab, size, Inits{}), NewEmbeddingBag(ps, "b", vocab, size, Inits{})
		var p Pass
		p.Start(nil)
		loss := p.Sum(Given(&p, e.Forward(&p, ids), g), Given(&p, b.Forward(&p, bags), g))
		_, err := p.Backward(loss)
		runtime.GOMAXPROCS(old)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(e.Weight.grad, want) {
			t.Errorf("other bits of an embedding's gradient on %d cores", procs)
		}
		if first == nil {
			first = slices.Clone(b.Weight.grad)
		} else if !slices.Equal(b.Weight.grad, first) {
			t.Errorf("other bits of a bag's gradient on %d cores", procs)
		}
		ps.ZeroGrads()
		for _, v := range append(slices.Clone(e.Weight.grad), b.Weight.grad...) {
			if v != 0 {
				t.Fatal("gradients are left after ZeroGrads")
			}
		}
	}
}

// BenchmarkVectors measures a step of the training of an embedder without recurrent layers: 1,024 lines of 10 tokens,
// with n-grams or without, InfoNCE, the gradient's norm and Adam.
func BenchmarkVectors(b *testing.B) {
	for _, ngrams := range []int{0, 15} {
		for _, size := range []int{256, 512} {
			b.Run(fmt.Sprintf("ngrams=%d/size=%d", ngrams, size), func(b *testing.B) { benchVectors(b, ngrams, size) })
		}
	}
}

func benchVectors(b *testing.B, ngrams, size int) {
	const lines, tokens, vocab, buckets = 1024, 10, 16000, 131072
	rng := rand.New(rand.NewPCG(1, 2))
	ps := NewParams(rng)
	emb := NewEmbedding(ps, "source", vocab, size, Inits{})
	var bag *EmbeddingBag
	if ngrams > 0 {
		bag = NewEmbeddingBag(ps, "ngrams", buckets, size, Inits{})
	}
	of := make([][]int32, vocab)
	for w := range of {
		for range ngrams {
			of[w] = append(of[w], rng.Int32N(buckets))
		}
	}
	bottle, err := NewBottleneck(ps, "bottleneck", BottleneckConfig{Pool: PoolMean, Projection: ProjectNone, In: size, Size: size})
	if err != nil {
		b.Fatal(err)
	}
	lens := make([]int, lines)
	var rows ContrastRows
	for i := range lens {
		lens[i] = tokens
		if i%2 == 0 {
			rows.Anchors, rows.Positives = append(rows.Anchors, int32(i)), append(rows.Positives, int32(i+1))
		}
	}
	lay := NewLayout(lens)
	ids, bags := make([]int32, lay.Rows()), make([][]int32, lay.Rows())
	opt := &Adam{}
	var p Pass
	b.ReportAllocs()
	for b.Loop() {
		for i := range ids { // as frequent as words: the frequency falls with the rank
			ids[i] = int32(math.Pow(vocab, rng.Float64())) - 1
			bags[i] = of[ids[i]]
		}
		p.Start(rng)
		x := emb.Forward(&p, ids)
		if bag != nil {
			x = Add(&p, x, bag.Forward(&p, bags))
		}
		z, _ := bottle.Forward(&p, x, lay, nil, nil, Latent{})
		loss := ContrastLoss{}.Forward(&p, z, rows, nil)
		ps.ZeroGrads()
		if _, err := p.Backward(loss); err != nil {
			b.Fatal(err)
		}
		opt.SetRate(2e-3, 1/max(1, GradNorm(ps)))
		if err := opt.Step(ps.Grads()); err != nil {
			b.Fatal(err)
		}
	}
}
