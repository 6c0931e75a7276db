package rnn

import (
	"errors"
	"fmt"

	"gorgonia.org/gorgonia"
)

// runs is the state of a graph's runs, by any machine.
type runs struct {
	n        int                     // runs begun
	fresh    bool                    // operators were added since the last run began
	shared   map[*gorgonia.Node]bool // nodes whose values gorgonia's own operators read
	rejected error                   // an error in the run's data
	sums     gradients               // parameter gradients of one run
	apart    bool                    // parameter gradients go to sums
}

// begin is called before operator f runs. It starts a new run if the current run has already included f.
func (p *Pass) begin(f *fused) error {
	if p.err != nil {
		return p.err
	}
	r := &p.runs
	if !r.fresh && f.ran < r.n {
		f.ran = r.n
		return nil
	}
	if r.n > 0 {
		p.mem.Reset()
	}
	r.n, r.fresh, r.rejected = r.n+1, false, nil
	f.ran = r.n
	return p.survey()
}

// again reports whether this is not the graph's first run.
func (p *Pass) again() bool { return p.runs.n > 1 }

// survey reads from the graph how the caller wired and differentiated it. It fails if parameters would stay untrained.
func (p *Pass) survey() error {
	r := &p.runs
	r.shared = map[*gorgonia.Node]bool{}
	differentiated := false
	for _, n := range p.graph.AllNodes() {
		differentiated = differentiated || hasDeriv(n)
		switch op := n.Op().(type) {
		case nil, *fusedOp, *parameters, *pick:
			continue
		default:
			if n.IsScalar() && op.OverwritesInput() < 0 { // overwrites nothing, and its value shares no memory
				continue
			}
		}
		for it := p.graph.From(n.ID()); it.Next(); {
			if child := it.Node().(*gorgonia.Node); child.Op() != nil {
				r.shared[child] = true
			}
		}
	}
	byParams := hasDeriv(p.anchor)
	r.apart = p.Frozen || byParams && len(p.params.layers) > 0
	r.sums.zero()
	if differentiated {
		p.params.begin()
	}
	if err := p.params.bound(); err != nil {
		return err
	}
	switch {
	case !differentiated:
		return nil
	case byParams && p.Frozen:
		return errors.New("rnn: the graph is differentiated by Pass.Learnables: want a pass that is not Frozen")
	case byParams:
		return p.params.check(p.ops)
	case p.Frozen || p.loss != nil: // Backward leaves parameters out on purpose
		return nil
	}
	for _, f := range p.ops {
		for _, q := range f.params {
			return fmt.Errorf("rnn: the graph is differentiated, but not by the parameters of its layers (%s, ...), which would stay untrained: "+
				"want Pass.Learnables among the nodes given to gorgonia.Grad, or Pass.Backward, or a Frozen pass", q.Name)
		}
	}
	return nil
}

// reject fails the current run because of its data. The next run may succeed.
func (p *Pass) reject(err error) { p.runs.rejected = err }

// failed returns the error of the graph or, if it has none, of the current run.
func (p *Pass) failed() error {
	if p.err != nil {
		return p.err
	}
	return p.runs.rejected
}

// own returns a node's value in memory that gorgonia's operators cannot reach. The last operator in the graph that
// reads a value may overwrite it, although a layer's backward steps still need it.
func (p *Pass) own(n *gorgonia.Node, value []float32) []float32 {
	if !p.runs.shared[n] {
		return value
	}
	c := p.mem.Take(len(value))
	copy(c, value)
	return c
}

// collect calls do, which adds gradients to parameters. If the run keeps them apart, they go to sums instead.
func (p *Pass) collect(params []*Param, do func()) {
	if !p.runs.apart {
		do()
		return
	}
	p.runs.sums.collect(params, do)
}

// gradients are sums of parameter gradients outside the parameters.
type gradients map[*Param]*gradient

// collect calls do and takes the gradients that do adds to parameters.
func (s gradients) collect(params []*Param, do func()) {
	swap := func() {
		for _, q := range params {
			q.gradient, *s[q] = *s[q], q.gradient
		}
	}
	for _, q := range params {
		if s[q] == nil {
			s[q] = &gradient{}
		}
	}
	swap()
	defer swap()
	do()
}

// zero clears the sums, including elements that a solver has changed.
func (s gradients) zero() {
	for q := range s {
		s.collect([]*Param{q}, func() {
			q.zeroGrad()
			q.zero = false
		})
	}
}
