package repair

import (
	"math"
	"strings"
	"unicode"
)

// Costs of words, as negative log-probabilities, where a line is divided into words. They weigh against the labeler's
// probabilities of spaces.
const (
	costUnknown  = 6.0 // without counts; the greatest with counts
	costName     = 2.0 // without counts: an unknown word that begins with a capital
	shareJoined  = 0.3 // of the cost of unknown words: for those of known parts, as in well-known
	weightCount  = 0.1 // of the log-probabilities of words by their counts
	countListed  = 0.1 // added to each count of a known word
	countUnknown = 0.05
	longestWord  = 40 // characters
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
	labeled := 0 // start of the word that labels alone make: it may be longer than others
	for end := 1; end <= n; end++ {
		if end > 1 && (gaps[end-2].fixed || gaps[end-2].p > 0.5) {
			labeled = end - 1
		}
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
			if score > best[end] { // costs are not negative
				score -= r.costs.of(chars[start:end])
			}
			if score > best[end] {
				best[end], from[end] = score, start
			}
		}
		if score := best[labeled] + joined[end-1] - joined[labeled] + spaced - r.costs.unknown; labeled < end-longestWord && score > best[end] {
			best[end], from[end] = score, labeled
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

// wordCosts are the costs of words where lines are divided.
type wordCosts struct {
	known                 map[string]float64 // of words in lower case
	unknown, name, joined float64            // of others
}

// costsOf returns the costs of words by a lexicon and by counts. Unknown words cost as much as text holds them: as the
// words that it holds once, and that the lexicon lacks, tell (Good 1953).
func costsOf(lexicon []string, counts map[string]int) *wordCosts {
	c := &wordCosts{known: make(map[string]float64, len(lexicon)+len(counts)), unknown: costUnknown, name: costName}
	for _, word := range lexicon {
		c.known[strings.ToLower(bare(word))] = 0
	}
	counts = withCounts(nil, counts)
	total, once, onceName := 0, 0, 0
	for word, n := range counts {
		total += n
		if _, listed := c.known[strings.ToLower(word)]; n > 1 || listed {
			continue
		}
		if isUpper(word) {
			onceName++
		} else {
			once++
		}
	}
	if total == 0 {
		c.joined = shareJoined * c.unknown
		return c
	}
	cost := func(n float64) float64 { return -math.Log(n / float64(total+1)) }
	c.unknown = min(costUnknown, cost(float64(once)+0.5))
	c.name = min(c.unknown, cost(float64(onceName)+0.5))
	c.joined = shareJoined * c.unknown
	for word := range c.known {
		c.known[word] = weightCount * cost(countListed)
	}
	for word, n := range counts {
		c.known[strings.ToLower(word)] = weightCount * cost(float64(n)+countListed)
	}
	rare := weightCount * cost(countUnknown)
	c.unknown, c.name, c.joined = c.unknown+rare, c.name+rare, c.joined+rare
	return c
}

// of returns the cost of characters as a word: none for signs and numbers.
func (c *wordCosts) of(chars []string) float64 {
	word := bare(strings.Join(chars, ""))
	if !strings.ContainsFunc(word, unicode.IsLetter) {
		return 0
	}
	lower := strings.ToLower(word)
	if cost, ok := c.known[lower]; ok {
		return cost
	}
	if cost, ok := c.known[withoutGenitive(lower)]; ok {
		return cost
	}
	switch {
	case c.hasParts(lower):
		return c.joined
	case isUpper(word):
		return c.name
	}
	return c.unknown
}

// withoutGenitive returns a word without the English 's.
func withoutGenitive(word string) string {
	return strings.TrimSuffix(strings.TrimSuffix(word, "'s"), "’s")
}

// hasParts reports whether the parts of a word are known: its runs of letters.
func (c *wordCosts) hasParts(lower string) bool {
	for part := range strings.FieldsFuncSeq(lower, func(c rune) bool { return !unicode.IsLetter(c) }) {
		if _, ok := c.known[part]; !ok {
			return false
		}
	}
	return true
}
