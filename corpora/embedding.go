package corpora

// Embedding is a line and its vector. Models compute embeddings; package vectors stores them.
type Embedding struct {
	Text   string
	Vector []float32 // all zeros for a blank line
}
