package seqae

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/seq2seq"
)

// Path is the kind of path between two vectors. The empty string means Line.
type Path string

const (
	// Line is the straight line a + λ (b − a).
	Line Path = "line"

	// GreatCircle is the arc over a sphere, on which the length changes gradually. It suits unit vectors and samples of a
	// normal distribution. Shoemake, Animating Rotation with Quaternion Curves, 1985; White, Sampling Generative Networks,
	// 2016.
	GreatCircle Path = "great-circle"
)

// MarshalText returns the name.
func (p Path) MarshalText() ([]byte, error) { return setting.Marshal(p, Line, GreatCircle) }

// UnmarshalText sets the path from its name.
func (p *Path) UnmarshalText(text []byte) error { return setting.Unmarshal(p, text, Line, GreatCircle) }

// Interpolate decodes the given number of points on the path from one line's vector to another's, 2 or more. The points
// have equal distances and include both ends.
func (m *Model) Interpolate(ctx context.Context, from, to string, points int, path Path, opts *seq2seq.SearchOptions) ([]string, error) {
	if points < 2 {
		return nil, fmt.Errorf("seqae: interpolation with %d points: want at least 2, the two ends", points)
	}
	w, err := m.walk(ctx, from, to, path, opts)
	if err != nil {
		return nil, err
	}
	lambdas := make([]float64, points)
	for i := range lambdas {
		lambdas[i] = float64(i) / float64(points-1)
	}
	decoded, err := w.points(ctx, lambdas)
	if err != nil {
		return nil, err
	}
	texts := make([]string, points)
	for i, p := range decoded {
		texts[i] = p.Text
	}
	return texts, nil
}

// Point is a place on a path and the text decoded there.
type Point struct {
	Lambda float64 `json:"lambda"` // place on the path, 0 at its start and 1 at its end
	Text   string  `json:"text"`   // text decoded from the vector
}

// Changes returns the start of the path from one line's vector to another's and every point where the decoded text
// changes. It decodes points at equal distances and halves the distance between neighbors with different texts, down to
// a 256th of the path. A text between two points with equal texts goes unnoticed.
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
	if _, err := path.MarshalText(); err != nil {
		return nil, fmt.Errorf("seqae: path %w", err)
	}
	ends, err := m.vectors(ctx, from, to)
	return &walk{m, path, ends, opts}, err
}

// points decodes the vectors at places on the path.
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

// Analogy decodes the vector b − a + c: the answer to "a is to b as c is to what?". Mikolov, Yih and Zweig,
// Linguistic Regularities in Continuous Space Word Representations, 2013.
func (m *Model) Analogy(ctx context.Context, a, b, c string, opts *seq2seq.SearchOptions) (string, error) {
	v, err := m.vectors(ctx, a, b, c)
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

// at returns the point of the path from a to b at t, 0 to 1.
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

// vectors returns the vectors of texts. A text without tokens is an error.
func (m *Model) vectors(ctx context.Context, texts ...string) ([][]float32, error) {
	e, err := EmbedderOf(m.Network, &EmbedderOptions{Raw: true})
	if err != nil {
		return nil, err
	}
	return e.EmbedDocuments(ctx, texts)
}
