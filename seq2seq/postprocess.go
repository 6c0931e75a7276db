package seq2seq

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
)

// PostOptions choose a map of an embedder's vectors that is fitted to lines: one of Whiten and Common.
type PostOptions struct {
	// Whiten makes the vectors' numbers uncorrelated and of equal variance, around a mean of zero (Su, Cao, Liu and Ou,
	// Whitening Sentence Representations for Better Semantics and Faster Retrieval, 2021).
	Whiten bool

	// Size is the number of the whitened vector's numbers, those of the greatest variance first, up to the vector's
	// size. 0 means all of them, each as near to the number in its place before as whitening allows (ZCA).
	Size int

	// Common is the number of directions that vectors have most in common and that are removed (Arora, Liang and Ma, A
	// Simple but Tough-to-Beat Baseline for Sentence Embeddings, 2017), 1 to below the vector's size.
	Common int
}

// check returns an error for options that do not fit vectors of the given size.
func (o PostOptions) check(size int) error {
	var v setting.Check
	if o.Whiten == (o.Common != 0) {
		v.Add("common", "%d with whiten: %v: want one of the two", o.Common, o.Whiten)
	}
	if o.Common != 0 {
		v.Between("common", o.Common, 1, size-1)
	}
	v.Between("size", o.Size, 0, size)
	if o.Size != 0 && !o.Whiten {
		v.Add("size", "%d without whiten: want 0", o.Size)
	}
	return v.Err()
}

// PostProcess returns a copy of the embedder whose vectors are mapped by what opts choose, fitted to the vectors of
// lines. Lines without tokens do not count; to whiten, there must be more lines than numbers in a new vector, and
// otherwise two or more. The copy cannot be trained or post-processed again.
func (e *Embedder) PostProcess(ctx context.Context, lines []string, opts PostOptions) (*Embedder, error) {
	m, err := e.postProcess(ctx, lines, opts)
	if err != nil {
		return nil, fmt.Errorf("seq2seq: post-processing: %w", err)
	}
	return m, nil
}

func (e *Embedder) postProcess(ctx context.Context, lines []string, o PostOptions) (*Embedder, error) {
	size := e.config.Bottleneck.Size
	if err := o.check(size); err != nil {
		return nil, err
	}
	switch {
	case e.quantized:
		return nil, errors.New("the model is quantized: want the original")
	case e.config.Bottleneck.Post != "":
		return nil, fmt.Errorf("the vectors are post-processed already (%s): want the model before", e.config.Bottleneck.Post)
	}
	var rows []float64
	for v, err := range e.Embed(ctx, corpora.Stream(lines), nil) {
		if err != nil {
			return nil, err
		}
		if kernel.SumSquares(v.Vector) > 0 {
			for _, x := range v.Vector {
				rows = append(rows, float64(x))
			}
		}
	}
	n, least := len(rows)/size, 2
	if o.Whiten {
		least = cmp.Or(o.Size, size) + 1
	}
	if n < least {
		return nil, fmt.Errorf("%d lines with tokens: want %d or more", n, least)
	}
	c := e.config
	c.Bottleneck.Post, c.Bottleneck.PostSize = PostCommon, size
	if o.Whiten {
		c.Bottleneck.Post, c.Bottleneck.PostSize = PostWhiten, cmp.Or(o.Size, size)
	}
	m, err := assemble(c, e.source, e.target, nil)
	if err != nil {
		return nil, err
	}
	for p := range m.net.params.All() {
		if q := e.net.params.Get(p.Name); q != nil {
			copy(p.W, q.W)
		}
	}
	m.summary, m.about, m.kind = e.summary, e.about, e.kind
	post := m.net.head.(*embedder).post
	fit := fitCommon
	if o.Whiten {
		fit = fitWhitening
	}
	if err := fit(post, mat.NewDense(n, size, rows), o); err != nil {
		return nil, err
	}
	return &Embedder{m}, nil
}

// fitWhitening fits a map to vectors, the rows of x. With variances λ along directions u, it has the rows of
// Λ^(-½) Uᵀ for a smaller size, and of U Λ^(-½) Uᵀ for the whole one.
func fitWhitening(p *rnn.Affine, x *mat.Dense, o PostOptions) error {
	n, size := x.Dims()
	for j := range size {
		mean := mat.Sum(x.ColView(j)) / float64(n)
		p.Shift.W[j] = float32(mean)
		for i := range n {
			x.Set(i, j, x.At(i, j)-mean)
		}
	}
	values, directions, err := principal(x)
	if err != nil {
		return err
	}
	k := p.Out
	if !(values[k-1] > 1e-10*values[0]) && o.Size != 0 || !(values[0] > 0) {
		return fmt.Errorf("vectors vary in fewer than %d directions: want a smaller size, or more lines", k)
	}
	least := 1e-7 * values[0] // keeps rounding along directions without variance small
	for i := range k {
		for j := range size {
			v := 0.0
			if o.Size != 0 {
				v = directions.At(j, i) / math.Sqrt(values[i])
			} else {
				for d, value := range values {
					v += directions.At(i, d) * directions.At(j, d) / math.Sqrt(max(value, least))
				}
			}
			p.Map.W[i*size+j] = float32(v)
		}
	}
	return nil
}

// fitCommon fits the map 1 − U Uᵀ to vectors, the rows of x: U are the directions of the greatest sums of squares.
func fitCommon(p *rnn.Affine, x *mat.Dense, o PostOptions) error {
	_, size := x.Dims()
	_, directions, err := principal(x)
	if err != nil {
		return err
	}
	for i := range size {
		for j := range size {
			v := 0.0
			if i == j {
				v = 1
			}
			for d := range o.Common {
				v -= directions.At(i, d) * directions.At(j, d)
			}
			p.Map.W[i*size+j] = float32(v)
		}
	}
	return nil
}

// principal returns the mean squares of x's rows along their principal directions, the greatest first, and the
// directions as columns.
func principal(x *mat.Dense) (values []float64, directions *mat.Dense, err error) {
	n, size := x.Dims()
	var squares mat.SymDense
	squares.SymOuterK(1/float64(n), x.T())
	var eigen mat.EigenSym
	if !eigen.Factorize(&squares, true) {
		return nil, nil, errors.New("the vectors have no principal directions: want finite ones")
	}
	ascending := eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	directions = mat.NewDense(size, size, nil)
	for k := range size {
		values = append(values, ascending[size-1-k])
		for j := range size {
			directions.Set(j, k, vectors.At(j, size-1-k))
		}
	}
	return values, directions, nil
}
