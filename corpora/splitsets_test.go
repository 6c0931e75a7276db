package corpora

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestTextKey(t *testing.T) {
	for _, test := range [...][2]string{
		{"Don't — run,\tÉmile!  ", "dont run émile"},
		{"e\u0301", "e\u0301"},
		{"«?!»", "«?!»"},
		{"", ""},
		{"10.5 km", "10 5 km"},
	} {
		if got := TextKey(test[0]); got != test[1] {
			t.Errorf("%q: %q, want %q", test[0], got, test[1])
		}
	}
}

// TestSplitSets checks with few distinct texts that parts share none, have their sizes, and hold every example that
// could stay.
func TestSplitSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("T%d.", rapid.IntRange(0, 60).Draw(t, "text")) })
		examples := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Example {
			return Example{Source: text.Draw(t, "source"), Targets: rapid.SliceOfN(text, 0, 3).Draw(t, "targets"), Negatives: rapid.SliceOfN(text, 0, 1).Draw(t, "negatives")}
		}), 1, 40).Draw(t, "examples")
		counts := rapid.SliceOfN(rapid.IntRange(0, 3), 1, 2).Draw(t, "counts")
		parts, report, err := SplitSets(examples, 1, counts...)
		if err != nil {
			return // too few
		}
		n, owner := report.Dropped, map[string]int{}
		for i, part := range parts {
			if n += len(part); i > 0 && len(part) != counts[i-1] || report.Parts[i].Examples != len(part) {
				t.Fatalf("part %d has %d examples, want %v and report %+v", i, len(part), counts, report)
			}
			for _, e := range part {
				for text := range e.Texts() {
					if was, ok := owner[TextKey(text)]; ok && was != i {
						t.Fatalf("%q is in parts %d and %d", text, was, i)
					}
					owner[TextKey(text)] = i
				}
			}
		}
		if n != len(examples) {
			t.Fatalf("%d of %d examples", n, len(examples))
		}
		slices.Reverse(examples)
		again, _, err := SplitSets(examples, 1, counts...)
		if err != nil {
			t.Fatal(err)
		}
		for i := range again {
			slices.Reverse(again[i])
		}
		if diff := cmp.Diff(parts[1], again[1]); diff != "" {
			t.Fatalf("the order of the examples matters: %s", diff)
		}
	})
	_, _, err := SplitSets([]Example{{Source: "a"}}, 1, 2)
	if want := "corpora: part 1 of the split has 1 examples without sharing a text: want 2"; message(err) != want {
		t.Error(err)
	}
}
