package rnn

import (
	"fmt"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// Output is a linear layer onto a vocabulary, with its loss. A tied weight is the target embedding's matrix.
type Output struct {
	In, Vocab int
	Weight    *Param // [Vocab, In]
	Bias      *Param // [Vocab]
}

// NewOutput adds an output layer's parameters. tied, if not nil, is an embedding of the same sizes whose matrix it
// uses. Press and Wolf, Using the Output Embedding to Improve Language Models, 2017.
func NewOutput(ps *Params, name string, in, vocab int, tied *Embedding, init Inits) (*Output, error) {
	o := &Output{In: in, Vocab: vocab}
	if tied == nil {
		o.Weight = ps.New(name+".weight", init.matrix(1), vocab, in)
	} else {
		if tied.Size != in || tied.Vocab != vocab {
			return nil, fmt.Errorf("rnn: %s: tied embedding is %d×%d: want %d×%d", name, tied.Vocab, tied.Size, vocab, in)
		}
		o.Weight = tied.Weight
	}
	o.Bias = ps.New(name+".bias", Zero(), vocab)
	return o, nil
}

// LossStats are sums over the tokens of a batch.
type LossStats struct {
	Tokens int
	NLL    float64 // −log probability of the targets, in nats, without label smoothing
	Hits   int     // targets that had the highest probability
}

// Add adds another batch's figures.
func (s *LossStats) Add(o LossStats) {
	s.Tokens += o.Tokens
	s.NLL += o.NLL
	s.Hits += o.Hits
}

// blockLogits is how many logits the loss holds at once: 16 MiB of them.
const blockLogits = 4 << 20

// Loss is the sum over rows of the cross-entropy between softmax(W x + b) and the targets, as a scalar; x is [rows,
// In]. With label smoothing eps, each target's distribution is (1−eps) on the target and eps spread over the whole
// vocabulary (Szegedy et al., Rethinking the Inception Architecture for Computer Vision, 2016). stats, if not nil, is
// set when the graph runs. Loss keeps targets and reads them at every run, so the caller may overwrite them between
// runs.
//
// Logits are computed and used block by block of rows, together with their gradients, and never held for the whole
// batch.
func (o *Output) Loss(p *Pass, x *gorgonia.Node, targets []int32, eps float64, stats *LossStats) *gorgonia.Node {
	return o.WeightedLoss(p, x, targets, nil, eps, stats)
}

// WeightedLoss is Loss where each row's cross-entropy is multiplied by a weight, of either sign; nil weights are 1.
// stats are without them.
func (o *Output) WeightedLoss(p *Pass, x *gorgonia.Node, targets []int32, weights []float32, eps float64, stats *LossStats) *gorgonia.Node {
	if weights != nil && len(weights) != len(targets) {
		p.fail(fmt.Errorf("rnn: %s: %d weights of %d targets: want as many", o.Weight.Name, len(weights), len(targets)))
		return nil
	}
	if !p.matrix("output layer "+o.Weight.Name, x, len(targets), o.In) {
		return nil
	}
	if err := o.check(targets); err != nil {
		p.fail(err)
		return nil
	}
	var dx []float32
	f := &fused{name: "loss", params: []*Param{o.Weight, o.Bias}, outs: []shape{{}}}
	f.forward = func(ins, outs [][]float32) {
		if err := o.check(targets); err != nil {
			p.reject(err)
			return
		}
		if f.differentiated {
			dx = p.mem.Take(len(ins[0]))
		}
		var s lossSums
		f.early(func() { s = o.run(p, ins[0], targets, weights, float32(eps), dx, nil) })
		if stats != nil {
			*stats = s.LossStats
		}
		outs[0] = []float32{float32(s.smooth)}
	}
	f.backward = func(gout, gin [][]float32) {
		f.late(gout[0][0], dx)
		gin[0] = dx
	}
	return p.apply(f, x)[0]
}

func (o *Output) check(targets []int32) error {
	for _, t := range targets {
		if t < 0 || int(t) >= o.Vocab {
			return fmt.Errorf("rnn: %s: target %d: want 0 to %d", o.Weight.Name, t, o.Vocab-1)
		}
	}
	return nil
}

// lossSums are LossStats and the sum of the smoothed losses.
type lossSums struct {
	LossStats
	smooth float64
}

// run computes the loss and, where dx is not nil, its gradients: dx [rows, In] is set, those of the parameters are
// added to them. weights of the rows may be nil. mix is what copying adds, or nil.
func (o *Output) run(p *Pass, x []float32, targets []int32, weights []float32, eps float32, dx []float32, mix *mixture) lossSums {
	block := min(max(blockLogits/o.Vocab, 64), len(targets))
	logits := p.mem.Take(block * o.Vocab)
	figures := make([]struct {
		nll, smooth float32
		hit         bool
	}, block)
	sum := lossSums{LossStats: LossStats{Tokens: len(targets)}}
	for at := 0; at < len(targets); at += block {
		n := min(block, len(targets)-at)
		xs, ys := x[at*o.In:(at+n)*o.In], logits[:n*o.Vocab]
		kernel.GemmAs(p.prec, false, true, n, o.Vocab, o.In, 1, xs, o.In, o.Weight.W, o.In, 0, ys, o.Vocab)
		kernel.Parallel(n, func(lo, hi int) {
			for r := lo; r < hi; r++ {
				row, f := ys[r*o.Vocab:][:o.Vocab], &figures[r]
				kernel.Axpy(1, o.Bias.W, row)
				weight := float32(1)
				if weights != nil {
					weight = weights[at+r]
				}
				if mix != nil {
					f.nll, f.smooth, f.hit = mix.loss(at+r, row, int(targets[at+r]), eps)
					mix.weigh(at+r, row, weight)
				} else if dx == nil {
					f.nll, f.smooth, f.hit = kernel.CrossEntropyLoss(row, int(targets[at+r]), eps)
				} else {
					f.nll, f.smooth, f.hit = kernel.CrossEntropy(row, int(targets[at+r]), eps, weight)
				}
				f.smooth *= weight
			}
		})
		for _, f := range figures[:n] {
			sum.NLL += float64(f.nll)
			sum.smooth += float64(f.smooth)
			if f.hit {
				sum.Hits++
			}
		}
		if dx == nil {
			continue
		}
		addProduct(p.prec, o.Weight, n, ys, o.Vocab, xs, o.In)
		addSums(&p.mem, n, ys, o.Vocab, o.Bias)
		kernel.GemmAs(p.prec, false, false, n, o.In, o.Vocab, 1, ys, o.Vocab, o.Weight.W, o.In, 0, dx[at*o.In:], o.In)
	}
	return sum
}

// PackedOutput is an output layer whose weights are packed for many steps. It is immutable and safe for concurrent use.
type PackedOutput struct {
	weight kernel.Packed
	bias   []float32
}

// Pack copies the weights for products in a precision, which is available.
func (o *Output) Pack(prec Precision) *PackedOutput {
	q := &PackedOutput{bias: append([]float32(nil), o.Bias.W...)}
	q.weight.PackAs(prec, true, o.In, o.Vocab, o.Weight.W, o.In)
	return q
}

// In is the size of what the layer reads.
func (o *PackedOutput) In() int { return o.weight.K() }

// Logits sets y [rows, Vocab], whose rows begin ld apart, to W x + b for x [rows, In].
func (o *PackedOutput) Logits(rows int, y []float32, ld int, x []float32) {
	o.weight.MulParallel(rows, x, o.weight.K(), 0, y, ld)
	kernel.AddBias(rows, len(o.bias), y, ld, o.bias)
}
