// Package probe measures what sentence vectors are worth, always beside baselines on the same text.
//
//	Similarity           correlation of cosines with the judgment of people
//	Classify, ClassifyOn accuracy of a logistic regression on the vectors
//	Retrieve             rank of a line's partner among all partners
//
// What is measured is an [Embedder]: a model, or a baseline ([TFIDF]). [Compare] runs tasks on models and on the
// baselines of each.
package probe

import (
	"context"
	"fmt"
)

// Embedder turns lines into vectors.
type Embedder interface {
	// Name is how the vectors are called in a table.
	Name() string

	// Embed returns a vector for each line, in order; zeros for a line of which the embedder knows nothing. A measure
	// calls it once, with every line that it needs.
	Embed(ctx context.Context, lines []string) (Vectors, error)
}

// embed returns the vectors of at least one line.
func embed(ctx context.Context, e Embedder, lines []string) (Vectors, error) {
	v, err := e.Embed(ctx, lines)
	if err != nil {
		return nil, fmt.Errorf("probe: %s: %w", e.Name(), err)
	}
	if v.Len() != len(lines) {
		return nil, fmt.Errorf("probe: %s: %d vectors of %d lines: want one for each", e.Name(), v.Len(), len(lines))
	}
	return v, nil
}
