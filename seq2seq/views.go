package seq2seq

import (
	"math/rand/v2"
	"slices"

	"github.com/retell-rnn/retell/rnn"
)

// views is a batch of sets as contrast trains on it: two views of each set and the negatives.
type views struct {
	pairs  []pair // first views of all sets, second views, and then negatives
	judged bool
	rows   rnn.ContrastRows // of sets
	scores rnn.JudgedRows   // of judged sets
}

// sets is the number of sets.
func (v *views) sets() int { return max(len(v.rows.Anchors), len(v.scores.A)) }

// drawViews draws the views of the training sets with the given indices, which belong to one portion.
func (t *trainer) drawViews(indices []int, rng *rand.Rand) *views {
	sets := make([]*set, len(indices))
	for i, k := range indices {
		sets[i] = t.train[k].set
	}
	var first, second, negatives []member
	for _, s := range sets {
		a, b := s.draw(rng)
		first, second, negatives = append(first, a), append(second, b), append(negatives, s.negatives...)
	}
	if n := t.o.Contrast.Mine; n > 0 && !sets[0].judged {
		negatives = append(negatives, t.mine(indices, first, n*len(sets), rng)...)
	}
	lines := slices.Concat(first, second, negatives)
	v := placeViews(sets, lines)
	for _, m := range lines {
		v.pairs = append(v.pairs, t.view(m, rng))
	}
	return v
}

// placeViews places lines, which are first members, second members and negatives of sets.
func placeViews(sets []*set, lines []member) *views {
	if sets[0].judged {
		v := &views{judged: true}
		for i, s := range sets {
			v.scores.A, v.scores.B = append(v.scores.A, int32(i)), append(v.scores.B, int32(len(sets)+i))
			v.scores.Similarity = append(v.scores.Similarity, s.score)
		}
		return v
	}
	sentences := make([][]int32, len(lines))
	for i, m := range lines {
		sentences[i] = m.src
	}
	return &views{rows: contrastRows(len(sets), sentences)}
}

// draw draws two members, in their order. A set of one member gives it twice.
func (s *set) draw(rng *rand.Rand) (a, b member) {
	n := len(s.members)
	switch n {
	case 1:
		return s.members[0], s.members[0]
	case 2:
		return s.members[0], s.members[1]
	}
	i, j := rng.IntN(n), rng.IntN(n-1)
	if j >= i {
		j++
	}
	return s.members[min(i, j)], s.members[max(i, j)]
}

// any draws one member.
func (s *set) any(rng *rand.Rand) member { return s.members[rng.IntN(len(s.members))] }

// view returns a line as training reads it: BPE dropout segments it anew, noise corrupts it, and tokens are left out. A
// writing head writes the whole line.
func (t *trainer) view(m member, rng *rand.Rand) pair {
	p := pair{sourceLine: m.sourceLine, tgt: m.tgt}
	if t.o.BPEDropout.Source > 0 {
		p.src = t.source.EncodeDropout(m.text, t.o.BPEDropout.Source, rng)
	}
	if m.tgt != nil && t.o.BPEDropout.Target > 0 {
		p.tgt = t.target.EncodeDropout(m.text, t.o.BPEDropout.Target, rng)
	}
	if t.o.Noise != nil {
		p.src, p.tgt = t.o.Noise.Corrupt(rng, p.src, p.tgt)
	}
	p.sourceLine = p.leaveOut(t.o.Contrast.TokenDropout, rng)
	return p
}

// leaveOut returns the line without some of its tokens or, with n-grams, of its words. rate is the probability of each
// of being left out; one stays.
func (r sourceLine) leaveOut(rate float64, rng *rand.Rand) sourceLine {
	if !(rate > 0) || len(r.src) < 2 {
		return r
	}
	unit := func(i int) int { return i } // tokens left out together
	if r.words != nil {
		unit = func(i int) int { return int(r.words.at[i]) }
	}
	var kept []int
	last, stays := -1, false
	for i := range r.src {
		if u := unit(i); u != last {
			last, stays = u, rng.Float64() >= rate
		}
		if stays {
			kept = append(kept, i)
		}
	}
	if kept == nil {
		one := unit(rng.IntN(len(r.src)))
		for i := range r.src {
			if unit(i) == one {
				kept = append(kept, i)
			}
		}
	}
	return r.only(kept)
}

// only returns the line with the tokens at the given places alone.
func (r sourceLine) only(at []int) sourceLine {
	out := r
	out.src = pick(r.src, at)
	out.factors = nil
	for _, f := range r.factors {
		out.factors = append(out.factors, pick(f, at))
	}
	if r.spelled != nil {
		out.spelled = pick(r.spelled, at)
	}
	out.words = r.words.only(at)
	return out
}
