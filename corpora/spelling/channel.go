package spelling

import (
	"cmp"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/retell-rnn/retell/corpora/noise"
)

// Channel is the probability that a word is written in a certain way. Words have spaces at both ends, so that edits
// know them. A Channel is immutable and safe for concurrent use.
type Channel struct {
	nodes []ruleNode // trie of what is replaced, last character first; 0 is the root
	added []rule     // insertions anywhere
	keep  map[rune]float32
	words map[string][]Candidate // misspelling of a whole word → words
}

// ruleNode is a run of characters that ends at the current one.
type ruleNode struct {
	next  map[rune]int32
	rules []rule
}

// rule is a replacement and its cost.
type rule struct {
	to   []rune
	cost float32 // −log P, nats
}

const (
	unseen   = 11    // cost of a character's edit that was never seen
	keepCost = 0.05  // cost of a character that was never changed
	leastP   = 1e-9  // least probability of an edit, which keeps costs finite
	mostP    = 0.9   // greatest probability of an edit
	leastKep = 0.3   // least probability that a character is kept
	maxRule  = 3 + 2 // most characters that a rule replaces: an edit's and one on each side
)

// NewChannel returns the channel of confusions: an edit's probability is its count divided by the number of places that
// could have it, between certain characters if it was seen there more than once.
func NewChannel(c *noise.Confusions) *Channel {
	ch := &Channel{nodes: make([]ruleNode, 1), keep: map[rune]float32{}, words: map[string][]Candidate{}}
	changed := map[rune]float64{}
	for _, e := range c.Edits {
		p := share(e.Count, e.Of)
		if r, n := utf8.DecodeRuneInString(e.From); n > 0 && n == len(e.From) {
			changed[r] += p
		}
		ch.add(e.From, e.To, p)
		for _, x := range e.Contexts {
			ch.add(x.Before+e.From+x.After, x.Before+e.To+x.After, share(x.Count, x.Of))
		}
	}
	for r, p := range changed {
		ch.keep[r] = float32(-math.Log(max(leastKep, 1-p)))
	}
	for _, w := range c.Words {
		ch.words[w.To] = append(ch.words[w.To], Candidate{w.From, -math.Log(share(w.Count, w.Of))})
	}
	for _, n := range ch.nodes {
		slices.SortStableFunc(n.rules, func(a, b rule) int { return cmp.Compare(string(a.to), string(b.to)) })
	}
	return ch
}

// share is the probability of an event with n cases of so many; the discount is for what only a few pairs have.
func share(n, of int) float64 {
	const discount, prior = 0.5, 2
	return min(mostP, max(leastP, (float64(n)-discount)/float64(max(n, of)+prior)))
}

// add adds a rule.
func (c *Channel) add(from, to string, p float64) {
	r := rule{[]rune(to), float32(-math.Log(p))}
	chars := []rune(from)
	if len(chars) == 0 {
		c.added = append(c.added, r)
		return
	}
	if len(chars) > maxRule {
		return
	}
	at := int32(0)
	for _, x := range slices.Backward(chars) {
		next, ok := c.nodes[at].next[x]
		if !ok {
			next = int32(len(c.nodes))
			c.nodes = append(c.nodes, ruleNode{})
			if c.nodes[at].next == nil {
				c.nodes[at].next = map[rune]int32{}
			}
			c.nodes[at].next[x] = next
		}
		at = next
	}
	c.nodes[at].rules = append(c.nodes[at].rules, r)
}

// kept is the cost of a character that stays.
func (c *Channel) kept(r rune) float32 {
	if r == ' ' {
		return 0
	}
	if cost, ok := c.keep[r]; ok {
		return cost
	}
	return keepCost
}
