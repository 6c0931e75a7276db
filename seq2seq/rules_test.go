package seq2seq

import (
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// drawPhrase draws a phrase of one or two of the tokens 4 to 8, which may differ where it stands first.
func drawPhrase(t *rapid.T, label string) phrase {
	p := phrase{later: rapid.SliceOfN(rapid.Int32Range(4, 8), 1, 2).Draw(t, label)}
	p.first = slices.Clone(p.later)
	if rapid.Bool().Draw(t, label+" differs") {
		p.first[0] = 4 + (p.first[0]-3)%5
	}
	return p
}

// drawRules draws what is asked of a translation and sets the options that belong to it. Lengths are 1 to 4.
func drawRules(t *rapid.T, o *SearchOptions, wants bool) sentence {
	s := sentence{source: 1}
	o.MaxLengthRatio, o.MaxLengthConstant = 0.01, rapid.IntRange(2, 4).Draw(t, "constant")
	o.MinLength = rapid.IntRange(0, 3).Draw(t, "min length")
	o.NoRepeatNGram = rapid.IntRange(0, 2).Draw(t, "no repeat")
	s.prefix = rapid.SliceOfN(rapid.Int32Range(4, 8), 0, 2).Draw(t, "prefix")
	for range rapid.IntRange(0, 2).Draw(t, "avoided") {
		if p := drawPhrase(t, "avoid"); !p.within(s.prefix) {
			s.avoid = append(s.avoid, p)
		}
	}
	if wants {
		for range rapid.IntRange(0, 2).Draw(t, "wanted") {
			s.wants = append(s.wants, drawPhrase(t, "want"))
		}
		for o.limit(&s) > 5 {
			s.wants = s.wants[1:]
		}
	}
	return s
}

// holds reports, by its definition, whether tokens hold a phrase that ends after place.
func holds(tokens []int32, p phrase, place int) bool {
	for i := range tokens {
		want := p.later
		if i == 0 {
			want = p.first
		}
		if end := i + len(want); end > place && end <= len(tokens) && slices.Equal(tokens[i:end], want) {
			return true
		}
	}
	return false
}

// keeps reports, by their definitions, whether a hypothesis keeps the rules. Within the prefix anything goes.
func keeps(h hypothesis, s *sentence, o *SearchOptions) bool {
	begins := len(h.tokens) >= len(s.prefix) && slices.Equal(h.tokens[:len(s.prefix)], s.prefix)
	if !begins || h.finished && len(h.tokens) < o.MinLength {
		return false
	}
	for _, p := range s.avoid {
		if holds(h.tokens, p, len(s.prefix)) {
			return false
		}
	}
	for _, p := range s.wants {
		if !holds(h.tokens, p, 0) {
			return false
		}
	}
	if n := o.NoRepeatNGram; n > 0 {
		for end := max(n, len(s.prefix)+1); end <= len(h.tokens); end++ {
			for k := n; k < end; k++ {
				if slices.Equal(h.tokens[k-n:k], h.tokens[end-n:end]) {
					return false
				}
			}
		}
	}
	return true
}

// TestWideBeamKeepsRules holds that a beam as wide as the space finds all that keeps the rules, and nothing else.
func TestWideBeamKeepsRules(t *testing.T) {
	tried := 0
	rapid.Check(t, func(t *rapid.T) {
		o := &SearchOptions{}
		s := drawRules(t, o, true)
		f := newFake(9, []uint64{rapid.Uint64().Draw(t, "seed")}, []int{1})
		want := slices.DeleteFunc(allHypotheses(f, o, &s), func(h hypothesis) bool { return !keeps(h, &s, o) })
		if len(want) == 0 {
			return
		}
		tried++
		o.Beam = 10_000
		o.NBest = o.Beam
		got, err := search(t.Context(), f, []sentence{s}, o, true)
		if err != nil {
			t.Fatal(err)
		}
		byTokens := cmpopts.SortSlices(func(g, h hypothesis) bool { return slices.Compare(g.tokens, h.tokens) < 0 })
		if diff := gocmp.Diff(want, got[0], near, byTokens); diff != "" {
			t.Fatal(diff)
		}
	})
	if tried < 10 {
		t.Errorf("%d tries that leave anything: want 10", tried)
	}
}

// TestNarrowBeamKeepsRules holds that what any search finds keeps the rules, that greedy search is a beam of one, and
// that what becomes of a sentence does not depend on the others.
func TestNarrowBeamKeepsRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := &SearchOptions{}
		kind := rapid.SampledFrom([]string{"greedy", "beam", "wants", "diverse", "sample"}).Draw(t, "kind")
		s := drawRules(t, o, kind == "wants")
		switch kind {
		case "greedy":
			o.Beam = 1
		case "beam", "wants":
			o.Beam = rapid.IntRange(1, 4).Draw(t, "beam")
		case "diverse":
			o.Beam, o.DiverseGroups = 6, rapid.SampledFrom([]int{2, 3, 6}).Draw(t, "groups")
		case "sample":
			o.Sample, o.Temperature, o.TopK = 3, 1.5, rapid.IntRange(0, 3).Draw(t, "top k")
			o.TopP = rapid.SampledFrom([]float64{0, 0.8}).Draw(t, "top p")
		}
		o.NBest = o.found()
		seeds := []uint64{1, rapid.Uint64().Draw(t, "seed"), 2}
		s.number = 1
		batch := []sentence{{source: 1}, s, {source: 1, number: 2, prefix: []int32{5}}}
		lengths := []int{1, 1, 1}
		found, err := search(t.Context(), newFake(12, seeds, lengths), batch, o, true)
		if err != nil {
			t.Fatal(err)
		}
		for i := range batch {
			alone, err := search(t.Context(), newFake(12, seeds[i:i+1], lengths[:1]), batch[i:i+1], o, true)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(alone[0], found[i], exact); diff != "" {
				t.Fatalf("sentence %d: %s", i, diff)
			}
		}
		possible := len(s.wants) == 0 || slices.ContainsFunc(allHypotheses(newFake(9, seeds[1:2], lengths[:1]), o, &s), func(h hypothesis) bool { return keeps(h, &s, o) })
		for _, h := range found[1] {
			if len(s.wants) == 0 && !keeps(h, &s, o) {
				t.Fatalf("%v breaks the rules", h.tokens)
			}
			for _, p := range s.wants {
				if o.NoRepeatNGram == 0 && len(s.avoid) == 0 && possible && !p.within(h.tokens) {
					t.Fatalf("%v holds not %v", h.tokens, p)
				}
			}
		}
		if kind == "greedy" {
			r := o.resolved()
			got, err := beamSearch(t.Context(), newFake(12, seeds, lengths), batch, &r)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(found, got, exact); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

// TestNothingMayFollow holds that a translation ends where the rules leave nothing else.
func TestNothingMayFollow(t *testing.T) {
	for _, o := range []*SearchOptions{
		{Beam: 1, MinLength: 5, NoRepeatNGram: 1},
		{Beam: 3, MinLength: 5, NoRepeatNGram: 1},
		{Sample: 2, MinLength: 5, NoRepeatNGram: 1},
	} {
		found, err := search(t.Context(), newFake(6, []uint64{3}, []int{3}), unasked([]int{3}), o, true)
		if err != nil {
			t.Fatal(err)
		}
		if h := found[0][0]; !h.finished || len(h.tokens) != 3 { // <unk>, 4 and 5
			t.Errorf("%+v: %v, finished %v: want three tokens and the end", o, h.tokens, h.finished)
		}
	}
}
