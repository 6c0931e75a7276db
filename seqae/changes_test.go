package seqae

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
)

// TestChanges compares the changes on a path with the texts of all points that the search can visit.
func TestChanges(t *testing.T) {
	m, _ := train(t, smallConfig(), digits(600), seq2seq.TrainOptions{MaxSteps: 60})
	for _, path := range []Path{Line, GreatCircle} {
		grid, err := m.Interpolate(t.Context(), "1 2 3", "4 5 6 7", 257, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		points, err := m.Changes(t.Context(), "1 2 3", "4 5 6 7", path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(points) < 3 || points[0].Lambda != 0 || points[len(points)-1].Text != grid[256] {
			t.Fatalf("%s: %d points, from %v to %q: want several, from 0 to %q", path, len(points), points[0], points[len(points)-1].Text, grid[256])
		}
		for i, p := range points {
			at := int(math.Round(256 * p.Lambda))
			if float64(at)/256 != p.Lambda || p.Text != grid[at] {
				t.Errorf("%s: point %d, %v: want %q", path, i, p, grid[at])
			}
			if i > 0 && (points[i-1].Text == p.Text || grid[at-1] == p.Text) {
				t.Errorf("%s: point %d, %v: want a change of the text", path, i, p)
			}
		}
	}
	if points, err := m.Changes(t.Context(), "1 2 3", "1 2 3", Line, nil); err != nil || len(points) != 1 {
		t.Errorf("from a line to itself: %v, error %v: want one point", points, err)
	}
	if _, err := m.Changes(t.Context(), "1", "2", "curve", nil); err == nil {
		t.Error("path curve: want an error")
	}
}

// TestSamples holds that the text of a sample is the decoding of its vector, and that Sample returns the same texts.
func TestSamples(t *testing.T) {
	c := smallConfig()
	c.Model.Bottleneck.Variational = true
	m, err := New(c, digits(50), 1)
	if err != nil {
		t.Fatal(err)
	}
	g, err := m.Prior()
	if err != nil {
		t.Fatal(err)
	}
	seed := func() *rand.Rand { return rand.New(rand.NewPCG(5, 0)) }
	var texts []string
	for s, err := range m.Samples(t.Context(), g, 3, 1, seed(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		for tr, err := range m.Decode(t.Context(), corpora.Stream([][]float32{s.Vector}), nil) {
			if err != nil || tr.Text != s.Text || len(s.Hypotheses) != 1 {
				t.Errorf("text %q, but the vector decodes to %q, error %v", s.Text, tr.Text, err)
			}
		}
		texts = append(texts, s.Text)
	}
	again, err := m.Sample(t.Context(), g, 3, 1, seed(), nil)
	if err != nil || !slices.Equal(again, texts) {
		t.Errorf("%q, error %v: want %q", again, err, texts)
	}
}
