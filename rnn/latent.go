package rnn

import (
	"fmt"
	"math"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// Latent configures the loss for the divergence of a variational bottleneck from its prior.
type Latent struct {
	Weight float64 // factor of the divergence: β of Higgins et al., beta-VAE, 2017

	// FreeBits is a threshold in nats. A dimension whose divergence, averaged over the batch, does not exceed it costs
	// Weight·FreeBits for each sequence and has no gradient. Kingma et al., Improving Variational Inference with Inverse
	// Autoregressive Flow, 2016.
	FreeBits float64

	Weights []float32 // factors of the sequences' divergences; the threshold ignores them; nil means 1

	Stats *LatentStats // set when the graph runs, if not nil
}

// LatentStats are sums over the sequences of a batch.
type LatentStats struct {
	Sequences int
	KL        float64 // divergence from the prior, in nats, without Weight and FreeBits
}

// Divergence returns the Kullback-Leibler divergence, in nats, of a normal distribution from the standard normal
// distribution. logVar is the logarithm of its variance.
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
		p.fail(fmt.Errorf("rnn: latent: %d weights of %d sequences: want one a sequence", len(l.Weights), s.rows))
		return nil, nil
	}
	if !p.matrix("latent variance", logVar, s.rows, s.columns) {
		return nil, nil
	}
	r := &latentRun{Latent: l, p: p, shape: s, factor: make([]float32, s.columns)}
	r.draw()
	f := &fused{name: "latent", outs: []shape{s, {}}}
	f.forward = func(in, out [][]float32) {
		if p.again() {
			r.draw()
		}
		r.mean, r.logVar = in[0], in[1]
		out[0] = r.sample()
		out[1] = []float32{r.loss()}
	}
	f.backward = func(gout, gin [][]float32) { gin[0], gin[1] = r.backward(gout[0], gout[1]) }
	out := p.apply(f, mean, logVar)
	return out[0], out[1]
}

// latentRun is the arithmetic of sample over one batch.
type latentRun struct {
	Latent
	p            *Pass
	shape        shape     // [sequences, size]
	noise        []float32 // ε, [sequences, size]; nil in evaluation
	mean, logVar []float32
	sigma        []float32 // e^(logVar/2)
	factor       []float32 // [size]: Weight, or 0 for a dimension within FreeBits
}

func (r *latentRun) draw() {
	if r.p.rng == nil {
		return
	}
	r.noise = r.p.mem.Take(r.shape.len())
	for i := range r.noise {
		r.noise[i] = float32(r.p.rng.NormFloat64())
	}
}

// sample returns z.
func (r *latentRun) sample() []float32 {
	r.sigma = r.p.mem.Take(r.shape.len())
	copy(r.sigma, r.logVar)
	kernel.Scale(0.5, r.sigma)
	kernel.Exp(r.sigma, r.sigma)
	z := r.p.mem.Take(r.shape.len())
	copy(z, r.mean)
	for i, e := range r.noise {
		z[i] += r.sigma[i] * e
	}
	return z
}

// weight returns the factor of a sequence's divergence.
func (r *latentRun) weight(sequence int) float32 {
	if r.Weights == nil {
		return 1
	}
	return r.Weights[sequence]
}

// divergences returns the divergence of each dimension, summed over the sequences, without and with the sequences'
// weights.
func (r *latentRun) divergences() (plain, weighted []float64) {
	n := r.shape.columns
	plain, weighted = make([]float64, n), make([]float64, n)
	kernel.Parallel(n, func(lo, hi int) {
		for seq := range r.shape.rows {
			w := float64(r.weight(seq))
			for j := lo; j < hi; j++ {
				i := seq*n + j
				mean, sigma := float64(r.mean[i]), float64(r.sigma[i])
				d := (mean*mean + sigma*sigma - 1 - float64(r.logVar[i])) / 2
				plain[j] += d
				weighted[j] += w * d
			}
		}
	})
	return plain, weighted
}

// loss returns the loss for the divergence. It also sets factor and Stats.
func (r *latentRun) loss() float32 {
	plain, weighted := r.divergences()
	loss, total := 0.0, 0.0
	free := r.FreeBits * float64(r.shape.rows)
	for j, d := range plain {
		total += d
		if d <= free {
			r.factor[j] = 0
			loss += r.Weight * free
		} else {
			r.factor[j] = float32(r.Weight)
			loss += r.Weight * weighted[j]
		}
	}
	if r.Stats != nil {
		*r.Stats = LatentStats{Sequences: r.shape.rows, KL: total}
	}
	return float32(loss)
}

// backward returns the gradients of mean and logVar from dz and dkl, either of which may be nil.
func (r *latentRun) backward(dz, dkl []float32) (dmean, dlogVar []float32) {
	dmean, dlogVar = r.p.mem.zeros(r.shape.len()), r.p.mem.zeros(r.shape.len())
	for i, mean := range r.mean {
		w := float32(0)
		if dkl != nil {
			w = dkl[0] * r.factor[i%r.shape.columns] * r.weight(i/r.shape.columns)
		}
		dmean[i] = w * mean
		dlogVar[i] = w * (r.sigma[i]*r.sigma[i] - 1) / 2
		if dz == nil {
			continue
		}
		dmean[i] += dz[i]
		if r.noise != nil {
			dlogVar[i] += dz[i] * r.noise[i] * r.sigma[i] / 2
		}
	}
	return dmean, dlogVar
}
