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
// decoding. from is -1 at the start of a sequence, and to is -1 at its end. Nil allows all.
func (c *CRF) Constrain(allowed func(from, to int) bool) { c.allowed = allowed }

// permits reports whether a transition is allowed.
func (c *CRF) permits(from, to int) bool { return c.allowed == nil || c.allowed(from, to) }

// Loss returns −log p(gold), summed over sequences, as a scalar. emissions is [rows, Labels]. gold holds the label of
// each row, as [Layout.Place] returns them; a sequence that [CRF.Constrain] forbids is an error.
//
// weights, if not nil, holds a factor for each row. It scales the token's part of −log p(gold), which is −log p of its
// label given the labels before it. If all transitions are 0, this is [Output.WeightedLoss].
//
// stats, if not nil, is set when the graph runs; it ignores the weights. Hits counts the labels that the most probable
// sequence has too. Every run reads gold and weights anew, so the caller may overwrite them between runs.
func (c *CRF) Loss(p *Pass, emissions *gorgonia.Node, lay *Layout, gold []int32, weights []float32, stats *LossStats) *gorgonia.Node {
	who := "CRF " + c.Transitions.Name
	if !p.placed(who, lay) || !p.matrix(who, emissions, lay.Rows(), c.Labels) {
		return nil
	}
	if weights != nil && len(weights) != lay.Rows() {
		p.fail(fmt.Errorf("rnn: %s: %d weights of %d tokens: want one a token", who, len(weights), lay.Rows()))
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
		var s lossSums
		f.early(func() { s = c.run(&p.mem, ins[0], lay, gold, weights, dx, stats != nil) })
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
func (c *CRF) run(mem *Buffers, x []float32, lay *Layout, gold []int32, weights, dx []float32, hits bool) lossSums {
	chain := c.chain()
	tr := newTrellis(mem, chain, x, lay)
	tr.filter()
	sum := lossSums{LossStats: LossStats{Tokens: lay.Rows()}}
	for s := range lay.lens {
		nll, loss := tr.loss(s, gold, weights)
		sum.NLL += nll
		sum.smooth += loss
	}
	if hits {
		for s, labels := range chain.viterbi(mem, x, lay) {
			for t, label := range labels {
				if gold[lay.Row(s, t)] == label {
					sum.Hits++
				}
			}
		}
	}
	if dx == nil {
		return sum
	}
	tr.smooth(mem, dx, gold, weights)
	c.gradients(mem, tr, dx, gold, weights)
	return sum
}

// gradients turns q, the expected labels, into the gradient of the emissions and accumulates the gradients of the
// parameters.
func (c *CRF) gradients(mem *Buffers, tr *trellis, q []float32, gold []int32, weights []float32) {
	n, lay := c.Labels, tr.lay
	pairs := mem.zeros(n * n)
	tr.pairs(pairs)
	for s, steps := range lay.lens {
		before := int32(-1)
		for t := range steps {
			row := lay.Row(s, t)
			y, w := gold[row], weightAt(weights, row)
			q[row*n+int(y)] -= w
			if before >= 0 {
				pairs[int(before)*n+int(y)] -= w
			}
			before = y
		}
	}
	kernel.Axpy(1, pairs, c.Transitions.vector())
	starts, ends := c.Start.vector(), c.End.vector()
	for s, steps := range lay.lens {
		kernel.Axpy(1, q[lay.Row(s, 0)*n:][:n], starts)
		kernel.Axpy(1, q[lay.Row(s, steps-1)*n:][:n], ends)
	}
}

// weightAt returns a row's weight; nil weights mean 1.
func weightAt(weights []float32, row int) float32 {
	if weights == nil {
		return 1
	}
	return weights[row]
}
