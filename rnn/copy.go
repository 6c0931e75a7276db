package rnn

import (
	"fmt"
	"math"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// Copier lets an output layer copy source tokens. With a gate g = σ(w·x + b) over the output layer's input x,
//
//	P(token) = g·softmax(W x + b)[token] + (1 − g)·Σ attention to the source tokens equal to it
//
// over the vocabulary and the sentence's own ids: a source token outside the vocabulary has an id past its end.
//
// See, Liu and Manning, Get To The Point: Summarization with Pointer-Generator Networks, 2017.
type Copier struct {
	*Output
	Gate     *Param // [1, In]
	GateBias *Param // [1]
}

// NewCopier adds the parameters of the gate to an output layer.
func NewCopier(ps *Params, name string, o *Output, init Inits) *Copier {
	return &Copier{Output: o, Gate: ps.New(name+".weight", init.matrix(1), 1, o.In), GateBias: ps.New(name+".bias", Zero(), 1)}
}

// Copies are the tokens of a source as target ids. A token outside the target's vocabulary has an id past its end.
type Copies struct {
	ids   []int32
	first []int // the first position of each token's id in ids
}

// NewCopies returns the copies of ids, which it keeps.
func NewCopies(ids []int32) Copies {
	c := Copies{ids, make([]int, len(ids))}
	at := make(map[int32]int, len(ids))
	for i, id := range ids {
		if _, ok := at[id]; !ok {
			at[id] = i
		}
		c.first[i] = at[id]
	}
	return c
}

// sums adds up the attention to each id. It stores the sum in mass at the id's first position, and 0 at its other
// positions.
func (c Copies) sums(mass, attention []float32) {
	clear(mass)
	for i, f := range c.first {
		mass[f] += attention[i]
	}
}

// Loss is [Output.Loss] with copying. attention [rows, longest source] is [DecoderOutput].Attention; copies[r] belongs
// to row r. A target is an id of the vocabulary or of its row's copies. Label smoothing covers the vocabulary only.
func (c *Copier) Loss(p *Pass, x, attention *gorgonia.Node, copies []Copies, targets []int32, eps float64, stats *LossStats) *gorgonia.Node {
	return c.WeightedLoss(p, x, attention, copies, targets, nil, eps, stats)
}

// WeightedLoss is [Output.WeightedLoss] with copying.
func (c *Copier) WeightedLoss(p *Pass, x, attention *gorgonia.Node, copies []Copies, targets []int32, weights []float32, eps float64, stats *LossStats) *gorgonia.Node {
	who := "output layer " + c.Weight.Name
	if !p.matrix(who, x, len(targets), c.In) || !p.matrix(who+"'s attention", attention, len(targets), -1) {
		return nil
	}
	width := attention.Shape()[1]
	if err := c.check(copies, targets, weights, width); err != nil {
		p.fail(err)
		return nil
	}
	m := &mixture{copies: copies, width: width}
	var dx []float32
	f := &fused{name: "copying loss", params: []*Param{c.Weight, c.Bias, c.Gate, c.GateBias}, outs: []shape{{}}}
	f.forward = func(in, out [][]float32) {
		if err := c.check(copies, targets, weights, width); err != nil {
			p.reject(err)
			return
		}
		m.alpha, m.gate = in[1], p.mem.Take(len(targets))
		m.mass = p.mem.Take(len(m.alpha))
		for r := range targets {
			m.gate[r] = kernel.Dot(in[0][r*c.In:][:c.In], c.Gate.W) + c.GateBias.W[0]
		}
		if f.differentiated {
			dx, m.dalpha, m.dgate = p.mem.Take(len(in[0])), p.mem.zeros(len(m.alpha)), p.mem.Take(len(targets))
		}
		var s lossSums
		f.early(func() {
			s = c.run(p, in[0], targets, weights, float32(eps), dx, m)
			if f.differentiated {
				c.gateGradients(p, in[0], m.dgate, dx)
			}
		})
		if stats != nil {
			*stats = s.LossStats
		}
		out[0] = []float32{float32(s.smooth)}
	}
	f.backward = func(gout, gin [][]float32) {
		f.late(gout[0][0], dx, m.dalpha)
		gin[0], gin[1] = dx, m.dalpha
	}
	return p.apply(f, x, attention)[0]
}

// check returns an error if the arguments of a loss do not fit together.
func (c *Copier) check(copies []Copies, targets []int32, weights []float32, width int) error {
	if len(copies) != len(targets) || weights != nil && len(weights) != len(targets) {
		return fmt.Errorf("rnn: %s: %d targets, copies of %d rows, %d weights: want equal numbers", c.Weight.Name, len(targets), len(copies), len(weights))
	}
	for r, t := range targets {
		if n := len(copies[r].ids); n > width {
			return fmt.Errorf("rnn: %s: row %d has %d copies: want at most %d, the width of the attention", c.Weight.Name, r, n, width)
		}
		if !copies[r].allow(t, c.Vocab) {
			return fmt.Errorf("rnn: %s: target %d: want 0 to %d, or one of the copies of row %d", c.Weight.Name, t, c.Vocab-1, r)
		}
	}
	return nil
}

// gateGradients accumulates the gradients of the gate's parameters and of its input, dx.
func (c *Copier) gateGradients(p *Pass, x, dgate, dx []float32) {
	addProduct(Float32, c.Gate, len(dgate), dgate, 1, x, c.In)
	addSums(&p.mem, len(dgate), dgate, 1, c.GateBias)
	for r, d := range dgate {
		kernel.Axpy(d, c.Gate.W, dx[r*c.In:][:c.In])
	}
}

// allow reports whether target is an id of the vocabulary or one of the copies.
func (c Copies) allow(target int32, vocab int) bool {
	if target >= 0 && int(target) < vocab {
		return true
	}
	for _, id := range c.ids {
		if id == target {
			return true
		}
	}
	return false
}

// mixture computes the loss of a mixture of two distributions: the vocabulary's and the copies'.
type mixture struct {
	copies      []Copies
	alpha, mass []float32 // [rows, width]: attention; its sums by id
	width       int
	gate        []float32 // [rows]: before the sigmoid

	dalpha, dgate []float32 // gradients of alpha and of gate; nil if not differentiated
}

// leastMass replaces smaller sums of attention, so that their logarithm is finite.
const leastMass = 1e-30

// loss returns a row's negative log-likelihood, its loss with label smoothing, and whether the target is the most
// probable id. When differentiated, it overwrites the logits with their gradients.
func (m *mixture) loss(r int, logits []float32, target int, eps float32) (nll, smooth float32, hit bool) {
	c := m.copies[r]
	mass := m.mass[r*m.width:][:len(c.ids)]
	c.sums(mass, m.alpha[r*m.width:])
	open, shut := logSigmoids(float64(m.gate[r]))
	top := float64(kernel.Max(logits))
	copied := 0.0 // attention to the target
	best := math.Inf(-1)
	at := target // target, or 0 if it is outside the vocabulary
	if at >= len(logits) {
		at = 0
	}
	lse := float64(kernel.LogSumExp(logits))
	for i, id := range c.ids {
		if c.first[i] != i {
			continue
		}
		l := shut + math.Log(max(float64(mass[i]), leastMass))
		if int(id) < len(logits) {
			l = logAdd(l, open+float64(logits[id])-lse)
		}
		best = max(best, l)
		if int(id) == target {
			copied = max(float64(mass[i]), leastMass)
		}
	}
	var generated float32 // −log of the vocabulary's probability
	if m.dgate == nil {
		generated, smooth, _ = kernel.CrossEntropyLoss(logits, at, eps)
	} else {
		generated, smooth, _ = kernel.CrossEntropy(logits, at, eps, 1)
	}
	byVocab := math.Inf(-1)
	if at == target {
		byVocab = open - float64(generated)
	}
	logP := byVocab
	if copied > 0 {
		logP = logAdd(byVocab, shut+math.Log(copied))
	}
	nll = float32(-logP)
	smooth += (1 - eps) * (nll - generated)
	hit = logP >= max(best, open+top-lse)-1e-6
	if m.dgate != nil {
		m.gradient(r, logits, at, target, eps, float32(math.Exp(byVocab-logP)), float32(copied))
	}
	return nll, smooth, hit
}

// gradient converts logits from the gradient of the vocabulary's cross-entropy to the gradient of the mixture's. share
// is the vocabulary's part of the target's probability.
func (m *mixture) gradient(r int, logits []float32, at, target int, eps, share, copied float32) {
	rest := (1 - eps) * (1 - share)
	kernel.Affine(1-rest, -rest*eps/float32(len(logits)), logits)
	logits[at] += rest * eps
	m.dgate[r] = (1 - eps) * (1/(1+float32(math.Exp(-float64(m.gate[r])))) - share)
	if copied == 0 {
		return
	}
	for i, id := range m.copies[r].ids {
		if int(id) == target {
			m.dalpha[r*m.width+i] = -rest / copied
		}
	}
}

// weigh multiplies the gradients of a row by its weight.
func (m *mixture) weigh(r int, logits []float32, weight float32) {
	if m.dgate == nil || weight == 1 {
		return
	}
	kernel.Scale(weight, logits)
	m.dgate[r] *= weight
	kernel.Scale(weight, m.dalpha[r*m.width:][:m.width])
}

// logSigmoids returns log σ(x) and log (1 − σ(x)).
func logSigmoids(x float64) (open, shut float64) {
	tail := math.Log1p(math.Exp(-math.Abs(x)))
	return min(x, 0) - tail, min(-x, 0) - tail
}

// logAdd returns log(e^a + e^b).
func logAdd(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if math.IsInf(b, -1) {
		return a
	}
	return a + math.Log1p(math.Exp(b-a))
}

// PackedCopier is the gate of a [Copier] with no graph. It is immutable and safe for concurrent use.
type PackedCopier struct {
	vocab int
	gate  []float32
	bias  float32
}

// PackGate copies the weights of the gate. [Output.Pack] packs the output layer.
func (c *Copier) PackGate() *PackedCopier {
	return &PackedCopier{c.Vocab, append([]float32(nil), c.Gate.W...), c.GateBias.W[0]}
}

// LogProbs overwrites a row of logits with the natural logarithms of the probabilities of all ids. The row begins with
// the output layer's logits for x and reaches to the largest id of copies; ids past the vocabulary that are not copies
// get -Inf. mass is scratch with an element for each copy.
func (c *PackedCopier) LogProbs(row, x, attention []float32, copies Copies, mass []float32) {
	open, shut := logSigmoids(float64(kernel.Dot(x, c.gate) + c.bias))
	logits := row[:c.vocab]
	kernel.Affine(1, float32(open-float64(kernel.LogSumExp(logits))), logits)
	for i := c.vocab; i < len(row); i++ {
		row[i] = float32(math.Inf(-1))
	}
	mass = mass[:len(copies.ids)]
	copies.sums(mass, attention)
	for i, id := range copies.ids {
		if copies.first[i] == i {
			row[id] = float32(logAdd(float64(row[id]), shut+math.Log(max(float64(mass[i]), leastMass))))
		}
	}
}
