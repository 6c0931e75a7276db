package seq2seq

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/tokenize"
)

// fakeStepper is a random model: a row's state is a number made of its sentence's own and all of its tokens so far, and
// seeds the logits and the attention that follow. A state that does not follow its hypothesis therefore shows.
type fakeStepper struct {
	size    int                               // of the vocabulary
	sources []int                             // length of each sentence's source
	of      func(state uint64, row []float32) // makes logits; nil means random ones
	each    func(step int) error              // called by every step

	sentence []int // of each row
	states   []uint64
	logits   []float32
	rowsSeen []int // at each step
}

// newFake returns a model for the given sentences, each a seed and the length of its source.
func newFake(size int, seeds []uint64, sources []int) *fakeStepper {
	f := &fakeStepper{size: size, sources: sources, states: slices.Clone(seeds)}
	for i := range seeds {
		f.sentence = append(f.sentence, i)
	}
	return f
}

func (f *fakeStepper) rows() int  { return len(f.states) }
func (f *fakeStepper) vocab() int { return f.size }

func (f *fakeStepper) step(tokens []int32) ([]float32, error) {
	if len(tokens) != len(f.states) {
		return nil, fmt.Errorf("%d tokens for %d rows", len(tokens), len(f.states))
	}
	f.rowsSeen = append(f.rowsSeen, len(tokens))
	for i := range f.logits {
		f.logits[i] = float32(math.NaN()) // of no use to whoever kept them
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

func (f *fakeStepper) reorder(rows []int) {
	states, sentence := make([]uint64, len(rows)), make([]int, len(rows))
	for i, r := range rows {
		states[i], sentence[i] = f.states[r], f.sentence[r]
	}
	f.states, f.sentence = states, sentence
}

func (f *fakeStepper) attention(r int) []float32 {
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

// allHypotheses returns every translation of one sentence that is finished or of limit tokens, the best first. Its
// arithmetic is that of the definitions.
func allHypotheses(f *fakeStepper, o *SearchOptions, s *sentence) []hypothesis {
	r := o.resolved()
	limit := r.limit(s)
	var all []hypothesis
	var extend func(h hypothesis, state uint64, last int32, covered []float64)
	extend = func(h hypothesis, state uint64, last int32, covered []float64) {
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
			g.logProb += logProb
			g.logProbs = append(slices.Clone(h.logProbs), float32(logProb))
			if g.finished = id == tokenize.EOS; !g.finished {
				g.tokens = append(slices.Clone(h.tokens), int32(id))
				if len(g.tokens) < limit {
					extend(g, state, int32(id), covered)
					continue
				}
			}
			length := float64(len(g.logProbs))
			switch r.LengthNorm {
			case NormNone:
				g.score = g.logProb
			case NormAverage:
				g.score = g.logProb / math.Pow(length, r.Alpha)
			case NormGNMT:
				g.score = g.logProb / math.Pow((5+length)/6, r.Alpha)
			}
			for _, c := range covered {
				g.score += r.CoveragePenalty * math.Log(min(c, 1))
			}
			all = append(all, g)
		}
	}
	extend(hypothesis{}, f.states[0], tokenize.BOS, make([]float64, f.sources[0]))
	slices.SortStableFunc(all, func(g, h hypothesis) int {
		return cmp.Compare(h.score, g.score)
	})
	return all
}

// near compares hypotheses, numbers within 1e-4.
var near = gocmp.Options{
	gocmp.AllowUnexported(hypothesis{}),
	gocmp.Comparer(func(a, b float32) bool { return math.Abs(float64(a-b)) < 1e-4 }),
	gocmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-4 }),
	cmpopts.EquateEmpty(),
}

// exact compares hypotheses.
var exact = gocmp.Options{gocmp.AllowUnexported(hypothesis{}), cmpopts.EquateEmpty()}

func drawOptions(t *rapid.T) *SearchOptions {
	o := &SearchOptions{
		Beam:              rapid.IntRange(0, 6).Draw(t, "beam"),
		LengthNorm:        rapid.SampledFrom([]LengthNorm{"", NormNone, NormAverage, NormGNMT}).Draw(t, "norm"),
		CoveragePenalty:   rapid.SampledFrom([]float64{0, 0.3}).Draw(t, "coverage"),
		MaxLengthRatio:    0.5,
		MaxLengthConstant: rapid.IntRange(1, 6).Draw(t, "constant"),
	}
	o.NBest = rapid.IntRange(0, o.resolved().Beam).Draw(t, "nbest")
	return o
}

// drawSentences draws seeds and source lengths.
func drawSentences(t *rapid.T) (seeds []uint64, sources []int) {
	n := rapid.IntRange(1, 6).Draw(t, "sentences")
	return rapid.SliceOfN(rapid.Uint64(), n, n).Draw(t, "seeds"), rapid.SliceOfN(rapid.IntRange(1, 8), n, n).Draw(t, "sources")
}

func TestWideBeamEqualsBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seeds, sources := drawSentences(t)
		o := drawOptions(t)
		o.MaxLengthConstant = min(o.MaxLengthConstant, 3)
		o.MaxLengthRatio = 0.01
		f := newFake(7, seeds[:1], sources[:1]) // 5 possible tokens, one of them the end: at most 4³ + 4² + 4 + 1 translations
		want := allHypotheses(f, o, &sentence{source: sources[0]})
		o.Beam, o.NBest = 100, 100
		got, err := search(t.Context(), f, unasked(sources[:1]), o, true)
		if err != nil {
			t.Fatal(err)
		}
		// Scores that are equal but for rounding may stand in either order.
		byTokens := cmpopts.SortSlices(func(g, h hypothesis) bool { return slices.Compare(g.tokens, h.tokens) < 0 })
		if diff := gocmp.Diff(want, got[0], near, byTokens); diff != "" {
			t.Fatal(diff)
		}
		for i := range want {
			if math.Abs(want[i].score-got[0][i].score) > 1e-4 {
				t.Fatalf("rank %d: score %v: want %v", i, got[0][i].score, want[i].score)
			}
		}
	})
}

// plainBeam is beam search written for one sentence and for nothing but being read.
func plainBeam(f *fakeStepper, o *SearchOptions) []hypothesis {
	r := o.resolved()
	limit := r.limit(&sentence{source: f.sources[0]})
	type path struct {
		hypothesis
		state   uint64
		covered []float32
		ended   bool
	}
	live := []path{{state: follow(f.states[0], tokenize.BOS)}}
	var done []hypothesis
	enough := func() bool {
		likelier := 0
		for _, h := range done {
			if h.logProb >= live[0].logProb {
				likelier++
			}
		}
		return len(done) >= r.Beam && likelier >= r.NBest
	}
	for step := 1; len(live) > 0 && step <= limit; step++ {
		var next []path
		for _, p := range live {
			row := make([]float32, f.size)
			f.fill(p.state, row)
			lse := kernel.LogSumExp(row)
			p.covered = slices.Clone(p.covered)
			for i, a := range fakeAttention(p.state, f.sources[0]) {
				if step == 1 {
					p.covered = append(p.covered, 0)
				}
				p.covered[i] += a
			}
			for id, x := range row {
				if id != tokenize.Pad && id != tokenize.BOS {
					q := p
					q.logProb = p.logProb - float64(lse) + float64(x)
					q.logProbs = append(slices.Clone(p.logProbs), x-lse)
					q.tokens = append(slices.Clone(p.tokens), int32(id))
					q.state = follow(p.state, int32(id))
					q.ended = id == tokenize.EOS
					next = append(next, q)
				}
			}
		}
		slices.SortStableFunc(next, func(p, q path) int { return cmp.Compare(q.logProb, p.logProb) })
		live = nil
		for rank, p := range next[:min(len(next), 2*r.Beam)] {
			p.score = r.score(p.logProb, step, nil)
			if r.CoveragePenalty > 0 {
				p.score = r.score(p.logProb, step, p.covered)
			}
			switch {
			case p.ended && rank < r.Beam:
				p.tokens, p.finished = p.tokens[:step-1], true
				done = append(done, p.hypothesis)
			case !p.ended && len(live) < r.Beam:
				live = append(live, p)
			}
		}
		for _, p := range live {
			if step == limit {
				done = append(done, p.hypothesis)
			}
		}
		if len(live) > 0 && enough() {
			break
		}
	}
	slices.SortStableFunc(done, func(g, h hypothesis) int { return cmp.Compare(h.score, g.score) })
	return done[:min(r.NBest, len(done))]
}

func TestBeamEqualsPlain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seeds, sources := drawSentences(t)
		o := drawOptions(t)
		o.Beam = rapid.IntRange(2, 6).Draw(t, "beam")
		o.NBest = o.Beam
		f := newFake(9, seeds[:1], sources[:1])
		want := plainBeam(f, o)
		got, err := search(t.Context(), f, unasked(sources[:1]), o, true)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, got[0], exact); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestBeamOfOneEqualsGreedy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seeds, sources := drawSentences(t)
		o := drawOptions(t)
		o.Beam, o.NBest = 1, 1
		want, err := search(t.Context(), newFake(9, seeds, sources), unasked(sources), o, true)
		if err != nil {
			t.Fatal(err)
		}
		r := o.resolved()
		got, err := beamSearch(t.Context(), newFake(9, seeds, sources), unasked(sources), &r)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, got, exact); diff != "" {
			t.Fatal(diff)
		}
		bare, err := search(t.Context(), newFake(9, seeds, sources), unasked(sources), o, false)
		if err != nil {
			t.Fatal(err)
		}
		for i := range bare {
			if h := bare[i][0]; !slices.Equal(h.tokens, want[i][0].tokens) || h.finished != want[i][0].finished {
				t.Fatalf("sentence %d without scores: %v: want %v", i, h, want[i][0])
			}
		}
	})
}

func TestBatchEqualsAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seeds, sources := drawSentences(t)
		o := drawOptions(t)
		batch, err := search(t.Context(), newFake(12, seeds, sources), unasked(sources), o, true)
		if err != nil {
			t.Fatal(err)
		}
		for i := range seeds {
			alone, err := search(t.Context(), newFake(12, seeds[i:i+1], sources[i:i+1]), unasked(sources[i:i+1]), o, true)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(alone[0], batch[i], exact); diff != "" {
				t.Fatalf("sentence %d: %s", i, diff)
			}
		}
	})
}

// TestResults checks what holds of every search's results.
func TestResults(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seeds, sources := drawSentences(t)
		o := drawOptions(t)
		found, err := search(t.Context(), newFake(12, seeds, sources), unasked(sources), o, true)
		if err != nil {
			t.Fatal(err)
		}
		r := o.resolved()
		for i, list := range found {
			if len(list) == 0 || len(list) > r.NBest {
				t.Fatalf("%d hypotheses: want 1 to %d", len(list), r.NBest)
			}
			for k, h := range list {
				sum := 0.0
				for _, p := range h.logProbs {
					sum += float64(p)
				}
				length := len(h.tokens)
				if h.finished {
					length++
				}
				switch {
				case math.Abs(sum-h.logProb) > 1e-4:
					t.Fatalf("tokens' log-probabilities sum to %v: want %v", sum, h.logProb)
				case len(h.logProbs) != length:
					t.Fatalf("%d log-probabilities of %d tokens", len(h.logProbs), length)
				case !h.finished && length != r.limit(&sentence{source: sources[i]}) || length > r.limit(&sentence{source: sources[i]}):
					t.Fatalf("%d tokens, finished %v, limit %d", length, h.finished, r.limit(&sentence{source: sources[i]}))
				case slices.Contains(h.tokens, tokenize.Pad) || slices.Contains(h.tokens, tokenize.BOS) || slices.Contains(h.tokens, tokenize.EOS):
					t.Fatalf("tokens %v", h.tokens)
				case k > 0 && h.score > list[k-1].score:
					t.Fatalf("score %v after %v", h.score, list[k-1].score)
				}
			}
		}
	})
}

func TestFinishedSentencesLeave(t *testing.T) {
	seeds, sources := make([]uint64, 20), make([]int, 20)
	for i := range seeds {
		seeds[i], sources[i] = uint64(i), 5
	}
	f := newFake(8, seeds, sources)
	found, err := search(t.Context(), f, unasked(sources), &SearchOptions{Beam: 1}, true)
	if err != nil {
		t.Fatal(err)
	}
	for step, rows := range f.rowsSeen {
		want := 0
		for _, list := range found {
			if len(list[0].logProbs) > step {
				want++
			}
		}
		if rows != want {
			t.Errorf("step %d: %d rows: want %d", step, rows, want)
		}
	}
	if f.rowsSeen[0] != 20 || len(f.rowsSeen) < 3 {
		t.Errorf("rows %v", f.rowsSeen)
	}

	f = newFake(8, seeds, sources)
	if _, err = search(t.Context(), f, unasked(sources), &SearchOptions{Beam: 3}, true); err != nil {
		t.Fatal(err)
	}
	if last := f.rowsSeen[len(f.rowsSeen)-1]; f.rowsSeen[1] != 60 || last >= 60 || last%3 != 0 {
		t.Errorf("rows %v", f.rowsSeen)
	}
}

func TestTies(t *testing.T) {
	f := newFake(7, []uint64{1}, []int{1})
	f.of = func(_ uint64, row []float32) {} // all 0
	o := &SearchOptions{Beam: 3, NBest: 3, MaxLengthRatio: 0.01, MaxLengthConstant: 2}
	found, err := search(t.Context(), f, unasked([]int{1}), o, true)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range found[0] {
		got = append(got, fmt.Sprint(h.tokens, h.finished))
	}
	// The first step finishes </s>, 3, which is second, and keeps 1, 4 and 5. The second finishes 1 </s> and keeps 1 1,
	// 1 4 and 1 5. All average the same.
	want := []string{"[] true", "[1] true", "[1 1] false"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v: want %v", got, want)
	}

	greedy, err := search(t.Context(), newTied(), unasked([]int{1}), &SearchOptions{Beam: 1, MaxLengthRatio: 0.01, MaxLengthConstant: 3}, false)
	if err != nil {
		t.Fatal(err)
	}
	if got := greedy[0][0].tokens; !slices.Equal(got, []int32{1, 1, 1}) {
		t.Errorf("greedy: %v: want the lowest id, %d", got, tokenize.Unk)
	}
}

func newTied() *fakeStepper {
	f := newFake(7, []uint64{1}, []int{1})
	f.of = func(uint64, []float32) {}
	return f
}

func TestCancel(t *testing.T) {
	for _, width := range []int{1, 4} {
		ctx, cancel := context.WithCancel(t.Context())
		f := newFake(50, []uint64{1}, []int{100})
		f.each = func(step int) error {
			if step == 3 {
				cancel()
			}
			return nil
		}
		_, err := search(ctx, f, unasked([]int{100}), &SearchOptions{Beam: width}, false)
		if !errors.Is(err, context.Canceled) || len(f.rowsSeen) != 3 {
			t.Errorf("beam %d: %v after %d steps: want %v after 3", width, err, len(f.rowsSeen), context.Canceled)
		}
	}
}

func TestSearchErrors(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name  string
		of    func(uint64, []float32)
		each  func(int) error
		want  string
		beams []int
	}{
		{"step", nil, func(int) error { return broken }, "broken", []int{1, 3}},
		{"NaN", func(_ uint64, row []float32) { row[4] = float32(math.NaN()) }, nil, "seq2seq: search: token 1: the model's outputs are not finite numbers", []int{1, 3}},
		{"infinity", func(_ uint64, row []float32) { row[4] = float32(math.Inf(1)) }, nil, "not finite", []int{1, 3}},
		{"nothing possible", func(_ uint64, row []float32) {
			for i := range row {
				row[i] = float32(math.Inf(-1))
			}
			row[tokenize.Pad] = 0
		}, nil, "not finite", []int{1, 3}},
	}
	for _, test := range tests {
		for _, width := range test.beams {
			f := newFake(6, []uint64{1, 2}, []int{3, 3})
			f.of, f.each = test.of, test.each
			_, err := search(t.Context(), f, unasked(f.sources), &SearchOptions{Beam: width}, true)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s, beam %d: %v: want %s", test.name, width, err, test.want)
			}
		}
	}
	if _, err := search(t.Context(), newFake(6, []uint64{1}, []int{3}), unasked([]int{3, 3}), nil, true); err == nil {
		t.Error("too few rows: no error")
	}
	for _, width := range []int{1, 3} {
		f := unattentive{newFake(6, []uint64{1}, []int{3})}
		_, err := search(t.Context(), f, unasked([]int{3}), &SearchOptions{Beam: width, CoveragePenalty: 0.2}, true)
		if !errors.Is(err, errCoverage) {
			t.Errorf("beam %d: %v: want %v", width, err, errCoverage)
		}
	}
}

// unattentive is a model without attention.
type unattentive struct{ *fakeStepper }

func (unattentive) attention(int) []float32 { return nil }

func TestSearchOptions(t *testing.T) {
	want := SearchOptions{Beam: 5, NBest: 1, LengthNorm: NormAverage, Alpha: 1, MaxLengthRatio: 2, MaxLengthConstant: 10, DiverseGroups: 1, BatchSentences: 64}
	for _, o := range []*SearchOptions{nil, {}} {
		if err := o.Validate(); err != nil {
			t.Error(err)
		}
		if got := o.resolved(); !gocmp.Equal(got, want) || got.limit(&sentence{source: 7}) != 24 {
			t.Errorf("defaults %+v: want %+v", got, want)
		}
	}
	if got := (&SearchOptions{LengthNorm: NormGNMT}).resolved().Alpha; got != 0.6 {
		t.Errorf("alpha of gnmt %v: want 0.6", got)
	}
	if err := (&SearchOptions{Beam: 10, NBest: 10, LengthNorm: NormGNMT, Alpha: 0.2, CoveragePenalty: 0.2}).Validate(); err != nil {
		t.Error(err)
	}
	bad := &SearchOptions{Beam: -1, NBest: -1, LengthNorm: "log", Alpha: -1, CoveragePenalty: math.NaN(), MaxLengthRatio: math.Inf(1), MaxLengthConstant: -1, BatchSentences: -1}
	lines := strings.Split(bad.Validate().Error(), "\n")
	if len(lines) != 8 || lines[2] != `length_norm: "log": want none, average or gnmt` {
		t.Errorf("violations:\n%s", strings.Join(lines, "\n"))
	}
	for o, want := range map[*SearchOptions]string{
		{NBest: 1001}:                       "nbest: 1001 of beam: 1000: want at most 1000, or a wider beam",
		{LengthNorm: NormNone, Alpha: 0.5}:  "alpha: 0.5 with length_norm none: want 0",
		{Beam: 1, NBest: 2, LengthNorm: ""}: "nbest: 2 of beam: 1: want at most 1, or a wider beam",
	} {
		if err := o.Validate(); err == nil || err.Error() != want {
			t.Errorf("%+v: %v: want %s", o, err, want)
		}
	}
}

// TestRanking checks the partial selection against a full sort, with many ties and with sums that round to equal.
func TestRanking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := ranking{size: rapid.IntRange(1, 12).Draw(t, "size")}
		scale := rapid.SampledFrom([]float32{1, 1e-9, 1e-20, 1e9}).Draw(t, "scale")
		start := rapid.SampledFrom([]float64{0, -1.5, -1e4}).Draw(t, "start")
		var all []candidate
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		values := rapid.SampledFrom([]int{1, 7, 1000}).Draw(t, "values")
		shift := values * rapid.IntRange(0, 2).Draw(t, "shift") / 2
		peaks := rapid.Bool().Draw(t, "peaks")
		for parent := range rapid.IntRange(1, 4).Draw(t, "parents") {
			row := make([]float32, rapid.SampledFrom([]int{5, 20, 300, 700}).Draw(t, "vocabulary"))
			for i := range row {
				row[i] = scale * float32(rng.IntN(values)-shift)
				if peaks && (i+1)%256 < 2 { // at the edges of blocks
					row[i] += scale * float32(values)
				}
				all = append(all, candidate{parent, int32(i), row[i], start + float64(row[i])})
			}
			r.add(parent, start, row)
		}
		slices.SortStableFunc(all, candidate.order)
		if diff := gocmp.Diff(all[:min(r.size, len(all))], r.list, gocmp.AllowUnexported(candidate{})); diff != "" {
			t.Fatal(diff)
		}
	})
}

// constantStepper costs nothing, so that a benchmark shows the search alone.
type constantStepper struct {
	n, size        int
	source, logits []float32
}

func (c *constantStepper) rows() int               { return c.n }
func (c *constantStepper) vocab() int              { return c.size }
func (c *constantStepper) reorder(rows []int)      { c.n = len(rows) }
func (c *constantStepper) attention(int) []float32 { return nil }
func (c *constantStepper) step(tokens []int32) ([]float32, error) {
	return c.logits[:copy(c.logits, c.source[:len(tokens)*c.size])], nil
}

func BenchmarkSearch(b *testing.B) {
	const sentences, vocab, source = 64, 8000, 10
	rng := rand.New(rand.NewPCG(1, 1))
	logits := make([]float32, sentences*5*vocab)
	for i := range logits {
		logits[i] = 3 * float32(rng.NormFloat64())
	}
	lengths := slices.Repeat([]int{source}, sentences)
	for _, width := range []int{1, 5} {
		b.Run(fmt.Sprintf("beam=%d", width), func(b *testing.B) {
			o := &SearchOptions{Beam: width}
			steps := 0
			for b.Loop() {
				c := &constantStepper{n: sentences, size: vocab, source: logits, logits: make([]float32, len(logits))}
				found, err := search(b.Context(), c, unasked(lengths), o, false)
				if err != nil {
					b.Fatal(err)
				}
				steps += len(found[0][0].tokens)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(steps), "µs/step")
		})
	}
}
