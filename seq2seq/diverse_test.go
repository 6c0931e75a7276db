package seq2seq

import (
	"cmp"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/tokenize"
)

// plainDiverse is diverse beam search written for one sentence, up to the length limit, and for nothing but being read.
func plainDiverse(f *fakeStepper, o *SearchOptions) []hypothesis {
	r := o.resolved()
	limit, width := r.limit(&sentence{source: f.sources[0]}), r.Beam/r.DiverseGroups
	type path struct {
		hypothesis
		state uint64
		rank  float64
	}
	live, done := make([][]path, r.DiverseGroups), make([][]hypothesis, r.DiverseGroups)
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
						q.logProb += float64(x) - lse
						q.rank = q.logProb - r.Diversity*float64(taken[int32(id)])
						q.logProbs = append(slices.Clone(p.logProbs), x-float32(lse))
						q.tokens = append(slices.Clone(p.tokens), int32(id))
						q.state = follow(p.state, int32(id))
						next = append(next, q)
					}
				}
			}
			slices.SortStableFunc(next, func(p, q path) int { return cmp.Compare(q.rank, p.rank) })
			live[g] = nil
			for rank, p := range next[:min(len(next), 2*width)] {
				p.score = r.score(p.logProb, step, nil)
				switch end := p.tokens[step-1] == tokenize.EOS; {
				case end && rank < width:
					p.tokens, p.finished = p.tokens[:step-1], true
					done[g] = append(done[g], p.hypothesis)
				case !end && len(live[g]) < width:
					live[g] = append(live[g], p)
				}
			}
			best := 0
			for _, p := range live[g] {
				taken[p.tokens[step-1]]++
				if step == limit {
					done[g] = append(done[g], p.hypothesis)
				}
			}
			for _, h := range done[g] {
				if !slices.ContainsFunc(live[g], func(p path) bool { return p.logProb > h.logProb }) {
					best++
				}
			}
			if len(done[g]) >= width && best >= min(width, r.NBest) {
				live[g] = nil
			}
		}
	}
	var all []hypothesis
	for _, h := range slices.Concat(done...) {
		if !slices.ContainsFunc(all, h.equal) {
			all = append(all, h)
		}
	}
	slices.SortStableFunc(all, func(g, h hypothesis) int { return cmp.Compare(h.score, g.score) })
	return all[:min(r.NBest, len(all))]
}

func TestDiverseEqualsPlain(t *testing.T) {
	different := 0
	rapid.Check(t, func(t *rapid.T) {
		seeds, sources := drawSentences(t)
		o := drawOptions(t)
		o.CoveragePenalty = 0
		o.DiverseGroups = rapid.IntRange(2, 3).Draw(t, "groups")
		o.Beam = o.DiverseGroups * rapid.IntRange(1, 3).Draw(t, "width")
		o.NBest = rapid.IntRange(1, o.Beam).Draw(t, "nbest")
		o.Diversity = rapid.SampledFrom([]float64{0.1, 1, 10}).Draw(t, "diversity")
		if err := o.Validate(); err != nil {
			t.Fatal(err)
		}
		want := plainDiverse(newFake(9, seeds[:1], sources[:1]), o)
		got, err := search(t.Context(), newFake(9, seeds, sources), unasked(sources), o, true)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, got[0], near); diff != "" {
			t.Fatal(diff)
		}
		o.DiverseGroups, o.Diversity = 1, 0
		plain, err := search(t.Context(), newFake(9, seeds, sources), unasked(sources), o, true)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(plain[0], got[0], hypothesis.equal) {
			different++
		}
	})
	if different == 0 {
		t.Error("groups never find anything else than plain beam search")
	}
}
