package search

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/retell-rnn/retell/tokenize"
)

// fakeStepper is a random model. A row's state is a number computed from its sentence's seed and all its tokens so far;
// it seeds the logits and the attention. A search that mixes up states therefore gives wrong results.
type fakeStepper struct {
	size    int                               // vocabulary
	sources []int                             // length of each sentence's source
	of      func(state uint64, row []float32) // makes logits; nil means random logits
	each    func(step int) error              // is called at every step

	sentence []int // of each row
	states   []uint64
	logits   []float32
	rowsSeen []int // at each step
}

// newFake returns a model for sentences with the given seeds and source lengths.
func newFake(size int, seeds []uint64, sources []int) *fakeStepper {
	f := &fakeStepper{size: size, sources: sources, states: slices.Clone(seeds)}
	for i := range seeds {
		f.sentence = append(f.sentence, i)
	}
	return f
}

func (f *fakeStepper) Rows() int  { return len(f.states) }
func (f *fakeStepper) Vocab() int { return f.size }

func (f *fakeStepper) Step(tokens []int32) ([]float32, error) {
	if len(tokens) != len(f.states) {
		return nil, fmt.Errorf("%d tokens for %d rows", len(tokens), len(f.states))
	}
	f.rowsSeen = append(f.rowsSeen, len(tokens))
	for i := range f.logits {
		f.logits[i] = float32(math.NaN()) // a caller that keeps logits must notice
	}
	f.logits = make([]float32, len(tokens)*f.size)
	for r, t := range tokens {
		f.states[r] = follow(f.states[r], t)
		f.fill(f.states[r], f.logits[r*f.size:][:f.size])
	}
	if f.each != nil {
		return f.logits, f.each(len(f.rowsSeen))
	}
	return f.logits, nil
}

// follow returns the state after one more token.
func follow(state uint64, token int32) uint64 {
	return rand.New(rand.NewPCG(state, uint64(token))).Uint64()
}

func (f *fakeStepper) fill(state uint64, row []float32) {
	if f.of != nil {
		f.of(state, row)
		return
	}
	rng := rand.New(rand.NewPCG(state, 1))
	for i := range row {
		row[i] = 2 * float32(rng.NormFloat64())
	}
}

func (f *fakeStepper) Reorder(rows []int) {
	states, sentence := make([]uint64, len(rows)), make([]int, len(rows))
	for i, r := range rows {
		states[i], sentence[i] = f.states[r], f.sentence[r]
	}
	f.states, f.sentence = states, sentence
}

func (f *fakeStepper) Attention(r int) []float32 {
	return fakeAttention(f.states[r], f.sources[f.sentence[r]])
}

func fakeAttention(state uint64, n int) []float32 {
	rng := rand.New(rand.NewPCG(state, 2))
	x, sum := make([]float32, n), float32(0)
	for i := range x {
		x[i] = rng.Float32()
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
	return x
}

// allHypotheses returns every translation of one sentence that is finished or has limit tokens, best first. It computes
// scores directly from their definitions.
func allHypotheses(f *fakeStepper, o *Options, s *Sentence) []Hypothesis {
	limit := o.Length.limit(s)
	var all []Hypothesis
	var extend func(h Hypothesis, state uint64, last int32, covered []float64)
	extend = func(h Hypothesis, state uint64, last int32, covered []float64) {
		state = follow(state, last)
		row := make([]float32, f.size)
		f.fill(state, row)
		total := 0.0
		for _, x := range row {
			total += math.Exp(float64(x))
		}
		covered = slices.Clone(covered)
		for i, a := range fakeAttention(state, f.sources[0]) {
			covered[i] += float64(a)
		}
		for id, x := range row {
			if id == tokenize.Pad || id == tokenize.BOS {
				continue
			}
			g := h
			logProb := float64(x) - math.Log(total)
			g.LogProb += logProb
			g.LogProbs = append(slices.Clone(h.LogProbs), float32(logProb))
			if g.Finished = id == tokenize.EOS; !g.Finished {
				g.Tokens = append(slices.Clone(h.Tokens), int32(id))
				if len(g.Tokens) < limit {
					extend(g, state, int32(id), covered)
					continue
				}
			}
			length := float64(len(g.LogProbs))
			switch o.Scoring.norm() {
			case none:
				g.Score = g.LogProb
			case average:
				g.Score = g.LogProb / length
			case gnmt:
				g.Score = g.LogProb / math.Pow((5+length)/6, 0.6)
			}
			for _, c := range covered {
				g.Score += o.Scoring.Coverage * math.Log(min(c, 1))
			}
			all = append(all, g)
		}
	}
	extend(Hypothesis{}, f.states[0], tokenize.BOS, make([]float64, f.sources[0]))
	slices.SortStableFunc(all, func(g, h Hypothesis) int {
		return cmp.Compare(h.Score, g.Score)
	})
	return all
}

// near compares hypotheses, and numbers up to a difference of 1e-4.
var near = gocmp.Options{
	gocmp.AllowUnexported(Hypothesis{}),
	gocmp.Comparer(func(a, b float32) bool { return math.Abs(float64(a-b)) < 1e-4 }),
	gocmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-4 }),
	cmpopts.EquateEmpty(),
}

// exact compares hypotheses.
var exact = gocmp.Options{gocmp.AllowUnexported(Hypothesis{}), cmpopts.EquateEmpty()}

// The normalizations by length that tests draw from.
var (
	none    = Scoring{}
	average = Scoring{Alpha: 1}
	gnmt    = Scoring{Offset: 5, Alpha: 0.6}
)

// norm is a scoring without its coverage penalty.
func (s Scoring) norm() Scoring { return Scoring{Offset: s.Offset, Alpha: s.Alpha} }

// usual returns the library's default options with the given beam.
func usual(beam int) *Options {
	return &Options{Beam: beam, NBest: 1, Diverse: Diverse{Groups: 1}, Scoring: average, Length: Length{Ratio: 2, Constant: 10}}
}

func drawOptions(t *rapid.T) *Options {
	o := usual(rapid.IntRange(1, 6).Draw(t, "beam"))
	o.Scoring = rapid.SampledFrom([]Scoring{none, average, gnmt}).Draw(t, "norm")
	o.Scoring.Coverage = rapid.SampledFrom([]float64{0, 0.3}).Draw(t, "coverage")
	o.Length = Length{Ratio: 0.5, Constant: rapid.IntRange(1, 6).Draw(t, "constant")}
	o.NBest = rapid.IntRange(1, o.Beam).Draw(t, "nbest")
	return o
}

// unasked returns sentences without prefix, rules or wanted phrases, with the given source lengths.
func unasked(lengths []int) []Sentence {
	s := make([]Sentence, len(lengths))
	for i, n := range lengths {
		s[i] = Sentence{Source: n, Number: uint64(i)}
	}
	return s
}

// drawSentences draws seeds and source lengths.
func drawSentences(t *rapid.T) (seeds []uint64, sources []int) {
	n := rapid.IntRange(1, 6).Draw(t, "sentences")
	return rapid.SliceOfN(rapid.Uint64(), n, n).Draw(t, "seeds"), rapid.SliceOfN(rapid.IntRange(1, 8), n, n).Draw(t, "sources")
}

func newTied() *fakeStepper {
	f := newFake(7, []uint64{1}, []int{1})
	f.of = func(uint64, []float32) {}
	return f
}

// unattentive is a model without attention.
type unattentive struct{ *fakeStepper }

func (unattentive) Attention(int) []float32 { return nil }
