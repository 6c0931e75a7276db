package seqae

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
)

// Path is how one vector turns into another.
type Path string

const (
	Line        Path = "line"         // a + t (b − a)
	GreatCircle Path = "great-circle" // along the sphere, lengths in between: for unit vectors and for draws from a normal distribution (Shoemake 1985; White 2016)
)

// Interpolate decodes vectors at equal distances on the path from one line's vector to another's: steps of them, the
// ends included.
func (m *Model) Interpolate(ctx context.Context, from, to string, steps int, path Path, opts *seq2seq.SearchOptions) ([]string, error) {
	if steps < 2 {
		return nil, fmt.Errorf("seqae: interpolating in %d steps: want at least 2, the two ends", steps)
	}
	w, err := m.walk(ctx, from, to, path, opts)
	if err != nil {
		return nil, err
	}
	lambdas := make([]float64, steps)
	for i := range lambdas {
		lambdas[i] = float64(i) / float64(steps-1)
	}
	points, err := w.points(ctx, lambdas)
	if err != nil {
		return nil, err
	}
	texts := make([]string, steps)
	for i, p := range points {
		texts[i] = p.Text
	}
	return texts, nil
}

// Point is a place on a path and what its vector is decoded to.
type Point struct {
	Lambda float64 `json:"lambda"` // place on the path, 0 at its start and 1 at its end
	Text   string  `json:"text"`   // text that the vector is decoded to
}

// Changes decodes the path from one line's vector to another's where its text changes: the start, and each point from
// which on the text is another than before. It begins with points at equal distances and halves the distance between
// neighbors whose texts differ, down to a 256th of the path. What comes and goes between points of one text it does
// not see.
func (m *Model) Changes(ctx context.Context, from, to string, path Path, opts *seq2seq.SearchOptions) ([]Point, error) {
	w, err := m.walk(ctx, from, to, path, opts)
	if err != nil {
		return nil, err
	}
	const first, finest = 8, 256 // parts of the path
	var lambdas []float64
	for i := range first + 1 {
		lambdas = append(lambdas, float64(i)/first)
	}
	points, err := w.points(ctx, lambdas)
	for parts := first; err == nil && parts < finest; parts *= 2 {
		lambdas = lambdas[:0]
		for i, p := range points[1:] {
			if q := points[i]; p.Text != q.Text {
				lambdas = append(lambdas, (p.Lambda+q.Lambda)/2)
			}
		}
		var between []Point
		if between, err = w.points(ctx, lambdas); err == nil {
			points = append(points, between...)
			slices.SortFunc(points, func(p, q Point) int { return cmp.Compare(p.Lambda, q.Lambda) })
		}
	}
	if err != nil {
		return nil, err
	}
	return slices.CompactFunc(points, func(p, q Point) bool { return p.Text == q.Text }), nil
}

// walk is a path between the vectors of two lines.
type walk struct {
	*Model
	path Path
	ends [][]float32
	opts *seq2seq.SearchOptions
}

func (m *Model) walk(ctx context.Context, from, to string, path Path, opts *seq2seq.SearchOptions) (*walk, error) {
	if path != Line && path != GreatCircle {
		return nil, fmt.Errorf("seqae: path %q: want %s or %s", path, Line, GreatCircle)
	}
	ends, err := m.vectorsOf(ctx, from, to)
	return &walk{m, path, ends, opts}, err
}

// points decodes places on the path.
func (w *walk) points(ctx context.Context, lambdas []float64) ([]Point, error) {
	vectors, points := make([][]float32, len(lambdas)), make([]Point, len(lambdas))
	for i, l := range lambdas {
		vectors[i] = w.path.at(w.ends[0], w.ends[1], l)
	}
	texts, err := w.texts(ctx, vectors, w.opts)
	for i, text := range texts {
		points[i] = Point{lambdas[i], text}
	}
	return points, err
}

// Analogy decodes what is to c as b is to a: the vector c + b − a. Mikolov, Yih and Zweig, Linguistic Regularities in
// Continuous Space Word Representations, 2013.
func (m *Model) Analogy(ctx context.Context, a, b, c string, opts *seq2seq.SearchOptions) (string, error) {
	v, err := m.vectorsOf(ctx, a, b, c)
	if err != nil {
		return "", err
	}
	for i := range v[2] {
		v[2][i] += v[1][i] - v[0][i]
	}
	texts, err := m.texts(ctx, v[2:], opts)
	if err != nil {
		return "", err
	}
	return texts[0], nil
}

// at is the point at t, 0 to 1, between a and b.
func (p Path) at(a, b []float32, t float64) []float32 {
	wa, wb := 1-t, t
	if p == GreatCircle {
		var ab, aa, bb float64
		for i, x := range a {
			ab, aa, bb = ab+float64(x)*float64(b[i]), aa+float64(x)*float64(x), bb+float64(b[i])*float64(b[i])
		}
		if angle := math.Acos(max(-1, min(1, ab/math.Sqrt(aa*bb)))); math.Sin(angle) > 1e-6 {
			wa, wb = math.Sin((1-t)*angle)/math.Sin(angle), math.Sin(t*angle)/math.Sin(angle)
		}
	}
	out := make([]float32, len(a))
	for i, x := range a {
		out[i] = float32(wa*float64(x) + wb*float64(b[i]))
	}
	return out
}

// texts decodes vectors.
func (m *Model) texts(ctx context.Context, vectors [][]float32, opts *seq2seq.SearchOptions) ([]string, error) {
	var out []string
	for t, err := range m.Decode(ctx, corpora.Stream(vectors), opts) {
		if err != nil {
			return nil, err
		}
		out = append(out, t.Text)
	}
	return out, nil
}
