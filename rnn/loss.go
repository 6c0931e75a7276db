package rnn

import (
	"fmt"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// Output is a linear layer onto a vocabulary, with its cross-entropy loss. A tied layer shares the target embedding's
// matrix.
type Output struct {
	In, Vocab int
	Weight    *Param // [Vocab, In]
	Bias      *Param // [Vocab]
}

// NewOutput adds an output layer's parameters. If tied is not nil, the layer shares its matrix; an embedding of another
// shape is an error. Press and Wolf, Using the Output Embedding to Improve Language Models, 2017.
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
	Hits   int     // targets that were the most probable id
}

// Add adds the sums of another batch.
func (s *LossStats) Add(o LossStats) {
	s.Tokens += o.Tokens
	s.NLL += o.NLL
	s.Hits += o.Hits
}

// blockLogits is the largest number of logits in memory at once: 16 MiB.
const blockLogits = 4 << 20

// Loss returns the cross-entropy between softmax(W x + b) and the targets, summed over rows, as a scalar. x is [rows,
// In]. Label smoothing eps, 0 to 1, spreads eps of each target's probability over the whole vocabulary (Szegedy et al.,
// Rethinking the Inception Architecture for Computer Vision, 2016).
//
// stats, if not nil, is set when the graph runs. Every run reads targets anew, so the caller may overwrite them between
// runs. Logits and their gradients exist for a block of rows at a time, never for the whole batch.
func (o *Output) Loss(p *Pass, x *gorgonia.Node, targets []int32, eps float64, stats *LossStats) *gorgonia.Node {
	return o.WeightedLoss(p, x, targets, nil, eps, stats)
}

// WeightedLoss is Loss with a factor, of either sign, for each row's cross-entropy; nil weights mean 1. stats ignores
// the factors.
func (o *Output) WeightedLoss(p *Pass, x *gorgonia.Node, targets []int32, weights []float32, eps float64, stats *LossStats) *gorgonia.Node {
	if weights != nil && len(weights) != len(targets) {
		p.fail(fmt.Errorf("rnn: %s: %d weights of %d targets: want one a target", o.Weight.Name, len(weights), len(targets)))
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

// check returns an error if a target is not an id of the vocabulary.
func (o *Output) check(targets []int32) error {
	for _, t := range targets {
		if t < 0 || int(t) >= o.Vocab {
			return fmt.Errorf("rnn: %s: target %d: want 0 to %d", o.Weight.Name, t, o.Vocab-1)
		}
	}
	return nil
}

// lossSums are the sums of a batch.
type lossSums struct {
	LossStats
	smooth float64 // the loss, with label smoothing and weights
}

// run computes the loss. If dx [rows, In] is not nil, run sets it to the gradient of x and accumulates the gradients of
// the parameters. weights may be nil; mix is nil without copying.
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

// PackedOutput is an [Output] with no graph. It is immutable and safe for concurrent use.
type PackedOutput struct {
	weight kernel.Packed
	bias   []float32
}

// Pack copies the weights for products in an available precision.
func (o *Output) Pack(prec Precision) *PackedOutput {
	q := &PackedOutput{bias: append([]float32(nil), o.Bias.W...)}
	q.weight.PackAs(prec, true, o.In, o.Vocab, o.Weight.W, o.In)
	return q
}

// In returns the size of the layer's input.
func (o *PackedOutput) In() int { return o.weight.K() }

// Logits sets y [rows, Vocab] to W x + b for x [rows, In]. The rows of y begin ld elements apart.
func (o *PackedOutput) Logits(rows int, y []float32, ld int, x []float32) {
	o.weight.MulParallel(rows, x, o.weight.K(), 0, y, ld)
	kernel.AddBias(rows, len(o.bias), y, ld, o.bias)
}
