package search

import (
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/tokenize"
)

// Wants lists the phrases that a translation must contain, in any order. As a [Rule] it lets a translation end only
// once it contains all of them.
type Wants []Phrase

// Restrict makes </s> impossible while a phrase is missing.
func (w Wants) Restrict(tokens []int32, logits []float32) {
	if !w.met(tokens) {
		logits[tokenize.EOS] = Impossible
	}
}

// met reports whether tokens contain every phrase.
func (w Wants) met(tokens []int32) bool {
	return !slices.ContainsFunc(w, func(p Phrase) bool { return !p.Within(tokens) })
}

// tokens returns the number of tokens of all phrases.
func (w Wants) tokens() int {
	n := 0
	for _, p := range w {
		n += len(p.Later)
	}
	return n
}

// progress returns the number of wanted tokens in a hypothesis: those of whole phrases, and those of the phrase that it
// has begun at its end.
func (w Wants) progress(tokens []int32) int {
	whole, part := 0, 0
	for _, p := range w {
		if p.Within(tokens) {
			whole += len(p.Later)
		} else {
			n, _ := p.begun(tokens)
			part = max(part, min(n, len(p.Later)-1))
		}
	}
	return whole + part
}

// share chooses the extensions of a sentence with wanted phrases. To the most probable extensions overall it adds each
// hypothesis's most probable one and those that continue a phrase. It then divides the width among banks, one for each
// number of wanted tokens held, so that a hypothesis competes with others that hold as many. A bank's unused slots go
// to the others, fullest first. A hypothesis may end only once it holds every phrase.
//
// Post and Vilar, Fast Lexically Constrained Decoding with Dynamic Beam Allocation, 2018.
func (b *beam) share(g *group, logits grid) {
	all := slices.Clone(g.top.list)
	add := func(parent int, token int32) {
		logit := logits.row(parent)[token]
		there := slices.ContainsFunc(all, func(c candidate) bool { return c.parent == parent && c.token == token })
		if logit != Impossible && !there {
			all = append(all, candidate{parent, token, logit, g.kept[parent].logProb - float64(g.lse[parent]) + float64(logit)})
		}
	}
	held := make([][]int32, len(g.kept))
	for i, p := range g.kept {
		held[i] = b.tokens(p.last)
		add(i, int32(max(0, kernel.ArgMax(logits.row(i)))))
		for _, w := range b.wants {
			if !w.Within(held[i]) {
				_, next := w.begun(held[i])
				add(i, next)
			}
		}
	}
	slices.SortFunc(all, candidate.order)

	banks := make([][]candidate, b.wants.tokens()+1)
	var ends []candidate
	for _, c := range all {
		if c.token == tokenize.EOS {
			ends = append(ends, c)
			continue
		}
		bank := b.wants.progress(append(slices.Clone(held[c.parent]), c.token))
		banks[bank] = append(banks[bank], c)
	}
	slots := shares(g.width, banks)
	var chosen []candidate
	for i, bank := range banks {
		chosen = append(chosen, bank[:slots[i]]...)
	}
	slices.SortFunc(chosen, candidate.order)
	if whole := slices.DeleteFunc(slices.Clone(ends), func(c candidate) bool { return !b.wants.met(held[c.parent]) }); len(whole)+len(chosen) > 0 {
		ends = whole
	}
	// As in plain search, a hypothesis that ends must be among the best of its bank.
	last := banks[len(banks)-1]
	room := max(1, slots[len(slots)-1], g.width/len(banks))
	for i, c := range ends {
		before, _ := slices.BinarySearchFunc(last, c, candidate.order)
		if before+i >= room {
			ends = ends[:i]
			break
		}
	}
	g.top.list = append(slices.Clone(ends), chosen...)
}

// shares returns the number of candidates to keep from each bank: width in total, or all if there are fewer. Banks have
// equal shares; the remainder of the division and unused slots go to the last banks first.
func shares(width int, banks [][]candidate) []int {
	slots := make([]int, len(banks))
	for i, bank := range banks {
		slots[i] = min(len(bank), width/len(banks))
	}
	left := width
	for _, n := range slots {
		left -= n
	}
	for i := len(banks) - 1; i >= 0 && left > 0; i-- {
		more := min(left, len(banks[i])-slots[i])
		slots[i] += more
		left -= more
	}
	return slots
}
