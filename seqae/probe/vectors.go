package probe

// Vectors are the vectors of some lines: [Dense] or [Sparse]. They do not change.
type Vectors interface {
	Len() int  // how many
	Size() int // numbers of each

	// Unit returns the vectors scaled to unit length; a vector of zeros stays one.
	Unit() Vectors

	// Dot returns the product of vectors i and j.
	Dot(i, j int) float64

	// Slice returns the vectors from lo to hi, which share memory.
	Slice(lo, hi int) Vectors

	// products sets to, [q.Len(), Len()], to the products of every vector of q, which is of the same layout and size,
	// and every vector.
	products(to []float32, q Vectors)

	// features are the vectors as a logistic regression reads them.
	features() features
}

// features are the rows of a matrix X, [n, size].
type features interface {
	// scores computes W·Xᵀ, [classes, n], of weights W, [classes, size].
	scores(to, w []float32, classes int)

	// gradient computes D·X, [classes, size], of D, [classes, n].
	gradient(to, d []float32, classes int)
}
