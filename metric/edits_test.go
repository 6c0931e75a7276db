package metric

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// distance computes the edit distance by its definition.
func distance(a, b []int) int {
	switch {
	case len(a) == 0:
		return len(b)
	case len(b) == 0:
		return len(a)
	case a[0] == b[0]:
		return distance(a[1:], b[1:])
	}
	return 1 + min(distance(a[1:], b[1:]), distance(a[1:], b), distance(a, b[1:]))
}

func TestEditDistance(t *testing.T) {
	if got := EditDistance([]rune("kitten"), []rune("sitting")); got != 3 {
		t.Errorf("kitten to sitting takes %d, want 3", got)
	}
	short := rapid.SliceOfN(rapid.IntRange(0, 2), 0, 6)
	rapid.Check(t, func(t *rapid.T) {
		a, b := short.Draw(t, "a"), short.Draw(t, "b")
		if got, want := EditDistance(a, b), distance(a, b); got != want {
			t.Fatalf("%v to %v takes %d, want %d", a, b, got, want)
		}
	})
}

// TestRates compares with counts made by hand.
func TestRates(t *testing.T) {
	hyps := []string{"k ae t", "d ao g z", "", "b er d"}
	refs := [][]string{
		{"k ae t"},
		{"d aa g", "d ao g", "d ao g z z"}, // two references are equally near: 1 of 3
		{"f ih sh"},                        // 3 of 3
		{"b ae d", "b ih r d"},             // 1 of 3
	}
	for _, c := range []struct {
		spec      string
		count, of float64
	}{
		{"wer", 5, 12},
		{"per", 5, 12},
		{"exact", 1, 4},
		{"ser", 3, 4},
		{"accuracy", 3 + 2 + 0 + 2, 3 + 3 + 3 + 3},
		{"cer", 0 + 2 + 7 + 2, 6 + 6 + 7 + 6},
	} {
		s, err := Corpus(parse(t, c.spec), hyps, refs)
		if err != nil {
			t.Fatal(err)
		}
		if *s.Ratio != (Ratio{c.count, c.of}) || s.Value != 100*c.count/c.of {
			t.Errorf("%s is %v of %v, %v: want %v of %v", c.spec, s.Ratio.Count, s.Ratio.Of, s.Value, c.count, c.of)
		}
	}
	if got := Perplexity(3*math.Log(7), 3); math.Abs(got-7) > 1e-12 {
		t.Errorf("perplexity %v, want 7", got)
	}
}

func TestEmptyReferences(t *testing.T) {
	for spec, want := range map[string]float64{
		"wer": 200, "cer": 300, "ter": 100, "exact": 0, "ser": 100, "accuracy": 0, "bleu": 0, "chrf": 0,
	} {
		m := parse(t, spec)
		if got := m.Score(m.Stats("a b", []string{""})).Value; got != want {
			t.Errorf("%s of words that should not be: %v, want %v", spec, got, want)
		}
	}
	for spec, want := range map[string]float64{"wer": 0, "ter": 0, "exact": 100, "ser": 0, "bleu": 0, "chrf": 0} {
		m := parse(t, spec)
		if got := m.Score(m.Stats("", []string{" "})).Value; got != want {
			t.Errorf("%s of nothing that is right: %v, want %v", spec, got, want)
		}
	}
}

// TestShifts holds that TER is at most the edit distance and at least the difference in length.
func TestShifts(t *testing.T) {
	text := rapid.SliceOfN(rapid.Int32Range(0, 4), 0, 20)
	rapid.Check(t, func(t *rapid.T) {
		hyp, ref := text.Draw(t, "hyp"), text.Draw(t, "ref")
		before := slices.Clone(hyp)
		got := editsWithShifts(hyp, ref)
		if d := EditDistance(hyp, ref); got > d {
			t.Fatalf("%d edits, without moves %d", got, d)
		}
		if less := max(len(hyp)-len(ref), len(ref)-len(hyp)); got < less {
			t.Fatalf("%d edits, but lengths differ by %d", got, less)
		}
		if !slices.Equal(before, hyp) {
			t.Fatal("the hypothesis was changed")
		}
	})
	if got := editsWithShifts([]int32{4, 5, 6, 1, 2, 3}, []int32{1, 2, 3, 4, 5, 6}); got != 1 {
		t.Errorf("one move counts %d", got)
	}
}
