package probe

import (
	"context"
	"fmt"
	"slices"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
)

// Correlations measure how well cosines agree with human judgments.
type Correlations struct {
	Pairs    int     `json:"pairs"`    // number of pairs
	Pearson  float64 `json:"pearson"`  // Pearson's correlation, -1 to 1
	Spearman float64 `json:"spearman"` // Spearman's rank correlation, -1 to 1
}

// Similarity correlates the cosines of judged pairs with their scores. A cosine with a vector of zeros is 0. If all
// cosines are equal, the correlations are 0.
func Similarity(ctx context.Context, e Embedder, pairs []corpora.Judged) (Correlations, error) {
	r := Correlations{Pairs: len(pairs)}
	if len(pairs) < 2 {
		return r, fmt.Errorf("probe: %d judged pairs: want at least 2", len(pairs))
	}
	lines := make([]string, 0, 2*len(pairs))
	scores := make([]float64, len(pairs))
	for i, p := range pairs {
		lines = append(lines, p.A, p.B)
		scores[i] = p.Score
	}
	if constant(scores) {
		return r, fmt.Errorf("probe: %d judged pairs all have the score %v: want different ones", len(pairs), scores[0])
	}
	v, err := embed(ctx, e, lines)
	if err != nil {
		return r, err
	}
	v = v.Unit()
	cosines := make([]float64, len(pairs))
	for i := range cosines {
		cosines[i] = v.Dot(2*i, 2*i+1)
	}
	if constant(cosines) {
		return r, nil
	}
	if r.Pearson, err = metric.Pearson(cosines, scores); err != nil {
		return r, fmt.Errorf("probe: %s: %w", e.Name(), err)
	}
	r.Spearman, err = metric.Spearman(cosines, scores)
	return r, err
}

func constant(x []float64) bool { return slices.Min(x) == slices.Max(x) }
