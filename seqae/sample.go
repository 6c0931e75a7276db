package seqae

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/seq2seq"
)

// Gaussian is a normal distribution of vectors: the prior of a variational model, or one fitted to the vectors of a
// corpus.
type Gaussian struct {
	mean  []float64
	scale *mat.Dense // [size, rank]: the covariance is scale·scaleᵀ; nil means the identity
}

// Prior returns the prior of a variational model: mean 0 and the identity as covariance.
func (m *Model) Prior() (*Gaussian, error) {
	if !m.VectorModel.Config().Bottleneck.Variational {
		return nil, errors.New("seqae: the model has no prior: want a variational model, or a distribution fitted to a corpus")
	}
	return &Gaussian{mean: make([]float64, m.VectorSize())}, nil
}

// Fit fits a normal distribution to two or more vectors: their mean and their covariance.
func Fit(vectors [][]float32) (*Gaussian, error) {
	n := len(vectors)
	if n < 2 {
		return nil, fmt.Errorf("seqae: fitting a distribution to %d vectors: want at least 2", n)
	}
	size := len(vectors[0])
	g := &Gaussian{mean: make([]float64, size)}
	for i, v := range vectors {
		if len(v) != size {
			return nil, fmt.Errorf("seqae: vector %d has %d numbers: want %d, as the first has", i+1, len(v), size)
		}
		for j, x := range v {
			g.mean[j] += float64(x) / float64(n)
		}
	}
	covariance := mat.NewSymDense(size, nil)
	centered := mat.NewVecDense(size, nil)
	for _, v := range vectors {
		for j, x := range v {
			centered.SetVec(j, float64(x)-g.mean[j])
		}
		covariance.SymRankOne(covariance, 1/float64(n-1), centered)
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(covariance, true) {
		return nil, errors.New("seqae: fitting a distribution: the covariance has no eigenvectors: want finite vectors")
	}
	var q mat.Dense
	eigen.VectorsTo(&q)
	values := eigen.Values(nil)
	g.scale = mat.NewDense(size, size, nil)
	g.scale.Apply(func(_, j int, v float64) float64 { return v * math.Sqrt(max(0, values[j])) }, &q)
	return g, nil
}

// Draw draws a vector. The temperature scales its distance from the mean: 1 draws from the distribution itself, 0
// returns the mean.
func (g *Gaussian) Draw(rng *rand.Rand, temperature float64) []float32 {
	e := mat.NewVecDense(len(g.mean), nil)
	for i := range g.mean {
		e.SetVec(i, rng.NormFloat64())
	}
	if g.scale != nil {
		var s mat.VecDense
		s.MulVec(g.scale, e)
		e = &s
	}
	out := make([]float32, len(g.mean))
	for i, m := range g.mean {
		out[i] = float32(m + temperature*e.AtVec(i))
	}
	return out
}

// Sample draws n vectors from a distribution and returns their decoded texts. The temperature, 0 or more, scales their
// distance from the mean; see [Gaussian.Draw].
func (m *Model) Sample(ctx context.Context, from *Gaussian, n int, temperature float64, rng *rand.Rand, opts *seq2seq.SearchOptions) ([]string, error) {
	var out []string
	for s, err := range m.Samples(ctx, from, n, temperature, rng, opts) {
		if err != nil {
			return nil, err
		}
		out = append(out, s.Text)
	}
	return out, nil
}

// Sampled is a vector drawn from a distribution and its decoding. Source is empty.
type Sampled struct {
	seq2seq.Translation
	Vector []float32
}

// Samples is [Model.Sample] as a stream, with the vectors.
func (m *Model) Samples(ctx context.Context, from *Gaussian, n int, temperature float64, rng *rand.Rand, opts *seq2seq.SearchOptions) iter.Seq2[Sampled, error] {
	return func(yield func(Sampled, error) bool) {
		if !(temperature >= 0) || math.IsInf(temperature, 0) {
			yield(Sampled{}, fmt.Errorf("seqae: temperature %v: want 0 or more", temperature))
			return
		}
		vectors := make([][]float32, n)
		for i := range vectors {
			vectors[i] = from.Draw(rng, temperature)
			if m.VectorModel.Config().Bottleneck.Unit {
				kernel.Unit(vectors[i], vectors[i])
			}
		}
		i := 0
		for t, err := range m.Decode(ctx, corpora.Stream(vectors), opts) {
			if err != nil {
				yield(Sampled{}, err)
				return
			}
			if !yield(Sampled{t, vectors[i]}, nil) {
				return
			}
			i++
		}
	}
}
