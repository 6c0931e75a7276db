package vectors

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
)

// Map is rows laid out in the plane.
type Map struct {
	Points   []Point
	Clusters []Cluster // the points' clusters; none where the map was made without
	Method   string    // "tsne" or "pca"
	Variance float64   // the part of it that the two principal components hold
	Of       int       // how many rows that are not blank there are; more than Points where they were too many
}

// Point is a row's place.
type Point struct {
	Row     int // from 0
	Text    string
	X, Y    float64
	Cluster int // in Map.Clusters; -1 where there are none
}

// MapOptions says how rows are laid out. Nil means the defaults.
type MapOptions struct {
	Method     string  // "tsne" (Barnes-Hut t-SNE; the default) or "pca" (the first two principal components)
	MaxPoints  int     // of more rows, so many are drawn at random; 0 = 20,000
	Perplexity float64 // t-SNE: about how many neighbors a point is to have; 0 = 30
	Rounds     int     // t-SNE: steps after the first 250; 0 = 500
	Seed       uint64
}

// The methods.
const (
	TSNE = "tsne"
	PCA  = "pca"
)

// Validate reports every option that is out of range.
func (o *MapOptions) Validate() error {
	if o == nil {
		return nil
	}
	var errs []error
	if o.Method != "" && o.Method != TSNE && o.Method != PCA {
		errs = append(errs, fmt.Errorf("vectors: method is %q: want %s or %s", o.Method, TSNE, PCA))
	}
	if o.MaxPoints < 0 {
		errs = append(errs, fmt.Errorf("vectors: most points is %d: want at least 1, or 0 for the default", o.MaxPoints))
	}
	if !(o.Perplexity == 0 || o.Perplexity >= 1 && o.Perplexity <= 1000) {
		errs = append(errs, fmt.Errorf("vectors: perplexity is %v: want 1 to 1000, or 0 for the default", o.Perplexity))
	}
	if o.Rounds < 0 {
		errs = append(errs, fmt.Errorf("vectors: rounds is %d: want at least 1, or 0 for the default", o.Rounds))
	}
	return errors.Join(errs...)
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
		r.MaxPoints = 20_000
	}
	if r.Perplexity == 0 {
		r.Perplexity = 30
	}
	if r.Rounds == 0 {
		r.Rounds = 500
	}
	return r
}

// NewMap lays out rows by the directions of their vectors. Blank rows are left out. c, which may be nil, are the
// clusters of the same rows.
func NewMap(ctx context.Context, m *Matrix, c *Clustering, opts *MapOptions) (*Map, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
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
		if places, err = layOut(ctx, unit, places, o.Perplexity, o.Rounds, rng); err != nil {
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
