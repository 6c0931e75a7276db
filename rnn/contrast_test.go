package rnn

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// refCosine returns the cosine of the first n numbers of two vectors.
func refCosine(a, b []float64, n int) float64 {
	ab := math.Sqrt(dot(a[:n], a[:n]) * dot(b[:n], b[:n]))
	if ab == 0 {
		return 0
	}
	return dot(a[:n], b[:n]) / ab
}

// refContrast is the loss of the definition, in float64, term by term.
func refContrast(l ContrastLoss, z [][]float64, rows ContrastRows) float64 {
	same := func(r, s int32) bool { return rows.Sentences != nil && rows.Sentences[r] == rows.Sentences[s] }
	tau := cmp.Or(l.Temperature, 0.05)
	sizes := l.Sizes
	if len(sizes) == 0 {
		sizes = []int{len(z[0])}
	}
	total := 0.0
	for _, n := range sizes {
		cos := func(r, s int32) float64 { return refCosine(z[r], z[s], n) }
		side := func(own float64, others []float64) float64 { // half the loss of one vector
			if l.Kind == MarginLoss {
				if len(others) == 0 {
					return 0
				}
				return max(0, l.Margin-own+slices.Max(others)) / 2
			}
			own -= l.Margin
			sum := 1.0
			for _, c := range others {
				sum += math.Exp((c - own) / tau)
			}
			return math.Log(sum) / 2
		}
		for i, a := range rows.Anchors {
			p := rows.Positives[i]
			var forth, back []float64
			for j, b := range rows.Anchors {
				q := rows.Positives[j]
				if i == j || same(a, b) || same(a, q) || same(p, b) || same(p, q) {
					continue
				}
				forth, back = append(forth, cos(a, q)), append(back, cos(b, p))
			}
			for _, r := range rows.Negatives {
				if !same(a, r) && !same(p, r) {
					forth = append(forth, cos(a, r))
				}
			}
			total += (side(cos(a, p), forth) + side(cos(a, p), back)) / float64(len(sizes))
		}
	}
	return total
}

// wide returns the rows of z in float64.
func wide(z []float32, size int) [][]float64 {
	var rows [][]float64
	for r := range len(z) / size {
		rows = append(rows, make([]float64, size))
		for j, v := range z[r*size:][:size] {
			rows[r][j] = float64(v)
		}
	}
	return rows
}

// checkSlopes compares gradients with central differences of a loss, which may not have a slope at rows of zeros.
func checkSlopes(t *testing.T, z []float32, size int, dz []float32, loss func(z [][]float64) float64) {
	t.Helper()
	const h = 1e-6
	x := wide(z, size)
	scale := 0.0
	for _, d := range dz {
		scale = max(scale, math.Abs(float64(d)))
	}
	for r := range x {
		if dot(x[r], x[r]) == 0 {
			continue
		}
		for j := range size {
			v := x[r][j]
			x[r][j] = v + h
			up := loss(x)
			x[r][j] = v - h
			down := loss(x)
			x[r][j] = v
			if want, got := (up-down)/(2*h), float64(dz[r*size+j]); !(math.Abs(got-want) <= 1e-4*scale+1e-6) {
				t.Fatalf("gradient of row %d, number %d is %g: want %g", r, j, got, want)
			}
		}
	}
}

func randomVectors(rng *rand.Rand, n int) []float32 {
	z := make([]float32, n)
	for i := range z {
		z[i] = float32(rng.NormFloat64())
	}
	return z
}

func TestContrastGradients(t *testing.T) {
	two := ContrastRows{Anchors: []int32{0, 1}, Positives: []int32{2, 3}}
	rows := ContrastRows{Anchors: []int32{0, 4, 2, 8, 10}, Positives: []int32{1, 5, 3, 9, 11}}
	hard, copies, again := rows, rows, rows
	hard.Negatives = []int32{6, 7, 12}
	copies.Negatives = hard.Negatives
	copies.Sentences = []int32{0, 1, 2, 0, 4, 5, 6, 4, 8, 8, 9, 10, 11} // pairs 0 and 2, negative 7 and pair 1, pair 3
	again.Positives = []int32{1, 1, 3, 3, 4}
	cases := map[string]struct {
		ContrastLoss
		rows ContrastRows
	}{
		"pairs":         {ContrastLoss{}, rows},
		"two":           {ContrastLoss{Temperature: 0.1}, two},
		"negatives":     {ContrastLoss{Temperature: 0.2, Margin: 0.3}, hard},
		"copies":        {ContrastLoss{Temperature: 0.5}, copies},
		"again":         {ContrastLoss{Temperature: 0.5}, again},
		"sizes":         {ContrastLoss{Temperature: 0.3, Sizes: []int{2, 3, 7}}, hard},
		"cold":          {ContrastLoss{Temperature: 0.01}, copies},
		"margin":        {ContrastLoss{Kind: MarginLoss, Margin: 0.8}, hard},
		"margin-copies": {ContrastLoss{Kind: MarginLoss, Margin: 1.2, Sizes: []int{4, 7}}, copies},
		"margin-again":  {ContrastLoss{Kind: MarginLoss, Margin: 1}, again},
	}
	const size = 7
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			z := randomVectors(rand.New(rand.NewPCG(5, 6)), 13*size)
			clear(z[12*size:])
			dz := make([]float32, len(z))
			stats, err := c.Gradient(z, size, c.rows, dz)
			if err != nil {
				t.Fatal(err)
			}
			want := refContrast(c.ContrastLoss, wide(z, size), c.rows)
			if math.Abs(stats.Loss-want) > 1e-5*(1+want) || stats.Anchors != len(c.rows.Anchors) {
				t.Errorf("loss of %d anchors is %g: want %g", stats.Anchors, stats.Loss, want)
			}
			checkSlopes(t, z, size, dz, func(z [][]float64) float64 { return refContrast(c.ContrastLoss, z, c.rows) })
			checkForward(t, c.ContrastLoss, z, size, c.rows, dz, stats)
		})
	}
}

// checkForward compares the graph's loss and gradient with those of Gradient.
func checkForward(t *testing.T, l ContrastLoss, z []float32, size int, rows ContrastRows, dz []float32, stats ContrastStats) {
	t.Helper()
	ps := NewParams(rand.New(rand.NewPCG(1, 1)))
	q := ps.New("z", Zero(), len(z)/size, size)
	copy(q.W, z)
	for _, scale := range []float32{1, 2} {
		var p Pass
		p.Start(nil)
		var got ContrastStats
		loss := l.Forward(&p, p.Param(q), rows, &got)
		if scale != 1 {
			loss = p.Scale(loss, float64(scale))
		}
		ps.ZeroGrads()
		if _, err := p.Backward(loss); err != nil {
			t.Fatal(err)
		}
		if got != stats || Floats(loss)[0] != scale*float32(stats.Loss) {
			t.Errorf("graph: %+v, loss %g: want %+v", got, Floats(loss)[0], stats)
		}
		q.GradRows(func(_ int, _, g []float32) {
			for i, v := range g {
				if v != scale*dz[i] {
					t.Fatalf("graph: gradient %d is %g: want %g", i, v, scale*dz[i])
				}
			}
		})
	}
}

// TestContrastStaysFinite checks that neither low temperatures nor zeros nor opposite and equal vectors give NaN.
func TestContrastStaysFinite(t *testing.T) {
	z := []float32{
		1, 0, -1, 0, // a pair of opposites
		0, 0, 0, 0, // zeros
		1e-30, 0, 1e30, 0, // too short for a direction; long
		1, 0, 1, 0, // equal
	}
	rows := ContrastRows{Anchors: []int32{0, 2, 4, 6}, Positives: []int32{1, 3, 5, 7}}
	for _, kind := range ContrastKinds() {
		for _, temperature := range []float64{0.001, 0.01, 10} {
			dz := make([]float32, len(z))
			stats, err := ContrastLoss{Kind: kind, Temperature: temperature, Margin: 0.5, Sizes: []int{1, 2}}.Gradient(z, 2, rows, dz)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range append(slices.Clone(dz), float32(stats.Loss)) {
				if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
					t.Fatalf("%s at temperature %g: loss %g, gradients %v: want finite numbers", kind, temperature, stats.Loss, dz)
				}
			}
		}
	}
}

// TestContrastKnown checks answers that a pencil finds.
func TestContrastKnown(t *testing.T) {
	z := []float32{3, 0, 0, 2, 1, 0, 0, 5} // two anchors at a right angle, their positives parallel to them
	rows := ContrastRows{Anchors: []int32{0, 1}, Positives: []int32{2, 3}}
	check := func(name string, l ContrastLoss, rows ContrastRows, want ContrastStats) {
		t.Helper()
		got, err := l.Gradient(z, 2, rows, nil)
		if err != nil || math.Abs(got.Loss-want.Loss) > 1e-6 {
			t.Errorf("%s: loss %g, %v: want %g", name, got.Loss, err, want.Loss)
		}
		got.Loss, want.Loss = 0, 0
		if got != want {
			t.Errorf("%s: %+v: want %+v", name, got, want)
		}
	}
	check("softmax of 1 and 0", ContrastLoss{Temperature: 1}, rows, ContrastStats{2, 2 * math.Log1p(math.Exp(-1)), 2, 2})
	check("margin", ContrastLoss{Temperature: 1, Margin: 1}, rows, ContrastStats{2, 2 * math.Ln2, 2, 2})
	check("hinge within the margin", ContrastLoss{Kind: MarginLoss, Margin: 1}, rows, ContrastStats{2, 0, 2, 2})
	check("hinge", ContrastLoss{Kind: MarginLoss, Margin: 1.5}, rows, ContrastStats{2, 1, 2, 2})
	rows.Positives = []int32{3, 2}
	check("swapped", ContrastLoss{Temperature: 1}, rows, ContrastStats{2, 2 * math.Log1p(math.E), 0, 0})
	rows.Sentences = []int32{7, 7, 8, 9}
	check("all are copies", ContrastLoss{}, rows, ContrastStats{2, 0, 2, 0})
	one := ContrastRows{Anchors: []int32{0}, Positives: []int32{1}}
	for _, kind := range ContrastKinds() {
		check("nothing to tell apart", ContrastLoss{Kind: kind, Margin: 1}, one, ContrastStats{1, 0, 1, 0})
	}
}

func TestContrastErrors(t *testing.T) {
	rows := ContrastRows{Anchors: []int32{0}, Positives: []int32{1}}
	cases := []struct {
		l    ContrastLoss
		rows ContrastRows
		want string
	}{
		{ContrastLoss{Kind: "cosine"}, rows, "kind"},
		{ContrastLoss{Temperature: -1}, rows, "temperature"},
		{ContrastLoss{Margin: math.NaN()}, rows, "margin"},
		{ContrastLoss{Sizes: []int{4}}, rows, "prefix of 4 numbers: want 1 to 3"},
		{ContrastLoss{}, ContrastRows{}, "0 anchors"},
		{ContrastLoss{}, ContrastRows{Anchors: []int32{0}}, "0 positives"},
		{ContrastLoss{}, ContrastRows{Anchors: []int32{0}, Positives: []int32{2}}, "row 2: want 0 to 1"},
		{ContrastLoss{}, ContrastRows{Anchors: []int32{0}, Positives: []int32{1}, Sentences: []int32{1}}, "sentences of 1 rows: want 2"},
	}
	for _, c := range cases {
		_, err := c.l.Gradient(make([]float32, 6), 3, c.rows, nil)
		var p Pass
		p.Start(nil)
		c.l.Forward(&p, p.Input(2, 3, make([]float32, 6)), c.rows, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || p.Err() == nil || p.Err().Error() != err.Error() {
			t.Errorf("errors %v and %v: want %q", err, p.Err(), c.want)
		}
	}
}

// TestContrastOnCores checks that the number of cores changes no bit.
func TestContrastOnCores(t *testing.T) {
	const pairs, size = 150, 40
	rng := rand.New(rand.NewPCG(7, 8))
	z := randomVectors(rng, (2*pairs+9)*size)
	rows := ContrastRows{Sentences: make([]int32, 2*pairs+9)}
	for i := range int32(pairs) {
		rows.Anchors, rows.Positives = append(rows.Anchors, 2*i), append(rows.Positives, 2*i+1)
	}
	for i := range rows.Sentences {
		if rows.Sentences[i] = rng.Int32N(200); i >= 2*pairs {
			rows.Negatives = append(rows.Negatives, int32(i))
		}
	}
	for _, kind := range ContrastKinds() {
		var want []float32
		for _, procs := range []int{1, 2, 5} {
			old := runtime.GOMAXPROCS(procs)
			dz := make([]float32, len(z))
			stats, err := ContrastLoss{Kind: kind, Margin: 0.2, Sizes: []int{16, 40}}.Gradient(z, size, rows, dz)
			runtime.GOMAXPROCS(old)
			if err != nil {
				t.Fatal(err)
			}
			if dz = append(dz, float32(stats.Loss)); want == nil {
				want = dz
			} else if !slices.Equal(dz, want) {
				t.Errorf("%s: other bits on %d cores", kind, procs)
			}
		}
	}
}

func BenchmarkContrast(b *testing.B) {
	for _, c := range []struct{ pairs, size int }{{512, 256}, {512, 512}, {4096, 1024}} {
		for _, kind := range ContrastKinds() {
			b.Run(fmt.Sprintf("%s/%dx%d", kind, c.pairs, c.size), func(b *testing.B) {
				z := randomVectors(rand.New(rand.NewPCG(1, 2)), 2*c.pairs*c.size)
				dz := make([]float32, len(z))
				var rows ContrastRows
				for i := range int32(c.pairs) {
					rows.Anchors, rows.Positives = append(rows.Anchors, 2*i), append(rows.Positives, 2*i+1)
				}
				for b.Loop() {
					if _, err := (ContrastLoss{Kind: kind, Margin: 0.4}).Gradient(z, c.size, rows, dz); err != nil {
						b.Fatal(err)
					}
				}
				flops := 6 * float64(c.pairs) * float64(c.pairs) * float64(c.size)
				b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
