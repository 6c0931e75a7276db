package metric

import (
	"math/rand/v2"
	"testing"
)

// TestCompare compares a baseline with itself, with an equally good system, and with a much better one.
func TestCompare(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var refs [][]string
	systems := make([][]string, 4)
	for i := range 300 {
		refs = append(refs, []string{"right"})
		for k, rate := range []float64{0.3, 0.3, 0.3, 0.1} {
			text := "right"
			if rng.Float64() < rate {
				text = "wrong"
			}
			if k == 1 {
				text = systems[0][i]
			}
			systems[k] = append(systems[k], text)
		}
	}
	got, err := Compare(NewExactMatch(), systems, refs, &CompareOptions{Samples: 500, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range got {
		score, err := Corpus(NewExactMatch(), systems[i], refs)
		if err != nil {
			t.Fatal(err)
		}
		if c.Score.Value != score.Value || c.Score.Signature != score.Signature {
			t.Errorf("system %d: score %v: want %v", i, c.Score, score)
		}
		if w := c.Score.Confidence.HalfWidth; w < 2 || w > 8 {
			t.Errorf("system %d: half an interval of %v: want about 5", i, w)
		}
		if (c.Bootstrap == nil) != (i == 0) || (c.Randomization == nil) != (i == 0) {
			t.Fatalf("system %d: tests %v, %v", i, c.Bootstrap, c.Randomization)
		}
	}
	if p := got[2].Randomization.PValue; p < 0.05 {
		t.Errorf("as good a system differs with p = %v", p)
	}
	for name, c := range map[string]*Comparison{"bootstrap": got[3].Bootstrap, "randomization": got[3].Randomization} {
		if c.PValue > 0.01 {
			t.Errorf("%s: a much better system differs with p = %v", name, c.PValue)
		}
	}
	if _, err := Compare(NewExactMatch(), nil, refs, nil); err == nil {
		t.Error("no error about no systems")
	}
	if _, err := Compare(NewExactMatch(), [][]string{{"a"}}, refs, nil); err == nil {
		t.Error("no error about too few lines")
	}
}
