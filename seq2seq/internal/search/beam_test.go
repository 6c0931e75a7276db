package search

import (
	"cmp"
	"math"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/tokenize"
)

func TestWideBeamEqualsBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seeds, sources := drawSentences(t)
		o := drawOptions(t)
		o.Length.Constant = min(o.Length.Constant, 3)
		o.Length.Ratio = 0.01
		f := newFake(7, seeds[:1], sources[:1]) // 5 possible tokens, </s> among them: at most 4³ + 4² + 4 + 1 translations
		want := allHypotheses(f, o, &Sentence{Source: sources[0]})
		o.Beam, o.NBest = 100, 100
		got, err := Run(t.Context(), f, unasked(sources[:1]), o)
		if err != nil {
			t.Fatal(err)
		}
		// Scores that differ only by rounding may come in either order.
		byTokens := cmpopts.SortSlices(func(g, h Hypothesis) bool { return slices.Compare(g.Tokens, h.Tokens) < 0 })
		if diff := gocmp.Diff(want, got[0], near, byTokens); diff != "" {
			t.Fatal(diff)
		}
		for i := range want {
			if math.Abs(want[i].Score-got[0][i].Score) > 1e-4 {
				t.Fatalf("rank %d: score %v: want %v", i, got[0][i].Score, want[i].Score)
			}
		}
	})
}

// plainBeam is a plain beam search for one sentence, written to be read.
func plainBeam(f *fakeStepper, o *Options) []Hypothesis {
	limit := o.Length.limit(&Sentence{Source: f.sources[0]})
	type path struct {
		Hypothesis
		state   uint64
		covered []float32
		ended   bool
	}
	live := []path{{state: follow(f.states[0], tokenize.BOS)}}
	var done []Hypothesis
	enough := func() bool {
		likelier := 0
		for _, h := range done {
			if h.LogProb >= live[0].LogProb {
				likelier++
			}
		}
		return len(done) >= o.Beam && likelier >= o.NBest
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
					q.LogProb = p.LogProb - float64(lse) + float64(x)
					q.LogProbs = append(slices.Clone(p.LogProbs), x-lse)
					q.Tokens = append(slices.Clone(p.Tokens), int32(id))
					q.state = follow(p.state, int32(id))
					q.ended = id == tokenize.EOS
					next = append(next, q)
				}
			}
		}
		slices.SortStableFunc(next, func(p, q path) int { return cmp.Compare(q.LogProb, p.LogProb) })
		live = nil
		for rank, p := range next[:min(len(next), 2*o.Beam)] {
			p.Score = o.Scoring.Score(p.LogProb, step, nil)
			if o.Scoring.Coverage > 0 {
				p.Score = o.Scoring.Score(p.LogProb, step, p.covered)
			}
			switch {
			case p.ended && rank < o.Beam:
				p.Tokens, p.Finished = p.Tokens[:step-1], true
				done = append(done, p.Hypothesis)
			case !p.ended && len(live) < o.Beam:
				live = append(live, p)
			}
		}
		for _, p := range live {
			if step == limit {
				done = append(done, p.Hypothesis)
			}
		}
		if len(live) > 0 && enough() {
			break
		}
	}
	slices.SortStableFunc(done, func(g, h Hypothesis) int { return cmp.Compare(h.Score, g.Score) })
	return done[:min(o.NBest, len(done))]
}

func TestBeamEqualsPlain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seeds, sources := drawSentences(t)
		o := drawOptions(t)
		o.Beam = rapid.IntRange(2, 6).Draw(t, "beam")
		o.NBest = o.Beam
		f := newFake(9, seeds[:1], sources[:1])
		want := plainBeam(f, o)
		got, err := Run(t.Context(), f, unasked(sources[:1]), o)
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
		want, err := Run(t.Context(), newFake(9, seeds, sources), unasked(sources), o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := beamSearch(t.Context(), newFake(9, seeds, sources), unasked(sources), o)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, got, exact); diff != "" {
			t.Fatal(diff)
		}
	})
}
