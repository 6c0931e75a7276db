package repair

import (
	"maps"
	"strings"
	"testing"
)

// TestDivide checks that the words of a lexicon and the labeler's probabilities of spaces decide where words end.
func TestDivide(t *testing.T) {
	r := &Repairer{
		edits: []edit{{change: changeKeep}, {change: changeKeep, insert: " "}, {change: changeDelete}},
	}
	listed := costsOf([]string{"a", "tobacco", "smoke", "well", "known", "Tom", "to"}, nil)
	counted := costsOf([]string{"to"}, map[string]int{"now": 900, "here": 90, "Ann": 5, "an": 4, "nowhere": 3, "rare": 1, "Zyx": 1})
	for _, c := range []struct {
		costs *wordCosts
		line  string
		p     map[int]float32 // token: probability of a space after it, or of the space's deletion
		want  string
	}{
		{listed, "smoketobacco", map[int]float32{5: 0.9, 7: 0.8}, "smoke tobacco"},                   // not "to bacco"
		{listed, "smoketobacco", map[int]float32{5: 0.4, 7: 0.8}, "smoke tobacco"},                   // likelier labels make no words
		{listed, "smoketobacco", map[int]float32{5: 0.9, 7: 0.9999}, "smoke to bacco"},               // the labeler is sure
		{listed, "smokeZyx,a", map[int]float32{5: 0.9, 9: 0.9}, "smoke Zyx, a"},                      // names, marks
		{listed, "Tom'swell-knownsmoke", map[int]float32{5: 0.7, 15: 0.6}, "Tom's well-known smoke"}, // parts of words
		{listed, "smo ke  a", map[int]float32{4: 0.4}, "smoke  a"},                                   // a space too many
		{listed, "smoke" + strings.Repeat("x", 99) + "a", map[int]float32{5: 0.9, 104: 0.9}, "smoke " + strings.Repeat("x", 99) + " a"},
		{listed, "3.14", map[int]float32{2: 0.2}, "3.14"},
		{listed, "  ", nil, "  "},
		{counted, "nowhere", map[int]float32{3: 0.45}, "now here"}, // frequent words
		{counted, "NOWHERE", map[int]float32{3: 0.4}, "NOWHERE"},
		{counted, "Annan", map[int]float32{3: 0.1}, "Ann an"},
	} {
		r.costs = c.costs
		g := &reading{tokens: tokensOf(c.line)}
		for i, token := range g.tokens {
			p := c.p[i]
			other := 1
			if !isWordToken(token) {
				other = 2
			}
			q := []float32{1 - p, 0, 0}
			q[other] = p
			e := edit{change: changeKeep}
			if p > 0.5 {
				e = r.edits[other]
			}
			g.distributions, g.labels = append(g.distributions, q), append(g.labels, e)
			g.probabilities = append(g.probabilities, float64(max(p, 1-p)))
		}
		r.divide(g)
		if got := applyEdits(c.line, g.edits(0.5)); got != c.want {
			t.Errorf("%q becomes %q: want %q", c.line, got, c.want)
		}
	}
}

// TestCosts checks that unknown words cost as much as text holds them, and that counts of a text are folded.
func TestCosts(t *testing.T) {
	train := Lines([]string{"The tree, the tree and Rome.", "And Rome: 3 trees' roots (x-ray) Ely", "THE END"})
	counts := spacedCounts(map[string]int{"tree": 2}, train)
	if want := map[string]int{"the": 3, "tree": 4, "and": 2, "Rome": 2, "trees": 1, "roots": 1, "x-ray": 1, "Ely": 1, "End": 1}; !maps.Equal(counts, want) {
		t.Errorf("counts %v: want %v", counts, want)
	}
	text, both := costsOf(nil, counts), costsOf([]string{"roots", "Ely", "elm"}, counts)
	cost := func(c *wordCosts, word string) float64 { return c.of(characters(word)) }
	for _, c := range []struct {
		name        string
		less, great float64
	}{
		{"frequent words are cheaper", cost(text, "the"), cost(text, "roots")},
		{"known words are cheaper than names", cost(text, "roots"), cost(text, "Elm")},
		{"an unknown word is dearer where the lexicon has those that are rare", cost(text, "elms"), cost(both, "elms")},
		{"so are names", cost(text, "Elms"), cost(both, "Elms")},
		{"words of the lexicon are known", cost(both, "elm"), cost(text, "elm")},
		{"known parts are cheaper", cost(both, "elm-tree"), cost(both, "elmtree")},
	} {
		if !(c.less < c.great) {
			t.Errorf("%s: %v and %v", c.name, c.less, c.great)
		}
	}
	if c := cost(both, "Rome's"); c != cost(both, "rome") || cost(both, "12.5%") != 0 {
		t.Errorf("genitive %v, name %v, number %v", c, cost(both, "rome"), cost(both, "12.5%"))
	}
}
