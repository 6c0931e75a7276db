package spelling

import "math"

// search looks for the words of a lexicon from which a channel makes a written word. It walks the trie of words with
// one row of costs for each character: the least cost at which the path becomes the first j written characters.
type search struct {
	lexicon *Lexicon
	channel *Channel
	word    string
	written []rune // between spaces

	found map[int32]float32 // costs of words
	path  []rune            // characters from the root
	rows  [][]float32       // of each character of the path, after that of the root
	hits  map[int32][]hit   // of each ruleNode that was met
	extra []hit             // of insertions anywhere
}

// hit is a rule whose replacement ends before written character end.
type hit struct {
	end, n int32 // n is the length of the replacement
	cost   float32
}

func newSearch(l *Lexicon, c *Channel, written string) *search {
	s := &search{lexicon: l, channel: c, word: written, written: []rune(" " + written + " "), hits: map[int32][]hit{}}
	s.extra = s.match(nil, c.added)
	root := make([]float32, len(s.written)+1)
	for j := range root {
		root[j] = infinite
	}
	root[0] = 0
	s.rows = [][]float32{root}
	return s
}

var infinite = float32(math.Inf(1))

// match appends the hits of rules, by where they end.
func (s *search) match(hits []hit, rules []rule) []hit {
	for end := 0; end <= len(s.written); end++ {
		for _, r := range rules {
			n := len(r.to)
			if n <= end && string(s.written[end-n:end]) == string(r.to) {
				hits = append(hits, hit{int32(end), int32(n), r.cost})
			}
		}
	}
	return hits
}

// within finds the words of at most a cost. It gives up a path on which every way costs more, although an edit of
// several characters that begins before could still lead back.
func (s *search) within(bound float32) {
	s.found = map[int32]float32{}
	s.walk(0, bound)
}

// walk goes on from a node, which the path has reached.
func (s *search) walk(at int32, bound float32) {
	n := &s.lexicon.nodes[at]
	for k, r := range n.chars {
		s.path = append(s.path, r)
		least := s.extend(r)
		row := s.rows[len(s.rows)-1]
		next := n.next[k]
		if id, cost := s.lexicon.nodes[next].word, row[len(s.written)]; id >= 0 && cost <= bound {
			s.found[id] = cost
		}
		if least <= bound {
			s.walk(next, bound)
		}
		s.path, s.rows = s.path[:len(s.path)-1], s.rows[:len(s.rows)-1]
	}
}

// extend adds the row of the path's last character and returns its least cost.
func (s *search) extend(r rune) float32 {
	n := len(s.written)
	before := s.rows[len(s.rows)-1]
	row := s.row()
	inside := r != ' '
	kept := s.channel.kept(r)
	row[0] = infinite
	for j := 1; j <= n; j++ {
		cost := infinite
		switch {
		case s.written[j-1] == r:
			cost = before[j-1] + kept
		case inside && j > 1 && j < n:
			cost = before[j-1] + unseen
		}
		if inside {
			cost = min(cost, before[j]+unseen)
		}
		row[j] = cost
	}
	at := int32(0)
	for i := 1; i <= min(maxRule, len(s.path)); i++ {
		next, ok := s.channel.nodes[at].next[s.path[len(s.path)-i]]
		if !ok {
			break
		}
		at = next
		from := s.rows[len(s.rows)-1-i]
		for _, h := range s.hitsOf(at) {
			row[h.end] = min(row[h.end], from[h.end-h.n]+h.cost)
		}
	}
	least, extra := row[0], s.extra
	for j := 1; j <= n; j++ {
		if inside && j < n {
			row[j] = min(row[j], row[j-1]+unseen)
		}
		for ; len(extra) > 0 && int(extra[0].end) <= j; extra = extra[1:] {
			if h := extra[0]; inside && int(h.end) == j && j < n && h.end > h.n {
				row[j] = min(row[j], row[h.end-h.n]+h.cost)
			}
		}
		least = min(least, row[j])
	}
	return least
}

// row returns the memory of the path's next row.
func (s *search) row() []float32 {
	if len(s.rows) < cap(s.rows) {
		s.rows = s.rows[:len(s.rows)+1]
	} else {
		s.rows = append(s.rows, nil)
	}
	last := &s.rows[len(s.rows)-1]
	if *last == nil {
		*last = make([]float32, len(s.written)+1)
	}
	return *last
}

// hitsOf returns the hits of a node's rules.
func (s *search) hitsOf(at int32) []hit {
	hits, ok := s.hits[at]
	if !ok {
		hits = s.match(nil, s.channel.nodes[at].rules)
		s.hits[at] = hits
	}
	return hits
}
