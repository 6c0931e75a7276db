package seqae

import (
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/seq2seq"
)

// untrained returns a small model and an embedder of it.
func untrained(t *testing.T, opts *EmbedderOptions) (*Model, *Embedder) {
	t.Helper()
	m, err := New(smallConfig(), digits(50), 1)
	if err != nil {
		t.Fatal(err)
	}
	e, err := EmbedderOf(m.Network, opts)
	if err != nil {
		t.Fatal(err)
	}
	return m, e
}

// TestEmbedder compares the vectors of an embedder with those of its network.
func TestEmbedder(t *testing.T) {
	m, raw := untrained(t, &EmbedderOptions{Raw: true})
	texts := []string{"1 2 3", "", "4 5", "6"}
	whole, err := raw.Encode(t.Context(), texts)
	if err != nil || raw.Size() != m.VectorSize() || len(whole) != len(texts) {
		t.Fatalf("%d vectors of size %d, %v: want %d of %d", len(whole), raw.Size(), err, len(texts), m.VectorSize())
	}
	for _, size := range []int{0, 1, 5, m.VectorSize()} {
		e, err := EmbedderOf(m.Network, &EmbedderOptions{Size: size, BatchSentences: 1})
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Encode(t.Context(), texts)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range got {
			want := slices.Clone(whole[i][:e.Size()])
			if ok := kernel.Unit(want, want); ok == (texts[i] == "") || !slices.Equal(v, want) {
				t.Errorf("size %d: vector of %q is %v: want %v", size, texts[i], v, want)
			}
		}
		i := 0
		for row, err := range e.Stream(t.Context(), corpora.Stream(texts)) {
			if err != nil || row.Text != texts[i] || !slices.Equal(row.Vector, got[i]) {
				t.Errorf("size %d: row %d of the stream is %v, %v: want %v of %q", size, i, row, err, got[i], texts[i])
			}
			i++
		}
		one, err := e.EmbeddingFunc()(t.Context(), texts[2])
		if err != nil || i != len(texts) || !slices.Equal(one, got[2]) {
			t.Errorf("size %d: %d rows; one text has %v, %v: want %v", size, i, one, err, got[2])
		}
	}
	path := filepath.Join(t.TempDir(), "m")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := LoadEmbedder(path, &EmbedderOptions{Raw: true})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := loaded.Encode(t.Context(), texts); err != nil || !slices.EqualFunc(again, whole, slices.Equal) {
		t.Errorf("vectors of the loaded model %v, %v: want %v", again, err, whole)
	}
}

// TestEmbedderOfContrast holds that an embedder has the numbers that contrast has trained, unless it is told otherwise.
func TestEmbedderOfContrast(t *testing.T) {
	c := smallConfig()
	c.Model.Bottleneck.Contrast = 3
	m, err := New(c, digits(50), 1)
	if err != nil {
		t.Fatal(err)
	}
	for want, o := range map[int]EmbedderOptions{3: {}, c.Model.Bottleneck.Size: {Raw: true}, 5: {Size: 5}, c.Model.Encoder.Hidden: {Pool: seq2seq.EmbedMean}} {
		if e, err := EmbedderOf(m.Network, &o); err != nil || e.Size() != want {
			t.Errorf("%+v: size %d, %v: want %d", o, e.Size(), err, want)
		}
	}
}

// TestSimilarity compares similarities with cosines in float64.
func TestSimilarity(t *testing.T) {
	_, raw := untrained(t, &EmbedderOptions{Raw: true})
	a, b := []string{"1 2 3", "", "4 5"}, []string{"3 2 1", "7", "4 5"}
	u, err1 := raw.Encode(t.Context(), a)
	v, err2 := raw.Encode(t.Context(), b)
	matrix, err3 := raw.Similarity(t.Context(), a, b)
	pairs, err4 := raw.PairSimilarity(t.Context(), a, b)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	for i := range a {
		for j := range b {
			var dot, n, m float64
			for k := range u[i] {
				x, y := float64(u[i][k]), float64(v[j][k])
				dot, n, m = dot+x*y, n+x*x, m+y*y
			}
			want := dot / max(math.Sqrt(n*m), 1e-30)
			if got := float64(matrix[i][j]); math.Abs(got-want) > 1e-6 || i == j && pairs[i] != matrix[i][i] {
				t.Errorf("similarity of %q and %q is %v: want %v", a[i], b[j], got, want)
			}
		}
	}
	if none, err := raw.Similarity(t.Context(), nil, b); err != nil || len(none) != 0 {
		t.Errorf("similarity of no texts is %v, %v: want none", none, err)
	}
}

func TestEmbedderRefuses(t *testing.T) {
	m, e := untrained(t, nil)
	bad := corpora.LineError(errors.New("bad line"))
	mixed := func(yield func(string, error) bool) { _ = yield("1 2", nil) && yield("", bad) && yield("3", nil) }
	var rows []seq2seq.Embedding
	var refused []error
	for row, err := range e.Stream(t.Context(), mixed) {
		if err != nil {
			refused = append(refused, err)
			continue
		}
		rows = append(rows, row)
	}
	if len(rows) != 2 || len(refused) != 1 || !errors.Is(refused[0], bad) {
		t.Errorf("rows %v and errors %v of a stream with one bad line: want two rows and that error", rows, refused)
	}
	for _, c := range []struct {
		err  func() error
		want string
	}{
		{func() error { _, err := EmbedderOf(m.Network, &EmbedderOptions{Size: 9999}); return err }, "size: 9999: want 1 to"},
		{func() error { _, err := EmbedderOf(m.Network, &EmbedderOptions{Size: -1}); return err }, "size: -1"},
		{func() error { _, err := EmbedderOf(m.Network, &EmbedderOptions{Pool: "sum"}); return err }, `pool: "sum"`},
		{func() error { _, err := LoadEmbedder(filepath.Join(t.TempDir(), "none"), nil); return err }, "none"},
		{func() error { _, err := e.EmbedQuery(t.Context(), " \t"); return err }, "text 1: "},
		{func() error { _, err := e.EmbedDocuments(t.Context(), []string{"1", "\u200b"}); return err }, "text 2: "},
		{func() error { _, err := e.PairSimilarity(t.Context(), []string{"1"}, nil); return err }, "1 texts and 0: want equal numbers"},
	} {
		if err := c.err(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v: want %q", err, c.want)
		}
	}
}
