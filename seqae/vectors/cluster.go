package vectors

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/retell-rnn/retell/internal/setting"
)

// ClusterOptions say how rows are divided. The zero value and a nil pointer mean the defaults.
type ClusterOptions struct {
	K          int    // number of clusters; 0 takes the number from 2 to MaxK with the greatest silhouette
	MaxK       int    // largest number of clusters to try if K is 0, 2 or more; 0 means 20
	Starts     int    // runs of k-means from new centers, of which the best counts; 0 means 5
	Iterations int    // maximum number of rounds of k-means; 0 means 50
	Words      int    // maximum number of words in a cluster's name; 0 means 3
	Seed       uint64 // seed of the starts

	// Watch, if not nil, is called from time to time with the progress: the name of a stage, the part done and the whole.
	Watch func(stage string, done, total int)
}

// Validate returns [Violations], or nil.
func (o *ClusterOptions) Validate() error {
	if o == nil {
		return nil
	}
	var v setting.Check
	v.AtLeast("k", o.K, 0)
	if o.MaxK < 0 || o.MaxK == 1 {
		v.Add("max_k", "%d: want 2 or more, or 0 for the default", o.MaxK)
	}
	if o.K > 0 && o.MaxK > 0 {
		v.Add("max_k", "%d with k: %d: want one or the other", o.MaxK, o.K)
	}
	v.AtLeast("starts", o.Starts, 0)
	v.AtLeast("iterations", o.Iterations, 0)
	v.AtLeast("words", o.Words, 0)
	return v.Err()
}

func (o *ClusterOptions) resolved() ClusterOptions {
	var r ClusterOptions
	if o != nil {
		r = *o
	}
	for _, f := range []struct {
		field *int
		value int
	}{{&r.MaxK, 20}, {&r.Starts, 5}, {&r.Iterations, 50}, {&r.Words, 3}} {
		if *f.field == 0 {
			*f.field = f.value
		}
	}
	return r
}

// Clustering is a division of rows by the directions of their vectors.
type Clustering struct {
	Clusters   []Cluster     `json:"clusters"`        // clusters, the largest first
	Of         []int         `json:"-"`               // cluster of each row; -1 for a blank row
	Silhouette float64       `json:"silhouette"`      // mean silhouette of the rows, -1 to 1: how much nearer they are to their own cluster than to the next
	Cosine     float64       `json:"cosine"`          // mean cosine of a row and its cluster's center, -1 to 1
	Tried      []TriedNumber `json:"tried,omitempty"` // numbers of clusters tried; none if the number was given
}

// Cluster is a part of the rows.
type Cluster struct {
	Name   string    `json:"name"`  // most distinctive words, separated by commas; "cluster N" without any
	Words  []string  `json:"words"` // words that distinguish its texts from the others, the most distinctive first
	Rows   int       `json:"rows"`  // number of rows
	Center []float32 `json:"-"`     // center, of length 1
}

// TriedNumber is a number of clusters and the silhouette of the division into that many.
type TriedNumber struct {
	Clusters   int     `json:"clusters"`   // number of clusters
	Silhouette float64 `json:"silhouette"` // mean silhouette of the rows, -1 to 1
}

// NewClustering divides rows into clusters by k-means on the directions of their vectors and names each cluster by its
// most distinctive words. Blank rows belong to no cluster. It needs K rows that are not blank, or 3 if K is 0.
func NewClustering(ctx context.Context, m *Matrix, opts *ClusterOptions) (*Clustering, error) {
	if err := opts.Validate(); err != nil {
		return nil, fmt.Errorf("vectors: cluster options: %w", err)
	}
	o := opts.resolved()
	unit, numbers := m.unit()
	if n, least := len(numbers), cmp.Or(o.K, 3); n < least {
		return nil, fmt.Errorf("vectors: %d rows that are not blank: want at least %d", n, least)
	}
	division, c, err := divide(ctx, unit, o)
	if err != nil {
		return nil, err
	}
	c.fill(division, unit.Width)
	c.Of = make([]int, m.Rows())
	for i := range c.Of {
		c.Of[i] = -1
	}
	for i, row := range numbers {
		c.Of[row] = division.of[i]
	}
	for i, words := range tellingWords(m.Texts, c.Of, len(c.Clusters), o.Words) {
		c.Clusters[i].Words = words
		c.Clusters[i].Name = nameOf(words, i)
	}
	return c, nil
}

// divide returns the best division into K clusters. If K is 0, it chooses the number first.
func divide(ctx context.Context, unit *Matrix, o ClusterOptions) (*means, *Clustering, error) {
	try := func(data []float32, k, starts int) (*means, float64, error) {
		// Each k has its own random numbers, so that its result does not depend on the other numbers tried.
		rng := rand.New(rand.NewPCG(o.Seed, uint64(k)))
		m, err := kmeans(ctx, data, unit.Width, k, starts, o.Iterations, rng)
		if err != nil {
			return nil, 0, err
		}
		s, err := m.silhouette(ctx, data, unit.Width)
		return m, s, err
	}
	c := &Clustering{}
	if o.K == 0 {
		// A sample decides the number; all rows are divided afterwards.
		const sampled = 10_000
		data := unit.Data
		if unit.Rows() > sampled {
			data = nil
			for _, i := range choose(unit.Rows(), sampled, rand.New(rand.NewPCG(o.Seed, 0))) {
				data = append(data, unit.Vector(i)...)
			}
		}
		best := -2.0
		most := min(o.MaxK, len(data)/unit.Width-1)
		for k := 2; k <= most; k++ {
			if o.Watch != nil { // the work for a number grows with it
				o.Watch("clustering", (k*k-4)/2, most*most/2)
			}
			_, s, err := try(data, k, min(o.Starts, 3))
			if err != nil {
				return nil, nil, err
			}
			c.Tried = append(c.Tried, TriedNumber{k, s})
			if s > best {
				o.K, best = k, s
			}
		}
	}
	m, s, err := try(unit.Data, o.K, o.Starts)
	if err != nil {
		return nil, nil, err
	}
	c.Silhouette, c.Cosine = s, m.fit
	return m, c, nil
}

// fill makes the clusters of a division and renumbers the division to match. The largest cluster comes first; of
// equally large ones, the one with the earliest row.
func (c *Clustering) fill(m *means, width int) {
	k := len(m.centers) / width
	sizes, firsts, order, place := make([]int, k), make([]int, k), make([]int, k), make([]int, k)
	for i, of := range m.of {
		if sizes[of] == 0 {
			firsts[of] = i
		}
		sizes[of]++
	}
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Or(sizes[b]-sizes[a], firsts[a]-firsts[b]) })
	for to, from := range order {
		place[from] = to
		c.Clusters = append(c.Clusters, Cluster{Rows: sizes[from], Center: m.centers[from*width:][:width:width]})
	}
	for i, of := range m.of {
		m.of[i] = place[of]
	}
}
