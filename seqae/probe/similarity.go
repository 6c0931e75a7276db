package probe

import (
	"context"
	"fmt"
	"slices"

	"github.com/retell-rnn/retell/corpora"
)

// Correlations measure how well cosines agree with human judgments.
type Correlations struct {
	Pairs    int                 `json:"pairs"`            // number of pairs
	Pearson  float64             `json:"pearson"`          // Pearson's correlation, -1 to 1
	Spearman float64             `json:"spearman"`         // Spearman's rank correlation, -1 to 1
	Genres   []GenreCorrelations `json:"genres,omitempty"` // correlations of each genre; absent if pairs have no genre
}

// GenreCorrelations are the correlations of the pairs of one genre.
type GenreCorrelations struct {
	Genre    string  `json:"genre"`    // data set of the pairs, such as MSRpar
	Pairs    int     `json:"pairs"`    // number of pairs
	Pearson  float64 `json:"pearson"`  // Pearson's correlation, -1 to 1
	Spearman float64 `json:"spearman"` // Spearman's rank correlation, -1 to 1
}

// Similarity correlates the cosines of judged pairs with their scores, over all pairs and by genre, the File of a pair.
// A cosine with a vector of zeros is 0. If all cosines or all scores of a genre are equal, its correlations are 0.
func Similarity(ctx context.Context, e Embedder, pairs []corpora.Judged) (Correlations, error) {
	r := Correlations{Pairs: len(pairs)}
	cosines, scores, err := judge(ctx, e, pairs)
	if err != nil {
		return r, err
	}
	all, w := ones(len(pairs)), new(workspace)
	pearson, spearman := newPearson(cosines, scores), newSpearman(cosines, scores)
	r.Pearson, r.Spearman = pearson.value(all, w), spearman.value(all, w)
	for _, genre := range genres(pairs) {
		in := func(i int) bool { return pairs[i].File == genre }
		p, s := pearson.within(in), spearman.within(in)
		r.Genres = append(r.Genres, GenreCorrelations{genre, p.size(), p.value(all, w), s.value(all, w)})
	}
	return r, nil
}

// SimilarityTask is [Similarity] on pairs: Spearman's correlation of all pairs and of each genre, and Pearson's of all.
func SimilarityTask(name string, pairs []corpora.Judged) Task {
	t := Task{Name: name, Of: "pairs", Size: len(pairs)}
	for _, p := range pairs {
		t.Texts = append(t.Texts, []string{p.A, p.B})
	}
	t.Measure = func(ctx context.Context, e Embedder) ([]Figure, error) {
		cosines, scores, err := judge(ctx, e, pairs)
		if err != nil {
			return nil, err
		}
		n, w := len(pairs), new(workspace)
		spearman := newSpearman(cosines, scores)
		figures := []Figure{newFigure("spearman", "", spearman, n, w)}
		for _, genre := range genres(pairs) {
			of := spearman.within(func(i int) bool { return pairs[i].File == genre })
			figures = append(figures, newFigure("spearman", genre, of, n, w))
		}
		return append(figures, newFigure("pearson", "", newPearson(cosines, scores), n, w)), nil
	}
	return t
}

// judge returns the cosines of pairs and their scores.
func judge(ctx context.Context, e Embedder, pairs []corpora.Judged) (cosines, scores []float64, err error) {
	if len(pairs) < 2 {
		return nil, nil, fmt.Errorf("probe: %d judged pairs: want at least 2", len(pairs))
	}
	lines := make([]string, 0, 2*len(pairs))
	scores = make([]float64, len(pairs))
	for i, p := range pairs {
		lines = append(lines, p.A, p.B)
		scores[i] = p.Score
	}
	if slices.Min(scores) == slices.Max(scores) {
		return nil, nil, fmt.Errorf("probe: %d judged pairs all have the score %v: want different ones", len(pairs), scores[0])
	}
	v, err := embed(ctx, e, lines)
	if err != nil {
		return nil, nil, err
	}
	v = v.Unit()
	cosines = make([]float64, len(pairs))
	for i := range cosines {
		cosines[i] = v.Dot(2*i, 2*i+1)
	}
	return cosines, scores, nil
}

// genres returns the genres of pairs in the order of their first pairs; nil if there are fewer than two.
func genres(pairs []corpora.Judged) []string {
	var names []string
	for _, p := range pairs {
		if p.File != "" && !slices.Contains(names, p.File) {
			names = append(names, p.File)
		}
	}
	if len(names) < 2 {
		return nil
	}
	return names
}
