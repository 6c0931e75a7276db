package rnn

import (
	"fmt"
	"math"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// Latent configures the loss for the divergence of a Gaussian bottleneck from its prior.
type Latent struct {
	Weight float64 // factor of the divergence: β of Higgins et al., beta-VAE, 2017

	// FreeBits, in nats, is the least cost of a dimension: its mean divergence over the batch costs nothing beyond it
	// until it exceeds FreeBits. Kingma et al., Improving Variational Inference with Inverse Autoregressive Flow, 2016.
	FreeBits float64

	Weights []float32 // factors of each sequence's divergence in the loss, not in the free bits; nil is 1

	Stats *LatentStats // set when the graph runs, if not nil
}

// LatentStats are sums over the sequences of a batch.
type LatentStats struct {
	Sequences int
	KL        float64 // divergence from the prior, in nats, without weight and free bits
}

// Add adds another batch's figures.
func (s *LatentStats) Add(o LatentStats) {
	s.Sequences += o.Sequences
	s.KL += o.KL
}

// Divergence returns the Kullback-Leibler divergence, in nats, of a normal distribution from the standard one. logVar
// is the logarithm of its variance.
func Divergence(mean, logVar float64) float64 {
	return (mean*mean + math.Exp(logVar) - 1 - logVar) / 2
}

// sample draws from the normal distribution of each row: z = mean + e^(logVar/2)·ε, with ε from the standard normal
// distribution. In evaluation, z = mean. kl is the loss for the divergence, a scalar.
//
// Kingma and Welling, Auto-Encoding Variational Bayes, 2014.
func sample(p *Pass, mean, logVar *gorgonia.Node, l Latent) (z, kl *gorgonia.Node) {
	if !p.matrix("latent mean", mean, -1, -1) {
		return nil, nil
	}
	s := shapeOf(mean)
	if l.Weights != nil && len(l.Weights) != s.rows {
		p.fail(fmt.Errorf("rnn: latent: %d weights of %d sequences: want as many", len(l.Weights), s.rows))
		return nil, nil
	}
	of := func(row int) float32 {
		if l.Weights == nil {
			return 1
		}
		return l.Weights[row]
	}
	if !p.matrix("latent variance", logVar, s.rows, s.columns) {
		return nil, nil
	}
	draw := func() (noise []float32) { // ε
		if p.rng != nil {
			noise = p.mem.Take(s.len())
			for i := range noise {
				noise[i] = float32(p.rng.NormFloat64())
			}
		}
		return noise
	}
	noise := draw()
	var mu, lv, sigma []float32
	weight := make([]float32, s.columns) // of each dimension's divergence: 0 while it is free
	f := &fused{name: "latent", outs: []shape{s, {}}}
	f.forward = func(in, out [][]float32) {
		if p.again() {
			noise = draw()
		}
		mu, lv = in[0], in[1]
		sigma = p.mem.Take(s.len())
		copy(sigma, lv)
		kernel.Scale(0.5, sigma)
		kernel.Exp(sigma, sigma)
		out[0] = p.mem.Take(s.len())
		copy(out[0], mu)
		for i, e := range noise {
			out[0][i] += sigma[i] * e
		}
		each, weighed := make([]float64, s.columns), make([]float64, s.columns)
		kernel.Parallel(s.columns, func(lo, hi int) {
			for r := range s.rows {
				w := float64(of(r))
				for j := lo; j < hi; j++ {
					i := r*s.columns + j
					d := (float64(mu[i])*float64(mu[i]) + float64(sigma[i])*float64(sigma[i]) - 1 - float64(lv[i])) / 2
					each[j] += d
					weighed[j] += w * d
				}
			}
		})
		loss, total := 0.0, 0.0
		free := l.FreeBits * float64(s.rows)
		for j, d := range each {
			total += d
			if d <= free {
				weight[j] = 0
				loss += l.Weight * free
			} else {
				weight[j] = float32(l.Weight)
				loss += l.Weight * weighed[j]
			}
		}
		if l.Stats != nil {
			*l.Stats = LatentStats{Sequences: s.rows, KL: total}
		}
		out[1] = []float32{float32(loss)}
	}
	f.backward = func(gout, gin [][]float32) {
		dz := gout[0]
		gin[0], gin[1] = p.mem.Zeros(s.len()), p.mem.Zeros(s.len())
		for i := range mu {
			w := float32(0)
			if gout[1] != nil {
				w = gout[1][0] * weight[i%s.columns] * of(i/s.columns)
			}
			gin[0][i] = w * mu[i]
			gin[1][i] = w * (sigma[i]*sigma[i] - 1) / 2
			if dz == nil {
				continue
			}
			gin[0][i] += dz[i]
			if noise != nil {
				gin[1][i] += dz[i] * noise[i] * sigma[i] / 2
			}
		}
	}
	out := p.apply(f, mean, logVar)
	return out[0], out[1]
}

// unitRows scales each row to Euclidean length 1. Rows of zeros stay zero.
func unitRows(p *Pass, x *gorgonia.Node) *gorgonia.Node {
	if !p.matrix("unit vectors", x, -1, -1) {
		return nil
	}
	s := shapeOf(x)
	var y, norms []float32
	return p.apply(&fused{
		name: "unit",
		outs: []shape{s},
		forward: func(in, out [][]float32) {
			y, norms = p.mem.Take(s.len()), p.mem.Take(s.rows)
			copy(y, in[0])
			normalize(s.rows, y, norms)
			out[0] = y
		},
		backward: func(gout, gin [][]float32) {
			gin[0] = p.mem.Zeros(s.len())
			for r, norm := range norms {
				at := r * s.columns
				row, d, dx := y[at:][:s.columns], gout[0][at:][:s.columns], gin[0][at:][:s.columns]
				if norm > 0 { // dx = (d − (d·y) y) / norm
					kernel.Axpy(1/norm, d, dx)
					kernel.Axpy(-kernel.Dot(d, row)/norm, row, dx)
				}
			}
		},
	}, x)[0]
}

// normalize scales rows to length 1 and sets norms to their lengths before.
func normalize(rows int, x, norms []float32) {
	n := len(x) / rows
	for r := range rows {
		row := x[r*n:][:n]
		norms[r] = float32(math.Sqrt(kernel.SumSquares(row)))
		if norms[r] > 0 {
			kernel.Scale(1/norms[r], row)
		}
	}
}
