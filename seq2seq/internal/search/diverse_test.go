package search

import (
	"cmp"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/tokenize"
)

// plainDiverse is a plain diverse beam search for one sentence, written to be read.
func plainDiverse(f *fakeStepper, o *Options) []Hypothesis {
	limit, width := o.Length.limit(&Sentence{Source: f.sources[0]}), o.Beam/o.Diverse.Groups
	type path struct {
		Hypothesis
		state uint64
		rank  float64
	}
	live, done := make([][]path, o.Diverse.Groups), make([][]Hypothesis, o.Diverse.Groups)
	for g := range live {
		live[g] = []path{{state: follow(f.states[0], tokenize.BOS)}}
	}
	for step := 1; step <= limit; step++ {
		taken := map[int32]int{}
		for g := range live {
			var next []path
			for _, p := range live[g] {
				row := make([]float32, f.size)
				f.fill(p.state, row)
				lse := float64(kernel.LogSumExp(row))
				for id, x := range row {
					if id != tokenize.Pad && id != tokenize.BOS {
						q := p
						q.LogProb += float64(x) - lse
						q.rank = q.LogProb - o.Diverse.Weight*float64(taken[int32(id)])
						q.LogProbs = append(slices.Clone(p.LogProbs), x-float32(lse))
						q.Tokens = append(slices.Clone(p.Tokens), int32(id))
						q.state = follow(p.state, int32(id))
						next = append(next, q)
					}
				}
			}
			slices.SortStableFunc(next, func(p, q path) int { return cmp.Compare(q.rank, p.rank) })
			live[g] = nil
			for rank, p := range next[:min(len(next), 2*width)] {
				p.Score = o.Scoring.Score(p.LogProb, step, nil)
				switch end := p.Tokens[step-1] == tokenize.EOS; {
				case end && rank < width:
					p.Tokens, p.Finished = p.Tokens[:step-1], true
					done[g] = append(done[g], p.Hypothesis)
				case !end && len(live[g]) < width:
					live[g] = append(live[g], p)
				}
			}
			best := 0
			for _, p := range live[g] {
				taken[p.Tokens[step-1]]++
				if step == limit {
					done[g] = append(done[g], p.Hypothesis)
				}
			}
			for _, h := range done[g] {
				if !slices.ContainsFunc(live[g], func(p path) bool { return p.LogProb > h.LogProb }) {
					best++
				}
			}
			if len(done[g]) >= width && best >= min(width, o.NBest) {
				live[g] = nil
			}
		}
	}
	var all []Hypothesis
	for _, h := range slices.Concat(done...) {
		if !slices.ContainsFunc(all, h.equal) {
			all = append(all, h)
		}
	}
	slices.SortStableFunc(all, func(g, h Hypothesis) int { return cmp.Compare(h.Score, g.Score) })
	return all[:min(o.NBest, len(all))]
}

func TestDiverseEqualsPlain(t *testing.T) {
	different := 0
	rapid.Check(t, func(t *rapid.T) {
		seeds, sources := drawSentences(t)
		o := drawOptions(t)
		o.Scoring.Coverage = 0
		o.Diverse.Groups = rapid.IntRange(2, 3).Draw(t, "groups")
		o.Beam = o.Diverse.Groups * rapid.IntRange(1, 3).Draw(t, "width")
		o.NBest = rapid.IntRange(1, o.Beam).Draw(t, "nbest")
		o.Diverse.Weight = rapid.SampledFrom([]float64{0.1, 1, 10}).Draw(t, "diversity")
		want := plainDiverse(newFake(9, seeds[:1], sources[:1]), o)
		got, err := Run(t.Context(), newFake(9, seeds, sources), unasked(sources), o)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, got[0], near); diff != "" {
			t.Fatal(diff)
		}
		o.Diverse.Groups, o.Diverse.Weight = 1, 0
		plain, err := Run(t.Context(), newFake(9, seeds, sources), unasked(sources), o)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(plain[0], got[0], Hypothesis.equal) {
			different++
		}
	})
	if different == 0 {
		t.Error("groups always find the same as plain beam search")
	}
}
