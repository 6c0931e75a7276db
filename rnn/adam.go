package rnn

import (
	"math"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// Adam is the optimizer Adam or, with Decay, AdamW: the decay acts on the weights themselves, not through the gradient.
//
// Dense Adam also moves embedding rows absent from a batch and decays their moments. Here such a row catches up when it
// occurs again, or in Flush: the missed steps form a geometric series, which is applied in closed form.
//
// Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015; Loshchilov and Hutter, Decoupled Weight Decay
// Regularization, 2019.
type Adam struct {
	Beta1   float64 // decay of the mean of the gradient, 0 to below 1; 0 means 0.9
	Beta2   float64 // decay of the mean of its square, 0 to below 1; 0 means 0.999
	Epsilon float64 // added to the root of that mean; 0 means 1e-8
	Decay   float64 // each step subtracts rate·Decay·w from a weight w; 0 means none

	pace
	moments slots
}

// Slots implements [Optimizer]. It returns both moments and, for each row, the last step applied to the row; 0 means
// that no step has updated the row alone. A parameter must have gradients of single rows in every step or in none.
func (a *Adam) Slots(p *Param) [][]float32 {
	s := a.moments.get(p.W, 2)
	if len(s) == 2 {
		s = append(s, make([]float32, len(p.W)/p.Columns()))
		a.moments.of[&p.W[0]] = s
	}
	return s
}

// settings returns the settings of the next step, with defaults for zero fields.
func (a *Adam) settings() kernel.Adam {
	or := func(v, otherwise float64) float32 {
		if v == 0 {
			v = otherwise
		}
		return float32(v)
	}
	return kernel.Adam{
		Rate: float32(a.rate), Scale: float32(a.scale), Step: a.step, Decay: float32(a.Decay),
		Beta1: or(a.Beta1, 0.9), Beta2: or(a.Beta2, 0.999), Epsilon: or(a.Epsilon, 1e-8),
	}
}

// Step implements gorgonia.Solver.
func (a *Adam) Step(model []gorgonia.ValueGrad) error {
	if err := ready(model); err != nil {
		return err
	}
	a.step++
	k := a.settings()
	var whole []gorgonia.ValueGrad
	for _, v := range model {
		if p, ok := v.(*Param); ok && p.state == gradRows {
			a.stepRows(k, p)
		} else {
			whole = append(whole, v)
		}
	}
	memory := func(w []float32) [][]float32 { return a.moments.get(w, 2) }
	return eachRun(whole, memory, func(s [][]float32, at int, w, g []float32) {
		k.Update(w, g, s[0][at:at+len(w)], s[1][at:at+len(w)])
	})
}

// stepRows updates the rows that have gradients.
func (a *Adam) stepRows(k kernel.Adam, p *Param) {
	s, n := a.Slots(p), p.Columns()
	rows := slices.Clone(p.rows)
	slices.Sort(rows) // memory is read faster in order
	kernel.Parallel(len(rows), func(lo, hi int) {
		drifts := drifts{k: k, now: a.step - 1}
		for _, r := range rows[lo:hi] {
			at := int(r) * n
			w, m, v := p.W[at:at+n], s[0][at:at+n], s[1][at:at+n]
			drifts.catchUp(w, m, v, s[2][r])
			k.Update(w, p.grad[at:at+n], m, v)
			s[2][r] = float32(a.step)
		}
	})
}

// Flush implements [Optimizer].
func (a *Adam) Flush(ps *Params) {
	k := a.settings()
	for p := range ps.All() {
		s, n := a.Slots(p), p.Columns()
		kernel.Parallel(len(s[2]), func(lo, hi int) {
			drifts := drifts{k: k, now: a.step}
			for r := lo; r < hi; r++ {
				if s[2][r] == 0 {
					continue // never updated alone
				}
				at := r * n
				drifts.catchUp(p.W[at:at+n], s[0][at:at+n], s[1][at:at+n], s[2][r])
				s[2][r] = float32(a.step)
			}
		})
	}
}

// drifts are the updates of rows without gradients up to step now.
type drifts struct {
	k    kernel.Adam
	now  int
	from map[float32]*kernel.AdamDrift // by the last step done
}

// catchUp applies steps done+1 to now, in which a row had no gradient.
func (d *drifts) catchUp(w, m, v []float32, done float32) {
	if float64(done) >= float64(d.now) {
		return
	}
	drift := d.from[done]
	if drift == nil {
		if d.from == nil {
			d.from = map[float32]*kernel.AdamDrift{}
		}
		drift = newDrift(d.k, done, d.now)
		d.from[done] = drift
	}
	drift.Update(w, m, v)
}

// newDrift returns steps done+1 to now. Step done+j moves each weight by q^j times the move that its current moments
// give, q = Beta1/√Beta2. All steps use the current rate and the bias corrections of the middle step.
func newDrift(k kernel.Adam, done float32, now int) *kernel.AdamDrift {
	n := float64(now) - float64(done)
	b1, b2 := float64(k.Beta1), float64(k.Beta2)
	q := b1 / math.Sqrt(b2)
	series := q * (1 - math.Pow(q, n)) / (1 - q)
	middle := float64(done) + min((n+1)/2, 1/(1-q))
	root := math.Sqrt(1 - math.Pow(b2, middle))
	return &kernel.AdamDrift{
		Factor:  float32(float64(k.Rate) * series * root / (1 - math.Pow(b1, middle))),
		Epsilon: float32(float64(k.Epsilon) * root),
		Keep:    float32(math.Pow(1-float64(k.Rate)*float64(k.Decay), n)),
		Fall1:   float32(math.Pow(b1, n)),
		Fall2:   float32(math.Pow(b2, n)),
	}
}
