package probe

import (
	"context"

	"github.com/retell-rnn/retell/internal/kernel"
)

// Vectors are the vectors of lines: [Dense] or [Sparse]. They are immutable.
type Vectors interface {
	Len() int  // number of vectors
	Size() int // length of each vector

	// Unit returns the vectors scaled to length 1. A vector of zeros stays zero.
	Unit() Vectors

	// Dot returns the dot product of vectors i and j.
	Dot(i, j int) float64

	// Slice returns vectors lo to hi-1, which share memory.
	Slice(lo, hi int) Vectors

	// products sets to, [q.Len(), Len()], to the dot products of the vectors of q with all vectors. q has the same layout
	// and size.
	products(to []float32, q Vectors)

	// blocks calls yield with the dot products of the vectors of q with all vectors, a block at a time: c, [rows,
	// columns], holds those of the vectors of q from row with the vectors from column. yield must not keep c. q has the
	// same layout and size. Each product has the same bits in any block.
	blocks(ctx context.Context, q Vectors, yield func(row, column, rows, columns int, c []float32)) error

	// product returns the dot product of vector i with vector j of q, with the bits that it has in a block.
	product(i int, q Vectors, j int) float32

	// features returns the vectors as inputs of a logistic regression.
	features() features
}

// features is a matrix X, [n, size], with a vector in each row.
type features interface {
	// width returns the number of columns.
	width() int

	// scores sets to, [classes, n], to W·Xᵀ for the weights w, [classes, size].
	scores(to, w []float32, classes int)

	// gradient sets to, [classes, size], to D·X for d, [classes, n].
	gradient(to, d []float32, classes int)
}

// jointFeatures are two matrices side by side.
type jointFeatures struct{ left, right features }

func (f *jointFeatures) width() int { return f.left.width() + f.right.width() }

func (f *jointFeatures) scores(to, w []float32, classes int) {
	l, r := f.left.width(), f.right.width()
	left, right := make([]float32, classes*l), make([]float32, classes*r)
	for c := range classes {
		row := w[c*(l+r):][:l+r]
		copy(left[c*l:][:l], row)
		copy(right[c*r:][:r], row[l:])
	}
	f.left.scores(to, left, classes)
	rest := make([]float32, len(to))
	f.right.scores(rest, right, classes)
	kernel.Add(to, to, rest)
}

func (f *jointFeatures) gradient(to, d []float32, classes int) {
	l, r := f.left.width(), f.right.width()
	left, right := make([]float32, classes*l), make([]float32, classes*r)
	f.left.gradient(left, d, classes)
	f.right.gradient(right, d, classes)
	for c := range classes {
		row := to[c*(l+r):][:l+r]
		copy(row, left[c*l:][:l])
		copy(row[l:], right[c*r:][:r])
	}
}
