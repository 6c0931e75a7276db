package repair

import (
	"math"
	"strings"
	"unicode"
)

// Costs of words outside the lexicon, as log-probabilities, where a line is divided into words. They weigh against the
// labeler's probabilities of spaces.
const (
	costUnknown  = 6.0
	costName     = 2.0 // it begins with a capital
	costJoined   = 1.8 // its parts are known, as in well-known
	longestWord  = 40  // characters
	leastSpacing = 1e-6
	leastDivided = 0.5 // probability of an edit that the lexicon prefers to the likeliest label
)

// gap is the place after a character where a space may stand.
type gap struct {
	token int  // whose label decides: the character, or the space after it
	space bool // the token is a space, which may go
	fixed bool // white space that stays whatever the words
	p     float64
}

// divide divides a line into words: it chooses the spaces that make known words and that the labeler finds likely.
func (r *Repairer) divide(g *reading) {
	chars, gaps := r.gaps(g)
	n := len(chars)
	if n == 0 {
		return
	}
	joined := make([]float64, n+1) // of k: log-probability that no space stands in the gaps before k
	for k, s := range gaps {
		joined[k+1] = joined[k] + math.Log(1-s.p)
	}
	best, from := make([]float64, n+1), make([]int, n+1)
	for end := 1; end <= n; end++ {
		best[end] = math.Inf(-1)
		last := gaps[end-1]
		var spaced float64
		if end < n && !last.fixed {
			spaced = math.Log(last.p)
		}
		for start := end - 1; start >= max(0, end-longestWord); start-- {
			if start < end-1 && gaps[start].fixed {
				break
			}
			score := best[start] + joined[end-1] - joined[start] + spaced
			if score > best[end] {
				score -= r.wordCost(chars[start:end])
			}
			if score > best[end] {
				best[end], from[end] = score, start
			}
		}
	}
	spaces := make([]bool, n)
	for end := n; end > 0; end = from[end] {
		spaces[end-1] = end < n
	}
	for k, s := range gaps[:n-1] {
		if !s.fixed {
			r.space(g, s, spaces[k])
		}
	}
}

// gaps returns the characters of a line other than white space, and the gap after each.
func (r *Repairer) gaps(g *reading) ([]string, []gap) {
	var chars []string
	var gaps []gap
	for i, token := range g.tokens {
		if isWordToken(token) {
			s := gap{token: i}
			for label, p := range g.distributions[i] {
				if strings.TrimSpace(r.edits[label].insert) != r.edits[label].insert {
					s.p += float64(p)
				}
			}
			chars, gaps = append(chars, unquoteToken(token)), append(gaps, s)
			continue
		}
		if len(gaps) == 0 {
			continue
		}
		s := &gaps[len(gaps)-1]
		*s = gap{token: i, space: true, fixed: s.space || token != `\s`}
		for label, p := range g.distributions[i] {
			if r.edits[label].change != changeDelete {
				s.p += float64(p)
			}
		}
	}
	for k := range gaps {
		gaps[k].p = min(max(gaps[k].p, leastSpacing), 1-leastSpacing)
	}
	return chars, gaps
}

// spacing reports whether the edit changes nothing but a space after the character.
func (e edit) spacing() bool {
	return e.change == changeKeep && !e.twice && (e.insert == "" || e.insert == " ")
}

// space labels the token of a gap so that a space stands there, or none.
func (r *Repairer) space(g *reading, s gap, wanted bool) {
	e := edit{change: changeKeep}
	if !s.space && !g.labels[s.token].spacing() {
		return
	}
	switch {
	case s.space && !wanted:
		e.change = changeDelete
	case !s.space && wanted:
		e.insert = " "
	}
	if g.labels[s.token] == e {
		return
	}
	p := s.p
	if !wanted {
		p = 1 - s.p
	}
	g.labels[s.token], g.probabilities[s.token] = e, max(p, leastDivided)
}

// wordCost returns the cost of characters as a word: none for one in the lexicon and for signs.
func (r *Repairer) wordCost(chars []string) float64 {
	word := strings.TrimFunc(strings.Join(chars, ""), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	switch {
	case !strings.ContainsFunc(word, unicode.IsLetter) || r.isKnown(word) || r.isKnown(strings.TrimSuffix(word, "'s")):
		return 0
	case r.hasParts(word):
		return costJoined
	case isUpper(word):
		return costName
	}
	return costUnknown
}

// isKnown reports whether a word is in the lexicon, as it is or in lower case.
func (r *Repairer) isKnown(word string) bool {
	return r.lexicon[word] || r.lexicon[strings.ToLower(word)]
}

// hasParts reports whether the parts of a word are known: its runs of letters.
func (r *Repairer) hasParts(word string) bool {
	for part := range strings.FieldsFuncSeq(word, func(c rune) bool { return !unicode.IsLetter(c) }) {
		if !r.isKnown(part) {
			return false
		}
	}
	return true
}
