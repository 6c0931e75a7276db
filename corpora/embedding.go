package corpora

// Embedding is a line and its vector: models make them, and package vectors keeps them.
type Embedding struct {
	Text   string
	Vector []float32 // all zeros for a blank line
}
