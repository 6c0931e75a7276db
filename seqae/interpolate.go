package seqae

import (
	"context"
	"fmt"
	"math"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
)

// Path is how one vector turns into another.
type Path string

const (
	Line        Path = "line"         // a + t (b − a)
	GreatCircle Path = "great-circle" // along the sphere, lengths in between: for unit vectors and for draws from a normal distribution (Shoemake 1985; White 2016)
)

// Interpolate decodes vectors at equal distances on the path from one line's vector to another's: steps of them, the ends
// included.
func (m *Model) Interpolate(ctx context.Context, from, to string, steps int, path Path, opts *seq2seq.SearchOptions) ([]string, error) {
	if steps < 2 {
		return nil, fmt.Errorf("seqae: interpolating in %d steps: want at least 2, the two ends", steps)
	}
	if path != Line && path != GreatCircle {
		return nil, fmt.Errorf("seqae: path %q: want %s or %s", path, Line, GreatCircle)
	}
	ends, err := m.vectorsOf(ctx, from, to)
	if err != nil {
		return nil, err
	}
	points := make([][]float32, steps)
	for i := range points {
		points[i] = path.at(ends[0], ends[1], float64(i)/float64(steps-1))
	}
	return m.texts(ctx, points, opts)
}

// Analogy decodes what is to c as b is to a: the vector c + b − a. Mikolov, Yih and Zweig, Linguistic Regularities in Continuous
// Space Word Representations, 2013.
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
