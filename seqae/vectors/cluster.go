package vectors

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
)

// ClusterOptions says how rows are divided. Nil means the defaults.
type ClusterOptions struct {
	// K is the number of clusters; 0 finds it: the division of 2 to MaxK clusters with the greatest silhouette.
	K          int
	MaxK       int    // 0 = 20
	Starts     int    // k-means begins anew so often and keeps the best; 0 = 5
	Iterations int    // rounds of k-means, at most; 0 = 50
	Words      int    // in a cluster's name; 0 = 3
	Seed       uint64 // of the starts
}

// Validate reports every option that is out of range.
func (o *ClusterOptions) Validate() error {
	if o == nil {
		return nil
	}
	var errs []error
	for _, f := range []struct {
		name  string
		value int
	}{{"clusters", o.K}, {"starts", o.Starts}, {"iterations", o.Iterations}, {"words", o.Words}} {
		if f.value < 0 {
			errs = append(errs, fmt.Errorf("vectors: %s is %d: want at least 1, or 0 for the default", f.name, f.value))
		}
	}
	if o.MaxK < 0 || o.MaxK == 1 {
		errs = append(errs, fmt.Errorf("vectors: most clusters is %d: want at least 2, or 0 for the default", o.MaxK))
	}
	if o.K > 0 && o.MaxK > 0 {
		errs = append(errs, fmt.Errorf("vectors: clusters is %d and most clusters %d: want one or the other", o.K, o.MaxK))
	}
	return errors.Join(errs...)
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
	Of         []int         `json:"-"`               // the cluster of each row; -1 for a blank one
	Silhouette float64       `json:"silhouette"`      // mean silhouette of the rows, -1 to 1: how much nearer they are to their own cluster than to the next
	Cosine     float64       `json:"cosine"`          // mean cosine of a row and its cluster's center, -1 to 1
	Tried      []TriedNumber `json:"tried,omitempty"` // numbers of clusters tried, where the best was to be found
}

// Cluster is a part of the rows.
type Cluster struct {
	Name   string    `json:"name"`  // most telling words, with spaces between them
	Words  []string  `json:"words"` // words that tell its texts from the others, the most telling first
	Rows   int       `json:"rows"`  // number of rows
	Center []float32 `json:"-"`     // of length 1
}

// TriedNumber is a number of clusters and its division's silhouette.
type TriedNumber struct {
	Clusters   int     `json:"clusters"`   // number of clusters
	Silhouette float64 `json:"silhouette"` // mean silhouette of the rows, -1 to 1
}

// NewClustering divides rows into clusters by k-means on the directions of their vectors, from several starts, and
// names each by the words that tell it from the rest. Blank rows belong to none.
func NewClustering(ctx context.Context, m *Matrix, opts *ClusterOptions) (*Clustering, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
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

// divide finds the division, with its number of clusters if that is not given.
func divide(ctx context.Context, unit *Matrix, o ClusterOptions) (*means, *Clustering, error) {
	try := func(data []float32, k, starts int) (*means, float64, error) {
		// Each number has random numbers of its own: what comes out for it does not depend on the others.
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
		// A sample says how many there are; then all rows are divided.
		const sampled = 10_000
		data := unit.Data
		if unit.Rows() > sampled {
			data = nil
			for _, i := range choose(unit.Rows(), sampled, rand.New(rand.NewPCG(o.Seed, 0))) {
				data = append(data, unit.Vector(i)...)
			}
		}
		best := -2.0
		for k := 2; k <= min(o.MaxK, len(data)/unit.Width-1); k++ {
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

// fill makes the clusters of a division, the largest first and among equals that of the earlier row, and numbers the
// division accordingly.
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
