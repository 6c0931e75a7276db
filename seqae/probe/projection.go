package probe

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/retell-rnn/retell/internal/kernel"
)

// Projection is a baseline without training: it gives each word a random vector and sums those of a line, weighted by
// TF-IDF or equally. Cosines are near those of the weights themselves, the nearer the greater Size is. Achlioptas,
// Database-friendly Random Projections, 2003.
type Projection struct {
	Size  int    // size of the vectors, 1 or more
	Equal bool   // weight all words equally: the mean of random word vectors
	Seed  uint64 // seed of the word vectors
}

// Name returns "projected TF-IDF", or "random word vectors".
func (p *Projection) Name() string {
	if p.Equal {
		return "random word vectors"
	}
	return "projected TF-IDF"
}

// Embed returns [Dense] vectors. Words of the lines are numbered in alphabetical order; a word's vector depends on its
// number.
func (p *Projection) Embed(ctx context.Context, lines []string) (Vectors, error) {
	t := FitTFIDF(lines)
	if p.Equal {
		for i := range t.idf {
			t.idf[i] = 1
		}
	}
	v, err := t.Embed(ctx, lines)
	if err != nil {
		return nil, err
	}
	from := v.(*Sparse)
	signs := p.signs(len(t.idf))
	data := make([]float32, p.Size*len(lines))
	scale := float32(1 / math.Sqrt(float64(p.Size)))
	kernel.Parallel(len(lines), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			sum := data[i*p.Size:][:p.Size]
			columns, values := from.row(i)
			for k, c := range columns {
				add(sum, signs[int(c)*p.words():], scale*values[k])
			}
		}
	})
	return NewDense(p.Size, data)
}

// words returns the number of 64-bit words that hold the signs of a vector.
func (p *Projection) words() int { return (p.Size + 63) / 64 }

// signs returns random bits, the signs of n vectors of ones.
func (p *Projection) signs(n int) []uint64 {
	rng := rand.New(rand.NewPCG(p.Seed, 0))
	signs := make([]uint64, n*p.words())
	for i := range signs {
		signs[i] = rng.Uint64()
	}
	return signs
}

// add adds x to each number, or −x where the bit of signs is set.
func add(sum []float32, signs []uint64, x float32) {
	bits := math.Float32bits(x)
	for d := range sum {
		sign := uint32(signs[d/64]>>(d%64)) << 31
		sum[d] += math.Float32frombits(bits ^ sign)
	}
}
