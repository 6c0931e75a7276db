package rnn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// crfCase is a field and its emissions for some sequences.
type crfCase struct {
	*CRF
	params *Params
	lens   []int
	lay    *Layout
	x      []float32 // [rows, labels]
	gold   []int32
}

// noRepeat forbids a label after itself, and the last label at the start and the end.
func noRepeat(labels int) func(from, to int) bool {
	return func(from, to int) bool {
		return from != to && (from >= 0 || to != labels-1) && (to >= 0 || from != labels-1)
	}
}

// newCRFCase draws scores of the given size, and gold labels that the constraint allows.
func newCRFCase(seed uint64, labels int, size float64, allowed func(from, to int) bool, lens ...int) *crfCase {
	rng := rand.New(rand.NewPCG(seed, 7))
	c := &crfCase{params: NewParams(rng), lens: lens, lay: NewLayout(lens)}
	c.CRF = NewCRF(c.params, "labels", labels, Inits{})
	c.Constrain(allowed)
	for p := range c.params.All() {
		Uniform(2)(p, rng)
	}
	c.x = make([]float32, c.lay.Rows()*labels)
	for i := range c.x {
		c.x[i] = float32(size * rng.NormFloat64())
	}
	c.gold = make([]int32, c.lay.Rows())
	for s, n := range lens {
		before := -1
		for t := range n {
			for {
				y := rng.IntN(labels)
				if c.permits(before, y) && (t < n-1 || c.permits(y, -1)) && (t < n-2 || t == n-1 || c.permits(y, 0) || c.permits(y, 1)) {
					c.gold[c.lay.Row(s, t)], before = int32(y), y
					break
				}
			}
		}
	}
	return c
}

// size returns the greatest magnitude of an emission. Scores are as precise as float32 numbers of this size.
func (c *crfCase) size() float64 {
	size := 0.0
	for _, v := range c.x {
		size = max(size, math.Abs(float64(v)))
	}
	return size
}

// refScore is the score of a sequence's labels in float64; emissions and parameters are read from the case.
func (c *crfCase) refScore(s int, y []int) float64 {
	before, score := -1, 0.0
	for t, label := range y {
		if !c.permits(before, label) {
			return math.Inf(-1)
		}
		if before < 0 {
			score += float64(c.Start.W[label])
		} else {
			score += float64(c.Transitions.W[before*c.Labels+label])
		}
		score += float64(c.x[c.lay.Row(s, t)*c.Labels+label])
		before = label
	}
	if !c.permits(before, -1) {
		return math.Inf(-1)
	}
	return score + float64(c.End.W[before])
}

// refPath is a label sequence and its score.
type refPath struct {
	y     []int
	score float64
}

// refPaths lists all label sequences that the constraint allows, best first, with log Z.
func (c *crfCase) refPaths(s int) (paths []refPath, logZ float64) {
	y := make([]int, c.lens[s])
	for {
		if score := c.refScore(s, y); !math.IsInf(score, -1) {
			paths = append(paths, refPath{slices.Clone(y), score})
		}
		t := len(y) - 1
		for ; t >= 0 && y[t] == c.Labels-1; t-- {
			y[t] = 0
		}
		if t < 0 {
			break
		}
		y[t]++
	}
	slices.SortStableFunc(paths, func(a, b refPath) int {
		if a.score > b.score {
			return -1
		} else if a.score < b.score {
			return 1
		}
		return 0
	})
	sum := 0.0
	for _, p := range paths {
		sum += math.Exp(p.score - paths[0].score)
	}
	return paths, paths[0].score + math.Log(sum)
}

// crfCases calls f with all small shapes, constrained and not, with moderate and with extreme emissions.
func crfCases(t *testing.T, lens []int, f func(t *testing.T, c *crfCase)) {
	for _, size := range []float64{1, 30, 1e4} {
		for labels := 1; labels <= 4; labels++ {
			for _, bound := range []bool{false, true} {
				if bound && labels < 3 {
					continue
				}
				t.Run(fmt.Sprintf("%g/%d/%v", size, labels, bound), func(t *testing.T) {
					var allowed func(from, to int) bool
					if bound {
						allowed = noRepeat(labels)
					}
					f(t, newCRFCase(uint64(labels), labels, size, allowed, lens...))
				})
			}
		}
	}
}

func TestCRFBruteForce(t *testing.T) {
	crfCases(t, []int{3, 1, 5, 2, 4}, func(t *testing.T, c *crfCase) {
		var mem Buffers
		q := c.Pack()
		got := q.LogLikelihood(&mem, c.x, c.lay, c.gold)
		p := make([]float32, len(c.x))
		q.Marginals(&mem, p, c.x, c.lay)
		best := q.Viterbi(&mem, c.x, c.lay)
		known := slices.Clone(c.gold)
		for row := range known {
			if row%3 != 1 {
				known[row] = -1
			}
		}
		partial := q.LogLikelihood(&mem, c.x, c.lay, known)
		lists := q.KBest(&mem, c.x, c.lay, 50)
		for s, n := range c.lens {
			paths, logZ := c.refPaths(s)
			c.checkKBest(t, lists[s], paths[:min(50, len(paths))], logZ)
			gold, viterbi, marginals := make([]int, n), make([]int, n), make([]float64, n*c.Labels)
			for k := range n {
				gold[k], viterbi[k] = int(c.gold[c.lay.Row(s, k)]), int(best[s][k])
			}
			want := c.refScore(s, gold) - logZ
			near(t, "log-likelihood", got[s], want, 1e-6*float64(n)*(1+c.size()))
			near(t, "score of the best labels", c.refScore(s, viterbi), paths[0].score, 1e-6*float64(n)*(1+c.size()))
			agree := math.Inf(-1)
			for _, path := range paths {
				agrees := true
				for k, y := range path.y {
					marginals[k*c.Labels+y] += math.Exp(path.score - logZ)
					label := known[c.lay.Row(s, k)]
					agrees = agrees && (label < 0 || int(label) == y)
				}
				if agrees {
					agree = addLogs(agree, path.score)
				}
			}
			near(t, "log-likelihood of some labels", partial[s], agree-logZ, 1e-6*float64(n)*(1+c.size()))
			for k := range n {
				for j, v := range p[c.lay.Row(s, k)*c.Labels:][:c.Labels] {
					near(t, "marginal", float64(v), marginals[k*c.Labels+j], 2e-6)
				}
			}
		}
	})
}

func (c *crfCase) checkKBest(t *testing.T, got []Labeling, want []refPath, logZ float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d labelings: want %d", len(got), len(want))
	}
	for i, l := range got {
		near(t, "log-probability", l.LogProb, want[i].score-logZ, 1e-6*float64(len(l.Labels))*(1+c.size()))
		for k, y := range l.Labels {
			if int(y) != want[i].y[k] {
				t.Fatalf("labeling %d is %v: want %v", i, l.Labels, want[i].y)
			}
		}
	}
}

// refLoss is the weighted and smoothed loss by its definition.
func (c *crfCase) refLoss(weights []float32, eps float64) float64 {
	loss := 0.0
	weight := func(row int) float64 {
		if weights == nil {
			return 1
		}
		return float64(weights[row])
	}
	for s, n := range c.lens {
		paths, _ := c.refPaths(s)
		sums := make([][]float64, n+1) // log Σ e^score of the sequences that begin with some labels
		mass, total := make([]float64, len(paths)), 0.0
		for k := range sums {
			sums[k] = slices.Repeat([]float64{math.Inf(-1)}, int(math.Pow(float64(c.Labels), float64(k))))
			for _, p := range paths {
				sum := &sums[k][c.number(p.y[:k])]
				*sum = addLogs(*sum, p.score)
			}
		}
		for i, p := range paths {
			mass[i] = 1
			for k, y := range p.y {
				q := eps / float64(c.Labels)
				if y == int(c.gold[c.lay.Row(s, k)]) {
					q += 1 - eps
				}
				mass[i] *= q
			}
			total += mass[i]
		}
		for i, p := range paths {
			for k := range n {
				if mass[i] > 0 {
					nll := sums[k][c.number(p.y[:k])] - sums[k+1][c.number(p.y[:k+1])]
					loss += mass[i] / total * weight(c.lay.Row(s, k)) * nll
				}
			}
		}
	}
	return loss
}

// number returns the index of labels among all of their length.
func (c *crfCase) number(y []int) (index int) {
	for _, label := range y {
		index = index*c.Labels + label
	}
	return index
}

// backward returns the loss, the gradient of the emissions and those of the parameters.
func (c *crfCase) backward(t *testing.T, weights []float32, eps float64, stats *LossStats) (loss float64, dx []float32, grads map[string][]float32) {
	t.Helper()
	var p Pass
	p.Start(nil)
	c.params.ZeroGrads()
	v := tensor.New(tensor.WithShape(c.lay.Rows(), c.Labels), tensor.WithBacking(slices.Clone(c.x)))
	x := gorgonia.NewMatrix(p.Graph(), tensor.Float32, gorgonia.WithShape(c.lay.Rows(), c.Labels), gorgonia.WithName("x"), gorgonia.WithValue(v))
	l := c.SmoothLoss(&p, x, c.lay, c.gold, weights, eps, stats)
	values, err := p.Backward(l, x)
	if err != nil {
		t.Fatal(err)
	}
	grads = map[string][]float32{}
	for q := range c.params.All() {
		q.GradRows(func(_ int, _, g []float32) { grads[q.Name] = slices.Clone(g) })
	}
	return float64(Floats(l)[0]), slices.Clone(data(values[0])), grads
}

// TestCRFGradients compares losses with the definition, and gradients with its central differences.
func TestCRFGradients(t *testing.T) {
	for name, set := range map[string]struct {
		weighted bool
		eps      float64
	}{"plain": {}, "weighted": {weighted: true}, "smooth": {eps: 0.1}, "both": {true, 0.3}} {
		t.Run(name, func(t *testing.T) {
			lens := []int{3, 1, 2}
			if testing.Short() {
				lens = lens[1:]
			}
			crfCases(t, lens, func(t *testing.T, c *crfCase) { c.checkGradients(t, set.weighted, set.eps) })
		})
	}
}

func (c *crfCase) checkGradients(t *testing.T, weighted bool, eps float64) {
	var weights []float32
	if weighted {
		for r := range c.gold {
			weights = append(weights, []float32{1, 0.25, 3, 0, 2}[r%5])
		}
	}
	var stats LossStats
	loss, dx, grads := c.backward(t, weights, eps, &stats)
	want := c.refLoss(weights, eps)
	near(t, "loss", loss, want, 2e-6*(1+math.Abs(want)+c.size()))
	near(t, "nll", stats.NLL, c.refLoss(nil, 0), 2e-6*(1+stats.NLL+c.size()))
	slope := func(v *float32) float64 {
		h := float32(1e-2)
		if was := math.Abs(float64(*v)); was > 100 {
			h = float32(math.Exp2(math.Ceil(math.Log2(was)) - 18))
		}
		was := *v
		*v = was + h
		up, a := c.refLoss(weights, eps), *v
		*v = was - h
		down, b := c.refLoss(weights, eps), *v
		*v = was
		return (up - down) / float64(a-b)
	}
	for i, g := range dx {
		near(t, fmt.Sprint("gradient of emission ", i), float64(g), slope(&c.x[i]), 2e-4)
	}
	for p := range c.params.All() {
		for i, g := range grads[p.Name] {
			near(t, fmt.Sprint("gradient of ", p.Name, " ", i), float64(g), slope(&p.W[i]), 1e-3)
		}
	}
}

// TestCRFAlone checks that a sequence has the same bits alone and in a batch, whatever GOMAXPROCS is.
func TestCRFAlone(t *testing.T) {
	c := newCRFCase(3, 17, 2, noRepeat(17), 5, 9, 1, 30, 9, 2)
	var mem Buffers
	run := func() (like []float64, p []float32, labels [][]int32) {
		q := c.Pack()
		p = make([]float32, len(c.x))
		q.Marginals(&mem, p, c.x, c.lay)
		return q.LogLikelihood(&mem, c.x, c.lay, c.gold), p, q.Viterbi(&mem, c.x, c.lay)
	}
	like, p, labels := run()
	_, dx, grads := c.backward(t, nil, 0, nil)
	for _, procs := range []int{1, 3} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		l, q, _ := run()
		_, dx2, grads2 := c.backward(t, nil, 0, nil)
		if !slices.Equal(like, l) || !slices.Equal(p, q) || !slices.Equal(dx, dx2) || !slices.Equal(grads["labels.transitions"], grads2["labels.transitions"]) {
			t.Fatalf("bits differ with GOMAXPROCS=%d", procs)
		}
	}
	all := *c
	for s, n := range all.lens {
		c.lens, c.lay = []int{n}, NewLayout([]int{n})
		c.x, c.gold = nil, nil
		var want []float32
		for k := range n {
			row := all.lay.Row(s, k)
			c.x = append(c.x, all.x[row*17:][:17]...)
			c.gold = append(c.gold, all.gold[row])
			want = append(want, p[row*17:][:17]...)
		}
		l, q, y := run()
		if l[0] != like[s] || !slices.Equal(q, want) || !slices.Equal(y[0], labels[s]) {
			t.Fatalf("sequence %d differs alone", s)
		}
	}
}
