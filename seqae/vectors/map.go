package vectors

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/retell-rnn/retell/internal/setting"
)

// Map is rows as points in the plane.
type Map struct {
	Points   []Point   // points in the order of their rows
	Clusters []Cluster // clusters of the points; none if NewMap got no clustering
	Method   MapMethod // method that placed the points
	Variance float64   // share of the variance that the first two principal components hold, 0 to 1
	Of       int       // number of rows that are not blank; greater than the number of points if those are a sample
}

// Point is the place of a row.
type Point struct {
	Row     int // number of the row, from 0
	Text    string
	X, Y    float64
	Cluster int // index into Map.Clusters; -1 if there are none
}

// MapOptions say how rows are placed. The zero value and a nil pointer mean the defaults.
type MapOptions struct {
	Method     MapMethod // empty means TSNE
	MaxPoints  int       // maximum number of points, a random sample if there are more rows; 0 means 50,000
	Perplexity float64   // TSNE: approximate number of neighbors of a point, 1 to 1000; 0 means 30
	Rounds     int       // TSNE: number of steps after the first 250; 0 means 500
	Seed       uint64    // seed of the sample and of t-SNE

	// Watch, if not nil, is called from time to time with the progress: the name of a stage, the part done and the whole.
	Watch func(stage string, done, total int)
}

// MapMethod is a method that places the points of a map. The empty string means TSNE.
type MapMethod string

const (
	TSNE MapMethod = "tsne" // Barnes-Hut t-SNE: neighbors stay neighbors
	PCA  MapMethod = "pca"  // the first two principal components
)

// MarshalText returns the name.
func (m MapMethod) MarshalText() ([]byte, error) { return setting.Marshal(m, TSNE, PCA) }

// UnmarshalText sets the method from its name.
func (m *MapMethod) UnmarshalText(text []byte) error { return setting.Unmarshal(m, text, TSNE, PCA) }

// Validate returns [Violations], or nil.
func (o *MapOptions) Validate() error {
	if o == nil {
		return nil
	}
	var v setting.Check
	v.Name("method", o.Method)
	v.AtLeast("max_points", o.MaxPoints, 0)
	if !(o.Perplexity == 0 || o.Perplexity >= 1 && o.Perplexity <= 1000) {
		v.Add("perplexity", "%v: want 1 to 1000, or 0 for the default", o.Perplexity)
	}
	v.AtLeast("rounds", o.Rounds, 0)
	return v.Err()
}

func (o *MapOptions) resolved() MapOptions {
	var r MapOptions
	if o != nil {
		r = *o
	}
	if r.Method == "" {
		r.Method = TSNE
	}
	if r.MaxPoints == 0 {
		r.MaxPoints = 50_000
	}
	if r.Perplexity == 0 {
		r.Perplexity = 30
	}
	if r.Rounds == 0 {
		r.Rounds = 500
	}
	return r
}

// watch reports progress if anyone watches.
func (o *MapOptions) watch(stage string, done, total int) {
	if o.Watch != nil {
		o.Watch(stage, done, total)
	}
}

// NewMap places rows in the plane by the directions of their vectors, without blank rows. c is the clustering of the
// same rows, or nil.
func NewMap(ctx context.Context, m *Matrix, c *Clustering, opts *MapOptions) (*Map, error) {
	if err := opts.Validate(); err != nil {
		return nil, fmt.Errorf("vectors: map options: %w", err)
	}
	o := opts.resolved()
	rng := rand.New(rand.NewPCG(o.Seed, 0x3a9))
	unit, numbers := m.unit()
	out := &Map{Method: o.Method, Of: len(numbers)}
	if out.Of == 0 {
		return nil, errors.New("vectors: all rows are blank: want at least one vector that is not all zeros")
	}
	if out.Of > o.MaxPoints {
		drawn := &Matrix{Width: m.Width}
		chosen := choose(out.Of, o.MaxPoints, rng)
		for i, at := range chosen {
			drawn.add(unit.Texts[at], unit.Vector(at))
			chosen[i] = numbers[at]
		}
		unit, numbers = drawn, chosen
	}
	places, variance, err := principal(unit)
	if err != nil {
		return nil, err
	}
	out.Variance = variance
	if o.Method == TSNE && unit.Rows() > 3 { // fewer points have no neighborhoods
		if places, err = layOut(ctx, unit, places, o, rng); err != nil {
			return nil, err
		}
	}
	for i, row := range numbers {
		p := Point{Row: row, Text: unit.Texts[i], X: places[2*i], Y: places[2*i+1], Cluster: -1}
		if c != nil {
			p.Cluster = c.Of[row]
		}
		out.Points = append(out.Points, p)
	}
	if c != nil {
		out.Clusters = c.Clusters
	}
	return out, nil
}
