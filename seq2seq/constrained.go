package seq2seq

import (
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/tokenize"
)

// wants reports whether the sentence's translation must hold some phrases.
func (b *beam) wants() bool { return b.rules != nil && len(b.rules.wants) > 0 }

// share chooses among the extensions of a sentence that wants phrases. To the likeliest it adds the likeliest of each
// hypothesis and those that bring a hypothesis nearer to a phrase; then it shares the width out among banks, one for
// each number of wanted tokens that a hypothesis may hold, so that those with many need not be as likely as those with
// few. What a bank has no use for goes to the others, the fullest first. Only what holds every phrase may end.
//
// Post and Vilar, Fast Lexically Constrained Decoding with Dynamic Beam Allocation, 2018.
func (b *beam) share(g *group, logits grid) {
	all := slices.Clone(g.top.list)
	add := func(parent int, token int32) {
		logit := logits.row(parent)[token]
		there := slices.ContainsFunc(all, func(c candidate) bool { return c.parent == parent && c.token == token })
		if logit != impossible && !there {
			all = append(all, candidate{parent, token, logit, g.kept[parent].logProb - float64(g.lse[parent]) + float64(logit)})
		}
	}
	held := make([][]int32, len(g.kept))
	for i, p := range g.kept {
		held[i] = b.tokens(p.last)
		add(i, int32(max(0, kernel.ArgMax(logits.row(i)))))
		for _, w := range b.rules.wants {
			if !w.within(held[i]) {
				_, next := w.begun(held[i])
				add(i, next)
			}
		}
	}
	slices.SortFunc(all, candidate.order)

	banks := make([][]candidate, b.rules.wanted()+1)
	var ends []candidate
	for _, c := range all {
		if c.token == tokenize.EOS {
			ends = append(ends, c)
			continue
		}
		bank := b.rules.progress(append(slices.Clone(held[c.parent]), c.token))
		banks[bank] = append(banks[bank], c)
	}
	slots := shares(g.width, banks)
	var chosen []candidate
	for i, bank := range banks {
		chosen = append(chosen, bank[:slots[i]]...)
	}
	slices.SortFunc(chosen, candidate.order)
	if whole := slices.DeleteFunc(slices.Clone(ends), func(c candidate) bool { return !b.rules.met(held[c.parent]) }); len(whole)+len(chosen) > 0 {
		ends = whole
	}
	// As in plain search, what ends must be among the first of its bank.
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

// shares returns how many of each bank are kept, width in all if there are as many. Banks have equal shares; what
// remains of the division, or is of no use to a bank, goes to the last banks first.
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

// wanted is how many tokens the wanted phrases have.
func (r *rules) wanted() int {
	n := 0
	for _, w := range r.wants {
		n += len(w.later)
	}
	return n
}

// progress is how many wanted tokens a hypothesis holds: those of whole phrases, and of the one that its end has begun.
func (r *rules) progress(tokens []int32) int {
	whole, part := 0, 0
	for _, w := range r.wants {
		if w.within(tokens) {
			whole += len(w.later)
		} else {
			n, _ := w.begun(tokens)
			part = max(part, min(n, len(w.later)-1))
		}
	}
	return whole + part
}
