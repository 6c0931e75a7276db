package repair

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// TestLexiconChooses checks that words of the lexicon win among repairs of a word, and that suggestions rank them.
func TestLexiconChooses(t *testing.T) {
	reading := func(word string, deleted map[int]float32) *reading {
		g := &reading{tokens: tokensOf(word)}
		for i := range g.tokens {
			p := deleted[i]
			g.distributions = append(g.distributions, []float32{1 - p, p})
			e, q := edit{change: changeKeep}, 1-p
			if p > 0.5 {
				e, q = edit{change: changeDelete}, p
			}
			g.labels, g.probabilities = append(g.labels, e), append(g.probabilities, float64(q))
		}
		return g
	}
	r := &Repairer{edits: []edit{{change: changeKeep}, {change: changeDelete}}, lexicon: map[string]bool{"carry": true}}
	unsure := map[int]float32{3: 0.9, 5: 0.55} // the second a, the second r
	g := reading("caarry", unsure)
	suggestions := r.consider(g, 2)
	if got := Apply(g.tokens, labelsOf(g)); got != "carry" {
		t.Errorf("%q: want carry", got)
	}
	if edits := g.edits(0.5); len(edits) != 1 || edits[0].Text != "" || edits[0].Start != 2 || edits[0].End != 3 || math.Abs(edits[0].Probability-0.915) > 0.001 {
		t.Errorf("edits %+v", edits)
	}
	if len(suggestions) != 1 || suggestions[0].Start != 0 || suggestions[0].End != 6 {
		t.Fatalf("suggestions %+v", suggestions)
	}
	if c := suggestions[0].Candidates; len(c) != 2 || c[0].Text != "carry" || c[1].Text != "cary" {
		t.Errorf("candidates %+v", c)
	}
	for word, want := range map[string]string{"Caarry": "Caarry", "carry": "carry", "car3ry": "car3ry"} {
		g := reading(word, map[int]float32{3: 0.3})
		r.consider(g, 0)
		if got := Apply(g.tokens, labelsOf(g)); got != want {
			t.Errorf("%q becomes %q: want %q", word, got, want)
		}
	}
	if long := reading(strings.Repeat("ar", longestRun), unsure); r.consider(long, 2) != nil {
		t.Error("a run of 200 letters has suggestions: want none")
	}
	words := withText([]string{"river"}, Lines([]string{"A dog's dog, a dog's dog.", "Rock'n'roll a dog's 3rd dog"}), leastCount)
	if want := []string{"dog", "dog's", "river"}; !slices.Equal(words, want) {
		t.Errorf("lexicon %q: want %q", words, want)
	}
	if got := further(words, Lines([]string{"the dog"})); !slices.Equal(got, []string{"dog's", "river"}) {
		t.Errorf("further words %q", got)
	}
}

func labelsOf(g *reading) []string {
	var labels []string
	for _, e := range g.labels {
		labels = append(labels, e.String())
	}
	return labels
}
