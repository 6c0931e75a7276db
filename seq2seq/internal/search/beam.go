package search

import (
	"cmp"
	"context"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/tokenize"
)

// beamSearch keeps the Beam most probable hypotheses of each sentence at each step. It ranks the 2·Beam most probable
// extensions: those among the first Beam that end are finished, and the first Beam that do not end are kept.
//
// A sentence is done at its length limit, where the kept hypotheses are finished too. It is also done once Beam
// hypotheses are finished and NBest of them are at least as probable as every kept one, whose probability can only
// fall. (Stopping at Beam finished hypotheses alone would often lose the best one: a confident model fills the rest of
// the beam with early endings.)
//
// Ties go to the earlier parent, then to the lower token id.
//
// Diverse groups each search a share of the beam; see diverse.go. Wanted phrases divide the beam into banks; see
// constrained.go.
func beamSearch(ctx context.Context, s Stepper, sentences []Sentence, o *Options) ([][]Hypothesis, error) {
	found := make([][]Hypothesis, len(sentences))
	alive := make([]*beam, len(sentences))
	var rows []int
	for i := range sentences {
		alive[i] = newBeam(o, i, &sentences[i])
		rows = append(rows, slices.Repeat([]int{i}, o.Diverse.Groups)...)
	}
	tokens := slices.Repeat([]int32{tokenize.BOS}, len(rows))
	if o.Diverse.Groups > 1 {
		s.Reorder(rows)
	}
	for len(alive) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		logits, err := s.Step(tokens)
		if err != nil {
			return nil, err
		}
		row := 0
		for _, b := range alive {
			row = b.place(row)
		}
		kernel.Tasks(len(alive), func(i int) { alive[i].advance(s, logits) })

		rows, tokens = rows[:0], tokens[:0]
		going := alive[:0]
		for _, b := range alive {
			if b.err != nil {
				return nil, b.err
			}
			if b.done() {
				found[b.index] = b.best()
				continue
			}
			going = append(going, b)
			for _, g := range b.groups {
				for _, p := range g.kept {
					rows = append(rows, p.from)
					tokens = append(tokens, b.trail[p.last].token)
				}
			}
		}
		alive = going
		if len(rows) > 0 && !identity(rows, row) {
			s.Reorder(rows)
		}
	}
	return found, nil
}

// identity reports whether rows are 0 to n-1 in order.
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
	options *Options
	index   int    // of the sentence
	limit   int    // of tokens
	rules   *rules // nil if there are none
	wants   Wants
	groups  []*group
	trail   []link // tokens of all hypotheses
	steps   int
	err     error
}

// group is a whole beam, or one of its diverse groups.
type group struct {
	width    int // hypotheses kept
	kept     []partial
	row      int       // of kept[0]
	lse      []float32 // log-sum-exp of each kept hypothesis's logits
	top      ranking
	finished []Hypothesis
}

// partial is an unfinished hypothesis.
type partial struct {
	from    int // the row that it extends
	last    int // its last token in the trail; -1 before the first
	logProb float64
	covered []float32 // attention that each source token has received; nil without a penalty
}

// link is one token of a hypothesis.
type link struct {
	token   int32
	logProb float32
	before  int // index of the previous token in the trail; -1 for the first
}

func newBeam(o *Options, index int, s *Sentence) *beam {
	b := &beam{options: o, index: index, limit: o.Length.limit(s), rules: newRules(o, s), wants: s.Wants}
	for range o.Diverse.Groups {
		width := o.Beam / o.Diverse.Groups
		b.groups = append(b.groups, &group{width: width, kept: []partial{{last: -1}}, top: ranking{size: 2 * width}})
	}
	return b
}

// place assigns rows to the kept hypotheses, starting with row, and returns the first row after them.
func (b *beam) place(row int) int {
	for _, g := range b.groups {
		g.row = row
		row += len(g.kept)
	}
	return row
}

// advance takes a step. logits is [rows, vocab], for the rows of all sentences.
func (b *beam) advance(s Stepper, logits []float32) {
	b.steps++
	spread := diversity{weight: float32(b.options.Diverse.Weight)}
	for _, g := range b.groups {
		x := grid{logits[g.row*s.Vocab():], s.Vocab()}
		b.rank(g, x, &spread)
		if b.err = b.extend(g, s, x); b.err != nil {
			return
		}
		if len(b.groups) > 1 {
			spread.note(b, g)
		}
		if b.over(g) {
			g.kept = nil
		}
	}
}

// grid is logits, [hypotheses, vocabulary].
type grid struct {
	x     []float32
	vocab int
}

func (g grid) row(i int) []float32 { return g.x[i*g.vocab:][:g.vocab] }

// rank finds the most probable extensions.
func (b *beam) rank(g *group, logits grid, spread *diversity) {
	g.top.list, g.lse = g.top.list[:0], g.lse[:0]
	for i, p := range g.kept {
		x := logits.row(i)
		lse := kernel.LogSumExp(x)
		Forbid(x)
		if b.rules != nil {
			b.rules.restrict(b.tokens(p.last), x)
		}
		g.lse = append(g.lse, lse)
		spread.penalize(x)
		g.top.add(i, p.logProb-float64(lse), x)
		spread.restore(x)
	}
	if len(b.wants) > 0 {
		b.share(g, logits)
	}
}

// extend applies the extensions that rank found.
func (b *beam) extend(g *group, s Stepper, logits grid) error {
	for i := range g.kept {
		if !isFinite(g.lse[i]) {
			return errNumbers(b.steps - 1)
		}
		var err error
		if g.kept[i].covered, err = b.options.Scoring.cover(g.kept[i].covered, s, g.row+i); err != nil {
			return err
		}
	}
	if len(g.top.list) == 0 && len(g.kept) > 0 {
		return errNumbers(b.steps - 1)
	}
	var next []partial
	for rank, c := range g.top.list {
		p := g.kept[c.parent]
		lse, logit := g.lse[c.parent], logits.row(c.parent)[c.token] // without diversity
		b.trail = append(b.trail, link{c.token, logit - lse, p.last})
		p.from, p.last, p.logProb = g.row+c.parent, len(b.trail)-1, p.logProb-float64(lse)+float64(logit)
		switch {
		case c.token != tokenize.EOS && len(next) < g.width:
			p.covered = slices.Clone(p.covered)
			next = append(next, p)
		case c.token == tokenize.EOS && rank < g.width:
			b.finish(g, p)
		default:
			b.trail = b.trail[:len(b.trail)-1]
		}
	}
	g.kept = next
	if b.steps == b.limit {
		b.finishKept(g)
	}
	return nil
}

// over reports whether the group can find nothing better.
func (b *beam) over(g *group) bool {
	switch {
	case b.steps == b.limit || len(g.kept) == 0:
		return true
	case len(g.finished) < g.width:
		return false
	}
	best := g.kept[0].logProb
	for _, p := range g.kept {
		best = max(best, p.logProb)
	}
	likelier := 0
	for _, h := range g.finished {
		if h.LogProb >= best {
			likelier++
		}
	}
	return likelier >= min(b.options.NBest, g.width)
}

// done reports whether the search is over.
func (b *beam) done() bool {
	return !slices.ContainsFunc(b.groups, func(g *group) bool { return len(g.kept) > 0 })
}

// finish adds p to the finished hypotheses.
func (b *beam) finish(g *group, p partial) {
	h := Hypothesis{
		Tokens:   b.tokens(p.last),
		LogProbs: make([]float32, b.steps),
		LogProb:  p.logProb,
		Score:    b.options.Scoring.Score(p.logProb, b.steps, p.covered),
	}
	for i, at := b.steps-1, p.last; i >= 0; i-- {
		h.LogProbs[i], at = b.trail[at].logProb, b.trail[at].before
	}
	if n := b.steps - 1; h.Tokens[n] == tokenize.EOS {
		h.Tokens, h.Finished = h.Tokens[:n], true
	}
	g.finished = append(g.finished, h)
}

// finishKept finishes the kept hypotheses at the length limit. One that lacks a wanted phrase counts only if no
// hypothesis holds all of them.
func (b *beam) finishKept(g *group) {
	whole := g.kept
	if len(b.wants) > 0 {
		whole = slices.DeleteFunc(slices.Clone(g.kept), func(p partial) bool { return !b.wants.met(b.tokens(p.last)) })
		if len(whole)+len(g.finished) == 0 {
			whole = g.kept
		}
	}
	for _, p := range whole {
		b.finish(g, p)
	}
}

// tokens returns the tokens of the hypothesis whose last token is at index last of the trail.
func (b *beam) tokens(last int) []int32 {
	n := 0
	for at := last; at >= 0; at = b.trail[at].before {
		n++
	}
	tokens := make([]int32, n)
	for at := last; at >= 0; at = b.trail[at].before {
		n--
		tokens[n] = b.trail[at].token
	}
	return tokens
}

// best returns the NBest finished hypotheses. Ties go to the hypothesis that finished first.
func (b *beam) best() []Hypothesis {
	var all []Hypothesis
	for _, g := range b.groups {
		for _, h := range g.finished {
			if len(b.groups) == 1 || !slices.ContainsFunc(all, h.equal) { // groups may find the same hypothesis
				all = append(all, h)
			}
		}
	}
	slices.SortStableFunc(all, func(g, h Hypothesis) int { return cmp.Compare(h.Score, g.Score) })
	return all[:min(b.options.NBest, len(all))]
}
