package probe

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

	// features returns the vectors as inputs of a logistic regression.
	features() features
}

// features is a matrix X, [n, size], with a vector in each row.
type features interface {
	// scores sets to, [classes, n], to W·Xᵀ for the weights w, [classes, size].
	scores(to, w []float32, classes int)

	// gradient sets to, [classes, size], to D·X for d, [classes, n].
	gradient(to, d []float32, classes int)
}
