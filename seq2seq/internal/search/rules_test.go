package search

import (
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// drawPhrase draws a phrase of one or two of the tokens 4 to 8. It may differ at the beginning of a translation.
func drawPhrase(t *rapid.T, label string) Phrase {
	p := Phrase{Later: rapid.SliceOfN(rapid.Int32Range(4, 8), 1, 2).Draw(t, label)}
	p.First = slices.Clone(p.Later)
	if rapid.Bool().Draw(t, label+" differs") {
		p.First[0] = 4 + (p.First[0]-3)%5
	}
	return p
}

// drawRules draws the rules of a sentence and sets the options that belong to them. Lengths are 1 to 4.
func drawRules(t *rapid.T, o *Options, wants bool) Sentence {
	s := Sentence{Source: 1}
	o.Length.Ratio, o.Length.Constant = 0.01, rapid.IntRange(2, 4).Draw(t, "constant")
	o.Length.Min = rapid.IntRange(0, 3).Draw(t, "min length")
	if n := rapid.IntRange(0, 2).Draw(t, "no repeat"); n > 0 {
		o.Rules = []Rule{NoRepeat(n)}
	}
	s.Prefix = rapid.SliceOfN(rapid.Int32Range(4, 8), 0, 2).Draw(t, "prefix")
	for range rapid.IntRange(0, 2).Draw(t, "avoided") {
		if p := drawPhrase(t, "avoid"); !p.Within(s.Prefix) {
			s.Rules = append(s.Rules, Avoid(p))
		}
	}
	if wants {
		for range rapid.IntRange(0, 2).Draw(t, "wanted") {
			s.Wants = append(s.Wants, drawPhrase(t, "want"))
		}
		for o.Length.limit(&s) > 5 {
			s.Wants = s.Wants[1:]
		}
	}
	return s
}

// holds reports, by definition, whether tokens contain a phrase that ends after place.
func holds(tokens []int32, p Phrase, place int) bool {
	for i := range tokens {
		want := p.Later
		if i == 0 {
			want = p.First
		}
		if end := i + len(want); end > place && end <= len(tokens) && slices.Equal(tokens[i:end], want) {
			return true
		}
	}
	return false
}

// keeps reports, by definition, whether a hypothesis keeps the rules. Within the prefix no rule applies.
func keeps(h Hypothesis, s *Sentence, o *Options) bool {
	begins := len(h.Tokens) >= len(s.Prefix) && slices.Equal(h.Tokens[:len(s.Prefix)], s.Prefix)
	if !begins || h.Finished && len(h.Tokens) < o.Length.Min {
		return false
	}
	for _, p := range s.Rules {
		if holds(h.Tokens, Phrase(p.(Avoid)), len(s.Prefix)) {
			return false
		}
	}
	for _, p := range s.Wants {
		if !holds(h.Tokens, p, 0) {
			return false
		}
	}
	for _, rule := range o.Rules {
		n := int(rule.(NoRepeat))
		for end := max(n, len(s.Prefix)+1); end <= len(h.Tokens); end++ {
			for k := n; k < end; k++ {
				if slices.Equal(h.Tokens[k-n:k], h.Tokens[end-n:end]) {
					return false
				}
			}
		}
	}
	return true
}

// TestWideBeamKeepsRules checks that a beam as wide as the space finds exactly the hypotheses that keep the rules.
func TestWideBeamKeepsRules(t *testing.T) {
	tried := 0
	rapid.Check(t, func(t *rapid.T) {
		o := usual(5)
		s := drawRules(t, o, true)
		f := newFake(9, []uint64{rapid.Uint64().Draw(t, "seed")}, []int{1})
		want := slices.DeleteFunc(allHypotheses(f, o, &s), func(h Hypothesis) bool { return !keeps(h, &s, o) })
		if len(want) == 0 {
			return
		}
		tried++
		o.Beam = 10_000
		o.NBest = o.Beam
		got, err := Run(t.Context(), f, []Sentence{s}, o)
		if err != nil {
			t.Fatal(err)
		}
		byTokens := cmpopts.SortSlices(func(g, h Hypothesis) bool { return slices.Compare(g.Tokens, h.Tokens) < 0 })
		if diff := gocmp.Diff(want, got[0], near, byTokens); diff != "" {
			t.Fatal(diff)
		}
	})
	if tried < 10 {
		t.Errorf("%d tries have a hypothesis that keeps the rules: want 10", tried)
	}
}

// TestNarrowBeamKeepsRules checks that every search keeps the rules, that greedy search is a beam of one, and that a
// sentence's result does not depend on the others.
func TestNarrowBeamKeepsRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := usual(5)
		kind := rapid.SampledFrom([]string{"greedy", "beam", "wants", "diverse", "sample"}).Draw(t, "kind")
		s := drawRules(t, o, kind == "wants")
		switch kind {
		case "greedy":
			o.Beam = 1
		case "beam", "wants":
			o.Beam = rapid.IntRange(1, 4).Draw(t, "beam")
		case "diverse":
			o.Beam, o.Diverse = 6, Diverse{rapid.SampledFrom([]int{2, 3, 6}).Draw(t, "groups"), 0.5}
		case "sample":
			o.Sampling = Sampling{
				Samples: 3, Temperature: 1.5, TopK: rapid.IntRange(0, 3).Draw(t, "top k"),
				TopP: rapid.SampledFrom([]float64{1, 0.8}).Draw(t, "top p"),
			}
		}
		o.NBest = o.Rows()
		seeds := []uint64{1, rapid.Uint64().Draw(t, "seed"), 2}
		s.Number = 1
		batch := []Sentence{{Source: 1}, s, {Source: 1, Number: 2, Prefix: []int32{5}}}
		lengths := []int{1, 1, 1}
		found, err := Run(t.Context(), newFake(12, seeds, lengths), batch, o)
		if err != nil {
			t.Fatal(err)
		}
		for i := range batch {
			alone, err := Run(t.Context(), newFake(12, seeds[i:i+1], lengths[:1]), batch[i:i+1], o)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(alone[0], found[i], exact); diff != "" {
				t.Fatalf("sentence %d: %s", i, diff)
			}
		}
		possible := len(s.Wants) == 0 || slices.ContainsFunc(allHypotheses(newFake(9, seeds[1:2], lengths[:1]), o, &s), func(h Hypothesis) bool { return keeps(h, &s, o) })
		for _, h := range found[1] {
			if len(s.Wants) == 0 && !keeps(h, &s, o) {
				t.Fatalf("%v breaks the rules", h.Tokens)
			}
			for _, p := range s.Wants {
				if len(o.Rules) == 0 && len(s.Rules) == 0 && possible && !p.Within(h.Tokens) {
					t.Fatalf("%v does not contain %v", h.Tokens, p)
				}
			}
		}
		if kind == "greedy" {
			got, err := beamSearch(t.Context(), newFake(12, seeds, lengths), batch, o)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(found, got, exact); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

// TestNothingMayFollow checks that a translation ends if the rules allow no other token.
func TestNothingMayFollow(t *testing.T) {
	greedy, beam, sampling := usual(1), usual(3), usual(5)
	sampling.Sampling = Sampling{Samples: 2, Temperature: 1, TopP: 1}
	for _, o := range []*Options{greedy, beam, sampling} {
		o.Length.Min, o.Rules = 5, []Rule{NoRepeat(1)}
		found, err := Run(t.Context(), newFake(6, []uint64{3}, []int{3}), unasked([]int{3}), o)
		if err != nil {
			t.Fatal(err)
		}
		if h := found[0][0]; !h.Finished || len(h.Tokens) != 3 { // <unk>, 4 and 5
			t.Errorf("%+v: %v, finished %v: want three tokens and the end", o, h.Tokens, h.Finished)
		}
	}
}

// after is a rule of this test: no token follows itself.
type after struct{}

func (after) Restrict(tokens []int32, logits []float32) {
	if n := len(tokens); n > 0 {
		logits[tokens[n-1]] = Impossible
	}
}

// TestOwnRule checks that every search keeps a rule defined outside the package's own, for all sentences or for one.
func TestOwnRule(t *testing.T) {
	greedy, beam, diverse, sampling := usual(1), usual(4), usual(4), usual(5)
	diverse.Diverse = Diverse{Groups: 2, Weight: 0.5}
	sampling.Sampling = Sampling{Samples: 4, Temperature: 1, TopP: 1}
	seeds, lengths := []uint64{1, 2, 3}, []int{8, 8, 8}
	broken := 0
	for _, o := range []*Options{greedy, beam, diverse, sampling} {
		o.NBest = o.Rows()
		for _, one := range []bool{false, true} {
			sentences := unasked(lengths)
			o.Rules = []Rule{after{}}
			if one {
				o.Rules, sentences[1].Rules = nil, []Rule{after{}}
			}
			found, err := Run(t.Context(), newFake(7, seeds, lengths), sentences, o)
			if err != nil {
				t.Fatal(err)
			}
			for i, list := range found {
				for _, h := range list {
					repeats := len(slices.Compact(slices.Clone(h.Tokens))) < len(h.Tokens)
					if repeats && (!one || i == 1) {
						t.Errorf("%+v, sentence %d: %v repeats a token", o, i, h.Tokens)
					}
					if repeats {
						broken++
					}
				}
			}
		}
	}
	if broken == 0 {
		t.Error("no sentence without the rule repeats a token: the test shows nothing")
	}
}
