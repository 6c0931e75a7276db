package vectors

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/retell-rnn/retell/internal/setting"
)

// MineOptions say which pairs are mined. The zero value and a nil pointer mean the defaults.
type MineOptions struct {
	K         int     // number of neighbors that a margin compares with, in each direction; 0 means 4
	Threshold float64 // minimum margin score of a pair, 0 or more; 0 means none
	OneToOne  bool    // let each row be in one pair at most

	// Watch, if not nil, is called from time to time with the progress: the name of a stage, the part done and the whole.
	Watch func(stage string, done, total int)
}

// Validate returns [Violations], or nil.
func (o *MineOptions) Validate() error {
	if o == nil {
		return nil
	}
	var v setting.Check
	v.AtLeast("k", o.K, 0)
	if !(o.Threshold >= 0 && !math.IsInf(o.Threshold, 0)) {
		v.Add("threshold", "%v: want 0 or more", o.Threshold)
	}
	return v.Err()
}

// Mine finds pairs of rows that mean the same, such as translations, among all pairs of a row of a and a row of b. It
// returns them by their margin scores, the greatest first:
//
//	score(x, y) = cos(x, y) / (mean of cos(x, z) / 2 + mean of cos(y, z) / 2)
//
// The means are over the K nearest rows of the other file. A score above 1 says that x and y are nearer to each other
// than to their other neighbors. A denominator below 0.01 counts as 0.01.
//
// The candidates are, for each row of either file, the one of its K nearest rows with the greatest score. With
// OneToOne, candidates are taken from the greatest score on, and each drops the others of its two rows. Blank rows are
// in no pair.
//
// Artetxe and Schwenk, Margin-based Parallel Corpus Mining with Multilingual Sentence Embeddings, 2019.
func Mine(ctx context.Context, a, b *Matrix, opts *MineOptions) ([]Pair, error) {
	if err := opts.Validate(); err != nil {
		return nil, fmt.Errorf("vectors: mining options: %w", err)
	}
	var o MineOptions
	if opts != nil {
		o = *opts
	}
	if a.Width != b.Width {
		return nil, fmt.Errorf("vectors: vectors of %d and of %d numbers: want equal lengths", a.Width, b.Width)
	}
	unitA, numbersA := a.unit()
	unitB, numbersB := b.unit()
	if len(numbersA) == 0 || len(numbersB) == 0 {
		return nil, errors.New("vectors: all rows of a file are blank: want at least one vector that is not all zeros")
	}
	m := &miner{}
	var err error
	if m.ofA, m.ofB, err = bothNearest(ctx, unitA, unitB, cmp.Or(o.K, 4), o.Watch); err != nil {
		return nil, err
	}
	m.meanA, m.meanB = meanSimilarities(m.ofA), meanSimilarities(m.ofB)
	pairs := []Pair{}
	for _, c := range m.candidates(o.OneToOne) {
		if c.score < o.Threshold {
			break
		}
		i, j := numbersA[c.a], numbersB[c.b]
		pairs = append(pairs, Pair{A: i, B: j, TextA: a.Texts[i], TextB: b.Texts[j], Similarity: clip(c.similarity), Score: c.score})
	}
	return pairs, nil
}

// miner holds the neighbors of all rows that are not blank.
type miner struct {
	ofA, ofB     [][]hit   // nearest rows of b for each row of a, and the reverse; the nearest first
	meanA, meanB []float64 // means of their similarities
}

// candidate is a pair with its score.
type candidate struct {
	a, b       int
	similarity float32
	score      float64
}

// score returns the pair of a row of a and a row of b.
func (m *miner) score(a, b int, similarity float32) candidate {
	return candidate{a, b, similarity, float64(similarity) / max(0.01, (m.meanA[a]+m.meanB[b])/2)}
}

// candidates returns the best pair of each row, the greatest score first; of equal ones, the one with the earlier rows.
func (m *miner) candidates(oneToOne bool) []candidate {
	var all []candidate
	for a, hits := range m.ofA {
		all = append(all, bestOf(hits, func(h hit) candidate { return m.score(a, h.row, h.similarity) }))
	}
	for b, hits := range m.ofB {
		all = append(all, bestOf(hits, func(h hit) candidate { return m.score(h.row, b, h.similarity) }))
	}
	slices.SortFunc(all, compareCandidates)
	all = slices.CompactFunc(all, func(x, y candidate) bool { return x.a == y.a && x.b == y.b })
	if !oneToOne {
		return all
	}
	usedA, usedB := make([]bool, len(m.ofA)), make([]bool, len(m.ofB))
	return slices.DeleteFunc(all, func(c candidate) bool {
		if usedA[c.a] || usedB[c.b] {
			return true
		}
		usedA[c.a], usedB[c.b] = true, true
		return false
	})
}

// bestOf returns the best of a row's pairs.
func bestOf(hits []hit, score func(hit) candidate) candidate {
	found := score(hits[0])
	for _, h := range hits[1:] {
		if c := score(h); compareCandidates(c, found) < 0 {
			found = c
		}
	}
	return found
}

func compareCandidates(x, y candidate) int {
	return cmp.Or(cmp.Compare(y.score, x.score), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
}

// meanSimilarities returns the mean similarity of each row's neighbors.
func meanSimilarities(of [][]hit) []float64 {
	mean := make([]float64, len(of))
	for i, hits := range of {
		for _, h := range hits {
			mean[i] += float64(h.similarity) / float64(len(hits))
		}
	}
	return mean
}

// bothNearest returns the k nearest rows of b for each row of a, and the k nearest rows of a for each row of b. It
// computes every product once, a block at a time.
func bothNearest(ctx context.Context, a, b *Matrix, k int, watch func(stage string, done, total int)) (ofA, ofB [][]hit, err error) {
	const block = 512 // rows of b; their products with blockRows rows fit into the cache
	width, n := a.Width, b.Rows()
	forA := newBests(a.Rows(), k)
	for lo := 0; lo < n; lo += block {
		if watch != nil {
			watch("comparing", lo, n)
		}
		hi := min(n, lo+block)
		forB := newBests(hi-lo, k)
		err := scanAll(ctx, a.Data, a.Rows(), pack(b.Data[lo*width:hi*width], width), func() (func(int, []float32), func()) {
			mine := newBests(hi-lo, k)
			use := func(first int, c []float32) {
				for i := range len(c) / len(mine) {
					own := &forA[first+i] // cores have different rows
					for j, s := range c[i*len(mine):][:len(mine)] {
						if !own.full(s) {
							own.offer(hit{lo + j, s})
						}
						if to := &mine[j]; !to.full(s) {
							to.offer(hit{first + i, s})
						}
					}
				}
			}
			return use, func() {
				for j := range mine {
					for _, h := range mine[j].hits {
						forB[j].offer(h)
					}
				}
			}
		})
		if err != nil {
			return nil, nil, err
		}
		ofB = append(ofB, sortedHits(forB)...)
	}
	return sortedHits(forA), ofB, nil
}
