package rnn

import (
	"fmt"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// CRF is a linear-chain conditional random field: the distribution of a sequence's labels given a score of each label
// at each token.
//
//	score(y) = start[y₁] + Σ emission[t, yₜ] + Σ transitions[yₜ₋₁, yₜ] + end[yₙ]
//	p(y) = e^score(y) / Z,  Z = Σ e^score(y′) over all label sequences y′
//
// Lafferty, McCallum and Pereira, Conditional Random Fields: Probabilistic Models for Segmenting and Labeling Sequence
// Data, 2001; Lample et al., Neural Architectures for Named Entity Recognition, 2016.
type CRF struct {
	Labels      int
	Transitions *Param // [Labels, Labels]: scores of the second label after the first
	Start, End  *Param // [Labels]

	allowed func(from, to int) bool
}

// NewCRF adds a conditional random field's parameters.
func NewCRF(ps *Params, name string, labels int, init Inits) *CRF {
	return &CRF{
		Labels:      labels,
		Transitions: ps.New(name+".transitions", init.matrix(1), labels, labels),
		Start:       ps.New(name+".start", Zero(), labels),
		End:         ps.New(name+".end", Zero(), labels),
	}
}

// Constrain restricts the distribution to label sequences whose every transition is allowed, in training and
// decoding. from is -1 at the start of a sequence, and to is -1 at its end. Nil allows all. Constrain asks once for
// each transition.
func (c *CRF) Constrain(allowed func(from, to int) bool) {
	if c.allowed = nil; allowed == nil {
		return
	}
	n := c.Labels + 1
	table := make([]bool, n*n)
	for from := -1; from < c.Labels; from++ {
		for to := -1; to < c.Labels; to++ {
			table[(from+1)*n+to+1] = allowed(from, to)
		}
	}
	c.allowed = func(from, to int) bool { return table[(from+1)*n+to+1] }
}

// permits reports whether a transition is allowed.
func (c *CRF) permits(from, to int) bool { return c.allowed == nil || c.allowed(from, to) }

// Loss returns −log p(gold), summed over sequences, as a scalar. emissions is [rows, Labels]. gold holds the label of
// each row, as [Layout.Place] returns them; a sequence that [CRF.Constrain] forbids is an error.
//
// weights, if not nil, holds a factor for each row. It scales the token's part of −log p(gold): −log p of its label
// given the labels before it. If all transitions are 0, this is [Output.WeightedLoss].
//
// stats, if not nil, is set when the graph runs; it ignores the weights. Hits counts the labels that the most probable
// sequence has too. Every run reads gold and weights anew, so the caller may overwrite them between runs.
//
// The loss is as precise as float32 emissions and transitions of this magnitude.
func (c *CRF) Loss(p *Pass, emissions *gorgonia.Node, lay *Layout, gold []int32, weights []float32, stats *LossStats) *gorgonia.Node {
	return c.SmoothLoss(p, emissions, lay, gold, weights, 0, stats)
}

// SmoothLoss is Loss with label smoothing eps, 0 to 1: the mean loss of random labels in place of gold. Each token's
// label is gold with probability 1−eps and otherwise any label, and label sequences that the constraint forbids are
// excluded. If all transitions are 0 and allowed, this is the label smoothing of [Output.WeightedLoss].
func (c *CRF) SmoothLoss(p *Pass, emissions *gorgonia.Node, lay *Layout, gold []int32, weights []float32, eps float64, stats *LossStats) *gorgonia.Node {
	who := "CRF " + c.Transitions.Name
	if !p.placed(who, lay) || !p.matrix(who, emissions, lay.Rows(), c.Labels) {
		return nil
	}
	if weights != nil && len(weights) != lay.Rows() {
		p.fail(fmt.Errorf("rnn: %s: %d weights of %d tokens: want one a token", who, len(weights), lay.Rows()))
		return nil
	}
	if !(eps >= 0 && eps <= 1) {
		p.fail(fmt.Errorf("rnn: %s: label smoothing %g: want 0 to 1", who, eps))
		return nil
	}
	if err := c.check(gold, lay); err != nil {
		p.fail(err)
		return nil
	}
	var dx []float32
	f := &fused{name: "crf", params: []*Param{c.Transitions, c.Start, c.End}, outs: []shape{{}}}
	f.forward = func(ins, outs [][]float32) {
		if err := c.check(gold, lay); err != nil {
			p.reject(err)
			return
		}
		if dx = nil; f.differentiated {
			dx = p.mem.Take(len(ins[0]))
		}
		target := newLabelTarget(gold, weights)
		if eps > 0 {
			target.soften(&p.mem, lay, c.Labels, c.allowed, eps)
		}
		var s lossSums
		f.early(func() { s = c.run(&p.mem, ins[0], lay, target, dx, stats != nil) })
		if stats != nil {
			*stats = s.LossStats
		}
		outs[0] = []float32{float32(s.smooth)}
	}
	f.backward = func(gout, gin [][]float32) {
		f.late(gout[0][0], dx)
		gin[0] = dx
	}
	return p.apply(f, emissions)[0]
}

// check returns an error if gold is not one allowed label a row.
func (c *CRF) check(gold []int32, lay *Layout) error {
	if len(gold) != lay.Rows() {
		return fmt.Errorf("rnn: CRF %s: labels of %d tokens: want %d", c.Transitions.Name, len(gold), lay.Rows())
	}
	for s, n := range lay.lens {
		before := -1
		for t := range n + 1 {
			label := -1
			if t < n {
				if label = int(gold[lay.Row(s, t)]); label < 0 || label >= c.Labels {
					return fmt.Errorf("rnn: CRF %s: sequence %d, token %d: label %d: want 0 to %d", c.Transitions.Name, s, t, label, c.Labels-1)
				}
			}
			if !c.permits(before, label) {
				return fmt.Errorf("rnn: CRF %s: sequence %d, token %d: label %d after %d (-1: none): want an allowed transition", c.Transitions.Name, s, t, label, before)
			}
			before = label
		}
	}
	return nil
}

// run computes the loss. If dx [rows, Labels] is not nil, run sets it to the gradient of x and accumulates the
// gradients of the parameters. It counts hits only if asked to.
func (c *CRF) run(mem *Buffers, x []float32, lay *Layout, target *labelTarget, dx []float32, hits bool) lossSums {
	h := c.chain()
	t := newTrellis(mem, h, x, lay)
	t.filter()
	sum := lossSums{LossStats: LossStats{Tokens: lay.Rows()}, smooth: -target.transitions(h)}
	for s := range lay.lens {
		sum.NLL += t.nll(s, target.gold)
		sum.smooth += target.loss(t, s)
	}
	if hits {
		for s, labels := range h.viterbi(mem, x, lay) {
			for k, label := range labels {
				if target.gold[lay.Row(s, k)] == label {
					sum.Hits++
				}
			}
		}
	}
	if dx == nil {
		return sum
	}
	t.smooth(mem, dx, target)
	pairs := mem.zeros(c.Labels * c.Labels)
	t.pairs(pairs)
	target.subtract(dx, pairs, lay)
	kernel.Axpy(1, pairs, c.Transitions.vector())
	starts, ends := c.Start.vector(), c.End.vector()
	for s, steps := range lay.lens {
		kernel.Axpy(1, t.row(dx, lay.Row(s, 0)), starts)
		kernel.Axpy(1, t.row(dx, lay.Row(s, steps-1)), ends)
	}
	return sum
}
