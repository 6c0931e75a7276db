package spelling

import (
	"cmp"
	"iter"
	"math"
	"slices"
)

// Lexicon is a set of words with their frequencies. It is immutable and safe for concurrent use.
type Lexicon struct {
	nodes  []node // trie of the words between spaces; 0 is the root
	words  []string
	counts []float64
	ids    map[string]int32
	total  float64
}

// node is the beginning of words.
type node struct {
	chars []rune
	next  []int32
	word  int32 // number of the word that ends here; -1 for none
}

// NewLexicon returns the lexicon of words and how often they occur, 0 or more. A word that comes again adds to its
// count.
func NewLexicon(words iter.Seq2[string, int]) *Lexicon {
	l := &Lexicon{nodes: []node{{word: -1}}, ids: map[string]int32{}}
	for word, n := range words {
		id, ok := l.ids[word]
		if !ok {
			id = int32(len(l.words))
			l.ids[word], l.words, l.counts = id, append(l.words, word), append(l.counts, 0)
			l.insert(word, id)
		}
		l.counts[id] += float64(n)
		l.total += float64(n)
	}
	return l
}

// insert adds a word to the trie.
func (l *Lexicon) insert(word string, id int32) {
	at := int32(0)
	for _, r := range " " + word + " " {
		n := &l.nodes[at]
		k := slices.Index(n.chars, r)
		if k < 0 {
			k = len(n.chars)
			n.chars, n.next = append(n.chars, r), append(n.next, int32(len(l.nodes)))
			l.nodes = append(l.nodes, node{word: -1})
			n = &l.nodes[at]
		}
		at = n.next[k]
	}
	l.nodes[at].word = id
}

// Len returns the number of words.
func (l *Lexicon) Len() int { return len(l.words) }

// Count returns how often a word occurs, and whether the lexicon has it.
func (l *Lexicon) Count(word string) (n int, known bool) {
	id, known := l.ids[word]
	if !known {
		return 0, false
	}
	return int(l.counts[id]), true
}

// LogProb returns the logarithm of a word's share of the text. Words that do not occur, whether in the lexicon or not,
// count as a tenth of an occurrence.
func (l *Lexicon) LogProb(word string) float64 {
	const least = 0.1
	n := least
	if id, ok := l.ids[word]; ok {
		n += l.counts[id]
	}
	return math.Log(n / (l.total + least*float64(1+len(l.words))))
}

// Candidate is a word that a written one may stand for.
type Candidate struct {
	Word string
	Cost float64 // −log P(written|word), nats
}

// bounds are the costs within which candidates are looked for, until there are enough.
var bounds = [...]float32{6, 9, 12}

// priorWeight is the weight of a word's frequency in the order of candidates.
const priorWeight = 0.7

// Candidates returns up to n words of the lexicon for a written one, the most probable first by the channel and the
// words' frequencies. The written word itself is among them if the lexicon has it. There may be none.
func (l *Lexicon) Candidates(c *Channel, written string, n int) []Candidate {
	s := newSearch(l, c, written)
	for _, bound := range bounds {
		s.within(bound)
		if len(s.found) >= n {
			break
		}
	}
	return s.best(n)
}

// Near returns up to n words whose cost is at most bound, in the order of Candidates.
func (l *Lexicon) Near(c *Channel, written string, bound float64, n int) []Candidate {
	s := newSearch(l, c, written)
	s.within(float32(bound))
	return s.best(n)
}

// best returns the best n of the found words.
func (s *search) best(n int) []Candidate {
	for _, w := range s.channel.words[s.word] {
		id, known := s.lexicon.ids[w.Word]
		if cost, ok := s.found[id]; known && (!ok || float32(w.Cost) < cost) {
			s.found[id] = float32(w.Cost)
		}
	}
	out := make([]Candidate, 0, len(s.found))
	for id, cost := range s.found {
		out = append(out, Candidate{s.lexicon.words[id], float64(cost)})
	}
	rank := func(c Candidate) float64 { return c.Cost - priorWeight*s.lexicon.LogProb(c.Word) }
	slices.SortFunc(out, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Word, b.Word))
	})
	return out[:min(n, len(out))]
}
