package repair

import "testing"

// TestCapitalize checks that a word's case elsewhere decides where the labeler is unsure.
func TestCapitalize(t *testing.T) {
	train := Lines([]string{"We saw Paris, and (Rome) too. Then Paris slept.", "I like turkey and the turkey's leg"})
	cases := textCases(train)
	for word, want := range map[string]Cases{"paris": {2, 0}, "then": {}, "turkey": {0, 2}, "rome": {}, "we": {}, "like": {0, 1}} {
		if cases[word] != want {
			t.Errorf("%s: counts %v: want %v", word, cases[word], want)
		}
	}
	r := &Repairer{
		edits:  []edit{{change: changeKeep}, {change: changeUpper}, {change: changeLower}},
		task:   Task{Cases: cases},
		listed: listedCases([]string{"London", "turkey", "rose", "Rose", "we"}),
	}
	for _, c := range []struct {
		line string
		p    float32 // of another case of each letter
		want string
	}{
		{"paris", 0.4, "Paris"},
		{"paris", 0.05, "paris"},
		{"(paris's", 0.4, "(Paris's"},
		{"Paris", 0.6, "Paris"},
		{"turkey", 0.6, "turkey"},
		{"london", 0.4, "London"},
		{"zyx", 0.3, "Zyx"},
		{"rose", 0.4, "rose"},
		{"we rose", 0.9, "We Rose"},
		{"3rd paris", 0.4, "3rd Paris"},
	} {
		g := &reading{tokens: tokensOf(c.line)}
		start := true
		for _, token := range g.tokens {
			q := []float32{1, 0, 0}
			if isWordToken(token) && start && isBare(token) {
				start = false
				if q = []float32{1 - c.p, c.p, 0}; isUpper(token) {
					q[1], q[2] = 0, c.p
				}
			} else if !isWordToken(token) {
				start = true
			}
			g.labels, g.probabilities = append(g.labels, edit{change: changeKeep}), append(g.probabilities, 1)
			g.distributions = append(g.distributions, q)
		}
		r.capitalize(g)
		if got := applyEdits(c.line, g.edits(0.5)); got != c.want {
			t.Errorf("%q becomes %q: want %q", c.line, got, c.want)
		}
	}
}
