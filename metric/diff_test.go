package metric

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestDiff holds that the edits of random pairs give both sequences, keep the longest common subsequence, and differ in
// kind from adjacent edits.
func TestDiff(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	draw := func() []int {
		out := make([]int, rng.IntN(12))
		for i := range out {
			out[i] = rng.IntN(4)
		}
		return out
	}
	for range 2000 {
		a, b := draw(), draw()
		var was, is []int
		kept := 0
		edits := Diff(a, b)
		for i, e := range edits {
			if len(e.Tokens) == 0 || i > 0 && e.Kind == edits[i-1].Kind {
				t.Fatalf("%v, %v: %+v", a, b, edits)
			}
			if e.Kind != Inserted {
				was = append(was, e.Tokens...)
			}
			if e.Kind != Deleted {
				is = append(is, e.Tokens...)
			}
			if e.Kind == Kept {
				kept += len(e.Tokens)
			}
		}
		if !slices.Equal(was, a) || !slices.Equal(is, b) {
			t.Fatalf("%v, %v: pieces %+v make %v and %v", a, b, edits, was, is)
		}
		if want := commonLengths(a, b)[0][0]; kept != want {
			t.Fatalf("%v, %v: %d kept: want %d", a, b, kept, want)
		}
	}
}
