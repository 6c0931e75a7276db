package repair

import "testing"

// TestDivide checks that the words of a lexicon and the labeler's probabilities of spaces decide where words end.
func TestDivide(t *testing.T) {
	r := &Repairer{
		edits:   []edit{{change: changeKeep}, {change: changeKeep, insert: " "}, {change: changeDelete}},
		lexicon: map[string]bool{"a": true, "tobacco": true, "smoke": true, "well": true, "known": true, "Tom": true, "to": true},
	}
	for _, c := range []struct {
		line string
		p    map[int]float32 // token: probability of a space after it, or of the space's deletion
		want string
	}{
		{"smoketobacco", map[int]float32{5: 0.9, 7: 0.8}, "smoke tobacco"},                   // not "to bacco"
		{"smoketobacco", map[int]float32{5: 0.4, 7: 0.8}, "smoke tobacco"},                   // likelier labels make no words
		{"smoketobacco", map[int]float32{5: 0.9, 7: 0.9999}, "smoke to bacco"},               // the labeler is sure
		{"smokeZyx,a", map[int]float32{5: 0.9, 9: 0.9}, "smoke Zyx, a"},                      // names, marks
		{"Tom'swell-knownsmoke", map[int]float32{5: 0.7, 15: 0.6}, "Tom's well-known smoke"}, // parts of words
		{"smo ke  a", map[int]float32{4: 0.4}, "smoke  a"},                                   // a space too many
		{"3.14", map[int]float32{2: 0.2}, "3.14"},
		{"  ", nil, "  "},
	} {
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
