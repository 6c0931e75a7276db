package corpora

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestMix(t *testing.T) {
	lines := make([]string, 101)
	for i := range lines {
		lines[i] = fmt.Sprint("line ", i)
	}
	mixed, replaced, err := Mix(lines, 0.05, 1, Draw([]string{"x", "y", "z"}))
	if err != nil {
		t.Fatal(err)
	}
	counts := make(map[string]int)
	for i, line := range mixed {
		if replaced[i] {
			counts[line]++
		} else if line != lines[i] {
			t.Errorf("line %d is %q: want %q", i, line, lines[i])
		}
	}
	// 5 of 3 lines: each once, and then two again.
	if got := []int{counts["x"], counts["y"], counts["z"]}; slices.Max(got) != 2 || slices.Min(got) != 1 || got[0]+got[1]+got[2] != 5 {
		t.Errorf("replaced by %v: want 5 lines, none a third time", counts)
	}
	again, _, _ := Mix(lines, 0.05, 1, Draw([]string{"x", "y", "z"}))
	other, _, _ := Mix(lines, 0.05, 2, Draw([]string{"x", "y", "z"}))
	if !slices.Equal(mixed, again) || slices.Equal(mixed, other) {
		t.Error("want the seed to fix the result")
	}
	for _, share := range []float64{-0.1, 1.1} {
		if _, _, err := Mix(lines, share, 1, ShuffleWords); err == nil || err.Error() != fmt.Sprintf("corpora: mixing: share is %v: want 0 to 1", share) {
			t.Errorf("share %v: %v", share, err)
		}
	}
}

func TestShuffleWords(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, test := range []struct{ line, want string }{{"", ""}, {"a", "a"}, {"a  a", "a a"}, {"a b", "b a"}} {
		if got := ShuffleWords(rng, test.line); got != test.want {
			t.Errorf("%q: %q, want %q", test.line, got, test.want)
		}
	}
	line := "a b c d e f"
	got := strings.Fields(ShuffleWords(rng, line))
	sorted := slices.Sorted(slices.Values(got))
	if strings.Join(got, " ") == line || strings.Join(sorted, " ") != line {
		t.Errorf("%q: want the words of %q in another order", got, line)
	}
}
