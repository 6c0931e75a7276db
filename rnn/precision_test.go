package rnn

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/internal/kernel"
)

// eachPrecision runs a test in every precision, emulated where the processor lacks it.
func eachPrecision(t *testing.T, test func(t *testing.T, prec Precision)) {
	t.Helper()
	for _, prec := range []Precision{Float32, BF16} {
		t.Run(prec.String(), func(t *testing.T) {
			if prec.Available() != nil {
				t.Cleanup(kernel.EmulateBF16())
			}
			test(t, prec)
		})
	}
}

// gradients returns every parameter's gradient for a batch, by name. It leaves the batch's loss in m.stats.
func (m *testModel) gradients(t *testing.T, src, tgt [][]int32) map[string][]float32 {
	t.Helper()
	loss := m.build(nil, src, tgt)
	m.params.ZeroGrads()
	if _, err := m.pass.Backward(loss); err != nil {
		t.Fatal(err)
	}
	out := map[string][]float32{}
	for p := range m.params.All() {
		grad := make([]float32, len(p.W))
		p.GradRows(func(at int, _, g []float32) { copy(grad[at:], g) })
		out[p.Name] = grad
	}
	return out
}

// TestBF16Gradients checks that rounding the factors of all products changes every gradient, but only a little.
func TestBF16Gradients(t *testing.T) {
	if BF16.Available() != nil {
		t.Cleanup(kernel.EmulateBF16())
	}
	configs := testConfigs()
	c := configs["plain"]
	for _, score := range []Attention{Dot, Concat, Bahdanau} {
		c.score, c.hidden = score, c.encHidden
		configs[string(score)] = c
	}
	for name, c := range configs {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			m := newTestModel(t, c, 3)
			src, tgt := randomSeqs(rng, c.vocab, 3, 7, 1, 4), randomSeqs(rng, c.vocab, 5, 2, 6, 1)
			exact := m.gradients(t, src, tgt)
			loss := m.stats.NLL
			m.pass.Precision = BF16
			got := m.gradients(t, src, tgt)
			if d := math.Abs(m.stats.NLL-loss) / loss; d == 0 || d > 5e-3 {
				t.Errorf("loss %.9g: want about %.9g and not the same", m.stats.NLL, loss)
			}
			for p, want := range exact {
				if slices.Equal(got[p], want) {
					t.Errorf("%s: the gradient has the bits of float32", p)
				}
				var dot, a, b float64
				for i, w := range want {
					g := float64(got[p][i])
					dot, a, b = dot+g*float64(w), a+g*g, b+float64(w)*float64(w)
				}
				if cos := dot / math.Sqrt(a*b); !(cos > 0.999) || math.Abs(math.Sqrt(a/b)-1) > 0.03 {
					t.Errorf("%s: cosine with the gradient of float32 %.6f, norm %.4f of its norm", p, cos, math.Sqrt(a/b))
				}
			}
		})
	}
}

// TestInt8Steps checks that decoding in int8 gives nearly the logits of float32, but not the same.
func TestInt8Steps(t *testing.T) {
	for name, c := range testConfigs() {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			m := newTestModel(t, c, 3)
			src, tgt := randomSeqs(rng, c.vocab, 3, 7, 1, 4), randomSeqs(rng, c.vocab, 5, 2, 6, 1)
			want := m.steps(src, tgt)
			m.decoding = Int8
			var errs, sizes float64
			for i, seq := range m.steps(src, tgt) {
				for k, logits := range seq {
					for j, y := range logits {
						if math.IsInf(float64(y), -1) {
							continue // an id that this sentence has no copy of
						}
						w := float64(want[i][k][j])
						errs += (float64(y) - w) * (float64(y) - w)
						sizes += w * w
					}
				}
			}
			if e := math.Sqrt(errs / sizes); !(e > 0 && e < 0.02) {
				t.Errorf("error %.4f of the logits: want less than 0.02 and more than 0", e)
			}
		})
	}
}

// TestPassInInt8 checks that a pass refuses int8.
func TestPassInInt8(t *testing.T) {
	m := newTestModel(t, testConfigs()["plain"], 3)
	m.pass.Precision = Int8
	if _, err := m.pass.Backward(m.build(nil, [][]int32{{3}}, [][]int32{{4}})); err == nil || !strings.Contains(err.Error(), "int8: want float32 or bf16") {
		t.Errorf("got %v", err)
	}
}
