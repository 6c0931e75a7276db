package seq2seq

import (
	"math"
	"math/rand/v2"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/rnn"
)

// gaussians holds the normal distributions of sentences' vectors, one for each sentence.
type gaussians struct {
	size         int
	mean, logVar []float32 // [sentences, size]
}

func (g *gaussians) sentences() int { return len(g.mean) / g.size }

// divergence returns the mean divergence from the standard normal distribution, in nats a sentence.
func (g *gaussians) divergence() float64 {
	sum := 0.0
	for i, m := range g.mean {
		sum += rnn.Divergence(float64(m), float64(g.logVar[i]))
	}
	return sum / float64(g.sentences())
}

// active counts the dimensions whose mean varies over the sentences, with a variance above 0.01.
func (g *gaussians) active() int {
	n, count := float64(g.sentences()), 0
	for j := range g.size {
		var sum, squares float64
		for i := j; i < len(g.mean); i += g.size {
			v := float64(g.mean[i])
			sum, squares = sum+v, squares+v*v
		}
		if squares/n-(sum/n)*(sum/n) > 0.01 {
			count++
		}
	}
	return count
}

// mutual estimates the mutual information E[log q(z|x) − log q(z)], in nats, from one draw of z for each sentence.
// q(z) is the mixture of all sentences' distributions.
func (g *gaussians) mutual() float64 {
	n := g.sentences()
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	z := make([]float32, len(g.mean))
	scale := make([]float32, len(g.mean)) // 1/variance
	norm := make([]float32, n)            // Σ log variance
	for i, m := range g.mean {
		lv := float64(g.logVar[i])
		z[i] = m + float32(math.Exp(lv/2)*rng.NormFloat64())
		scale[i] = float32(math.Exp(-lv))
		norm[i/g.size] += g.logVar[i]
	}
	each := make([]float64, n)
	kernel.Parallel(n, func(lo, hi int) {
		logs := make([]float32, n)
		for i := lo; i < hi; i++ {
			for k := range logs {
				sum := norm[k]
				for j, v := range z[i*g.size:][:g.size] {
					d := v - g.mean[k*g.size+j]
					sum += d * d * scale[k*g.size+j]
				}
				logs[k] = -sum / 2
			}
			each[i] = float64(logs[i]) - float64(kernel.LogSumExp(logs)) + math.Log(float64(n))
		}
	})
	sum := 0.0
	for _, v := range each {
		sum += v
	}
	return sum / float64(n)
}
