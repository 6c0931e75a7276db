// Package probe measures the quality of sentence vectors and compares it with that of baselines on the same text.
//
// # Measures
//
// Each measure takes an [Embedder], which turns lines into vectors: a model ([Model]), the first numbers of its vectors
// ([Prefix]), a baseline, or any other source of vectors.
//
//	Similarity            correlation of cosines with human judgments, by genre too
//	Classify, ClassifyOn  accuracy of a logistic regression on the vectors
//	Retrieve              rank of a line's partner among all partners, and back
//	Rewritings            similarity of lines to their reconstructions, which needs no Embedder
//
// The baselines are [TFIDF] of words or character n-grams, and [Projection], random vectors of words. [WordVectors] and
// [Untrained] make baselines from a model.
//
// # Comparisons
//
// A [Task] is a measure with its data: [SimilarityTask], [ClassifyTask] or [RetrieveTask]. A [Subject] is a model with
// its own baselines; [ModelSubject] makes one from a network. [Compare] runs tasks on subjects and common baselines,
// computes confidence intervals and tests each figure against the best baselines. A [Report] is the table of the
// results. [FindOverlaps] counts the texts of tasks that occur in training data.
//
// [FitRegression] fits the regression of Classify for use; package linear makes classifiers of it.
//
// # Vectors
//
// [Vectors] are [Dense] or [Sparse]; [NewDense] and [NewSparse] make them. [Neighbors] finds the nearest vectors.
package probe

import (
	"context"
	"fmt"
)

// Embedder turns lines into vectors.
type Embedder interface {
	// Name returns the name of the vectors in a table.
	Name() string

	// Embed returns a vector for each line, in order. The vector of a line without known tokens is all zeros. A measure
	// calls Embed once, with all of its lines.
	Embed(ctx context.Context, lines []string) (Vectors, error)
}

// embed returns the vectors of one or more lines.
func embed(ctx context.Context, e Embedder, lines []string) (Vectors, error) {
	v, err := e.Embed(ctx, lines)
	if err != nil {
		return nil, fmt.Errorf("probe: %s: %w", e.Name(), err)
	}
	if v.Len() != len(lines) {
		return nil, fmt.Errorf("probe: %s: %d vectors for %d lines: want one per line", e.Name(), v.Len(), len(lines))
	}
	return v, nil
}
