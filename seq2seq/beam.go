package seq2seq

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/tokenize"
)

// beamSearch keeps the Beam likeliest hypotheses of each sentence at each step. Among the 2·Beam likeliest of their
// extensions, those that end within the first Beam are finished, and the first Beam of those that do not end are kept. A
// sentence is done at its length limit, where what is kept counts too, or with Beam finished hypotheses of which NBest are at
// least as likely as anything kept, which can only become less likely. (To stop at Beam finished ones whatever is kept would
// often lose the best: a sure model leaves the rest of the beam to fragments that end early.)
//
// Equal hypotheses are taken in the order of what they extend, then of their tokens' ids.
func beamSearch(ctx context.Context, s stepper, sources []int, o *SearchOptions) ([][]hypothesis, error) {
	found := make([][]hypothesis, len(sources))
	alive := make([]*beam, len(sources))
	tokens := make([]int32, len(sources))
	for i, n := range sources {
		alive[i] = &beam{
			options: o, limit: o.limit(n), sentence: i,
			kept: []partial{{last: -1}},
			top:  ranking{size: 2 * o.Beam},
		}
		tokens[i] = tokenize.BOS
	}
	var rows []int
	for len(alive) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		logits, err := s.step(tokens)
		if err != nil {
			return nil, err
		}
		row := 0
		for _, b := range alive {
			b.row = row
			row += len(b.kept)
		}
		kernel.Tasks(len(alive), func(i int) { alive[i].rank(logits, s.vocab()) })

		rows, tokens = rows[:0], tokens[:0]
		going := alive[:0]
		for _, b := range alive {
			if err := b.advance(s); err != nil {
				return nil, err
			}
			if b.done() {
				found[b.sentence] = b.best()
				continue
			}
			going = append(going, b)
			for _, p := range b.kept {
				rows = append(rows, p.from)
				tokens = append(tokens, b.trail[p.last].token)
			}
		}
		alive = going
		if len(rows) > 0 && !identity(rows, row) {
			s.reorder(rows)
		}
	}
	return found, nil
}

// identity reports whether rows are all of n rows in their order.
func identity(rows []int, n int) bool {
	for i, r := range rows {
		if i != r {
			return false
		}
	}
	return len(rows) == n
}

// beam is the search of one sentence.
type beam struct {
	options  *SearchOptions
	sentence int
	limit    int // of tokens

	kept     []partial // the likeliest first
	row      int       // of kept[0]
	lse      []float32 // of each kept one's logits
	top      ranking
	trail    []link // of all hypotheses
	steps    int
	finished []hypothesis
}

// partial is a hypothesis that goes on.
type partial struct {
	from    int // the row that it extends
	last    int // its last token in the trail; -1 before the first
	logProb float64
	covered []float32 // attention paid to each source token; nil without a penalty
}

// link is one token of a hypothesis.
type link struct {
	token   int32
	logProb float32
	before  int // place in the trail; -1 for the first
}

// rank finds the likeliest extensions. logits are those of all rows.
func (b *beam) rank(logits []float32, vocab int) {
	b.top.list, b.lse = b.top.list[:0], b.lse[:0]
	for i, p := range b.kept {
		x := logits[(b.row+i)*vocab:][:vocab]
		lse := kernel.LogSumExp(x)
		forbid(x)
		b.lse = append(b.lse, lse)
		b.top.add(i, p.logProb-float64(lse), x)
	}
}

// advance takes the step that rank prepared.
func (b *beam) advance(s stepper) error {
	for i := range b.kept {
		if !isFinite(b.lse[i]) {
			return errNumbers(b.steps)
		}
		if b.options.CoveragePenalty > 0 {
			var err error
			if b.kept[i].covered, err = cover(b.kept[i].covered, s.attention(b.row+i)); err != nil {
				return err
			}
		}
	}
	if len(b.top.list) == 0 {
		return errNumbers(b.steps)
	}
	b.steps++
	var next []partial
	for rank, c := range b.top.list {
		p := b.kept[c.parent]
		b.trail = append(b.trail, link{c.token, c.logit - b.lse[c.parent], p.last})
		p.from, p.last, p.logProb = b.row+c.parent, len(b.trail)-1, c.logProb
		switch {
		case c.token != tokenize.EOS && len(next) < b.options.Beam:
			p.covered = slices.Clone(p.covered)
			next = append(next, p)
		case c.token == tokenize.EOS && rank < b.options.Beam:
			b.finish(p)
		default:
			b.trail = b.trail[:len(b.trail)-1]
		}
	}
	b.kept = next
	if b.steps == b.limit {
		for _, p := range b.kept {
			b.finish(p)
		}
	}
	return nil
}

// done reports whether the search is over.
func (b *beam) done() bool {
	switch {
	case b.steps == b.limit || len(b.kept) == 0:
		return true
	case len(b.finished) < b.options.Beam:
		return false
	}
	likelier := 0
	for _, h := range b.finished {
		if h.logProb >= b.kept[0].logProb {
			likelier++
		}
	}
	return likelier >= b.options.NBest
}

// finish adds p to the finished hypotheses.
func (b *beam) finish(p partial) {
	h := hypothesis{
		tokens:   make([]int32, b.steps),
		logProbs: make([]float32, b.steps),
		logProb:  p.logProb,
		score:    b.options.score(p.logProb, b.steps, p.covered),
	}
	for i, at := b.steps-1, p.last; i >= 0; i-- {
		h.tokens[i], h.logProbs[i], at = b.trail[at].token, b.trail[at].logProb, b.trail[at].before
	}
	if n := b.steps - 1; h.tokens[n] == tokenize.EOS {
		h.tokens, h.finished = h.tokens[:n], true
	}
	b.finished = append(b.finished, h)
}

// best returns the NBest finished hypotheses; of equal ones, those that were finished first.
func (b *beam) best() []hypothesis {
	slices.SortStableFunc(b.finished, func(g, h hypothesis) int { return cmp.Compare(h.score, g.score) })
	return b.finished[:min(b.options.NBest, len(b.finished))]
}

// candidate is a hypothesis, parent, with one more token.
type candidate struct {
	parent  int
	token   int32
	logit   float32
	logProb float64 // of the whole
}

// order is negative where c comes before d. Among one parent's tokens it is the order of their logits, which the sums in
// logProb may round to equal.
func (c candidate) order(d candidate) int {
	return cmp.Or(
		cmp.Compare(d.logProb, c.logProb),
		cmp.Compare(c.parent, d.parent),
		cmp.Compare(d.logit, c.logit),
		cmp.Compare(c.token, d.token),
	)
}

// ranking is the best candidates so far, in order.
type ranking struct {
	size int // at most
	list []candidate
}

// add enters every token that parent may be followed by. start + logit is the log-probability of the whole.
func (r *ranking) add(parent int, start float64, logits []float32) {
	const block = 256 // few blocks hold a candidate: finding the maximum is quicker than looking at each logit
	least := r.least(start)
	for at := 0; at < len(logits); at += block {
		part := logits[at:min(at+block, len(logits))]
		if kernel.Max(part) < least {
			continue
		}
		for i, logit := range part {
			if logit >= least {
				r.enter(candidate{parent, int32(at + i), logit, start + float64(logit)})
				least = r.least(start)
			}
		}
	}
}

// enter puts c in its place, if it has one.
func (r *ranking) enter(c candidate) {
	at, _ := slices.BinarySearchFunc(r.list, c, candidate.order)
	if at == r.size {
		return
	}
	r.list = slices.Insert(r.list[:min(len(r.list), r.size-1)], at, c)
}

// least returns a bound that every logit reaches that may enter: a little low, so that rounding hides none.
func (r *ranking) least(start float64) float32 {
	if len(r.list) < r.size {
		return -math.MaxFloat32
	}
	const slack = 1e-6
	return math.Nextafter32(float32(r.list[r.size-1].logProb-start-slack), float32(math.Inf(-1)))
}
