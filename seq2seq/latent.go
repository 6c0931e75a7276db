package seq2seq

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
	"gorgonia.org/gorgonia"
)

// VectorStats say how a model with a bottleneck uses its vector, on up to 1,000 of the validation examples.
type VectorStats struct {
	// Gain is how much more a target token costs, in nats, if each sentence is decoded from another sentence's vector.
	// Where it is next to nothing, the decoder does not listen.
	Gain float64 `json:"gain"`

	// Of variational models: the mean divergence from the prior, in nats a sentence; an estimate of the mutual
	// information of sentences and vectors, in nats, which cannot exceed the logarithm of the number of sentences
	// (Hoffman and Johnson, ELBO surgery, 2016); and the dimensions whose mean varies from sentence to sentence, its
	// variance above 0.01 (Burda, Grosse and Salakhutdinov, Importance Weighted Autoencoders, 2016).
	Divergence float64 `json:"divergence,omitempty"`
	Mutual     float64 `json:"mutual_information,omitempty"`
	Active     int     `json:"active_units,omitempty"`
}

// Collapsed reports whether the decoder ignores the vector: whether another sentence's costs less than 0.05 nats a
// token more.
func (s VectorStats) Collapsed() bool { return s.Gain < 0.05 }

// latentState is what a training remembers of its bottleneck.
type latentState struct {
	Halved    int `json:"halved"`    // times that the guard has halved the factor of the divergence
	Collapsed int `json:"collapsed"` // validations in a row that found the vector ignored
}

// latentWeight is the factor of the divergence in the step under way.
func (t *trainer) latentWeight() float64 {
	return math.Ldexp(t.o.Latent.at(t.at.Step+1), -t.at.Latent.Halved)
}

// encoderStream sets the draws of the encoder's own steps apart from other uses of the seed.
const encoderStream = 3 << 32

// trainEncoder makes the steps of the encoder alone that come before a step of the whole model.
func (t *trainer) trainEncoder(ctx context.Context) error {
	if t.at.Step >= t.o.Latent.AggressiveSteps {
		return nil
	}
	updates := t.o.Latent.AggressiveUpdates
	if updates == 0 {
		updates = 5
	}
	rng := rand.New(rand.NewPCG(t.o.Seed, encoderStream+uint64(t.at.Step)))
	rate := t.rate()
	for range updates {
		batch := t.epoch()[rng.IntN(len(t.epoch()))]
		sum, err := t.gradients(ctx, [][]int{batch}, rng)
		if err != nil {
			return err
		}
		var own []gorgonia.ValueGrad
		for _, g := range t.net.params.Grads() {
			if p, ok := g.(*rnn.Param); ok && encodes(p.Name) {
				own = append(own, g)
			}
		}
		if _, err := t.apply(own, sum, rate); err != nil {
			return err
		}
		t.opt.SetSteps(t.optimizerSteps()) // these are no steps of the training
	}
	return nil
}

// encodes reports whether a parameter stands before the vector.
func encodes(name string) bool {
	for _, prefix := range []string{"source.", "encoder.", "bottleneck.keys.", "bottleneck.v", "bottleneck.mean.", "bottleneck.log_variance."} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// guard looks at what a validation found of the vector, and does what the options say if the decoder ignores it.
func (t *trainer) guard(s *VectorStats) {
	if s == nil {
		return
	}
	if !s.Collapsed() {
		t.at.Latent.Collapsed = 0
		return
	}
	t.at.Latent.Collapsed++
	t.o.Log.Warn("the decoder ignores the vector: another sentence's serves as well", "gain", s.Gain, "step", t.at.Step)
	switch t.o.Latent.Guard {
	case "stop":
		if t.at.Latent.Collapsed >= 2 {
			t.at.Ended = fmt.Sprintf("the decoder ignores the vector (%d validations in a row)", t.at.Latent.Collapsed)
		}
	case "adapt":
		t.at.Latent.Halved++
		t.o.Log.Warn("the factor of the divergence is halved", "factor", t.latentWeight())
	}
}

// vectorSample is how many validation pairs are looked at: the mutual information costs their square.
const vectorSample = 1000

// vectorStats says how the model uses its vector, nil without a bottleneck.
func (m *Model) vectorStats(ctx context.Context, pairs []pair) (*VectorStats, error) {
	if m.net.bottleneck == nil {
		return nil, nil
	}
	pairs = pairs[:min(vectorSample, len(pairs))]
	f, mem := m.inference(1), m.buffers()
	defer m.give(mem)
	var own, other rnn.LossStats
	g := gaussians{size: m.config.Bottleneck.Size}
	for _, b := range evalBatches(pairs, budget{sentences: inferenceBatch}) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		mem.Reset()
		batch := pick(pairs, b)
		z, logVar := f.vectors(mem, f.encode(mem, sources(batch)))
		g.mean, g.logVar = append(g.mean, z...), append(g.logVar, logVar...)
		if err := search.Force(ctx, f.decodeVectors(mem, len(batch), z, 0), targets(batch), counting(&own)); err != nil {
			return nil, err
		}
		rotated := append(append([]float32(nil), z[g.size:]...), z[:g.size]...)
		if err := search.Force(ctx, f.decodeVectors(mem, len(batch), rotated, 0), targets(batch), counting(&other)); err != nil {
			return nil, err
		}
	}
	s := &VectorStats{Gain: (other.NLL - own.NLL) / float64(own.Tokens)}
	if m.config.Bottleneck.Variational {
		s.Divergence, s.Mutual, s.Active = g.divergence(), g.mutual(), g.active()
	}
	return s, nil
}

// gaussians are the distributions of some sentences' vectors.
type gaussians struct {
	size         int
	mean, logVar []float32 // [sentences, size]
}

func (g *gaussians) sentences() int { return len(g.mean) / g.size }

// divergence is the mean over the sentences.
func (g *gaussians) divergence() float64 {
	sum := 0.0
	for i, m := range g.mean {
		sum += rnn.Divergence(float64(m), float64(g.logVar[i]))
	}
	return sum / float64(g.sentences())
}

// active counts the dimensions whose mean varies.
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

// mutual estimates E[log q(z|x) − log q(z)] with one draw of z for each sentence and the mixture of all sentences for
// q(z).
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
