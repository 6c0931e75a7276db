package seq2seq

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPostProcess holds what the maps make of vectors, and that they come back from a file.
func TestPostProcess(t *testing.T) {
	data := twoLanguages(200, 1)
	c := embedderConfig()
	c.Bottleneck.Unit = false
	e, err := EmbedderOf(newEmbedder(t, c, data, 1))
	if err != nil {
		t.Fatal(err)
	}
	lines := sources1(data)
	for name, o := range map[string]PostOptions{"zca": {Whiten: true}, "pca": {Whiten: true, Size: 5}, "common": {Common: 2}} {
		m, err := e.PostProcess(t.Context(), append(lines, ""), o)
		if err != nil {
			t.Fatal(err)
		}
		z := embeddings(t, &Model{m.Network}, nil, lines...)
		size := m.VectorSize()
		want := 16
		if o.Size > 0 {
			want = o.Size
		}
		if size != want || len(z[0]) != want {
			t.Fatalf("%s: vectors of %d numbers: want %d", name, len(z[0]), want)
		}
		if o.Whiten {
			for i := range size {
				for j := range size {
					mean, product := 0.0, 0.0
					for _, v := range z {
						mean += float64(v[i]) / float64(len(z))
						product += float64(v[i]) * float64(v[j]) / float64(len(z))
					}
					if is := 0.0; i != j {
						if math.Abs(product-is) > 1e-3 {
							t.Fatalf("%s: numbers %d and %d correlate by %v", name, i, j, product)
						}
					} else if math.Abs(product-1) > 1e-3 || math.Abs(mean) > 1e-3 {
						t.Fatalf("%s: number %d has the mean %v and the mean square %v: want 0 and 1", name, i, mean, product)
					}
				}
			}
		}
		path := filepath.Join(t.TempDir(), "m.retell")
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		back, err := LoadEmbedder(path)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range embeddings(t, &Model{back.Network}, &EmbedOptions{BatchSentences: 7}, lines...) {
			if !slices.Equal(v, z[i]) {
				t.Fatalf("%s: line %d has another vector from the file", name, i)
			}
		}
		if _, err := back.PostProcess(t.Context(), lines, o); err == nil || !strings.Contains(err.Error(), "post-processed already") {
			t.Errorf("%s: twice: %v", name, err)
		}
		for _, err := range back.Train(t.Context(), data, nil, nil) {
			if err == nil || !strings.Contains(err.Error(), "the model's vectors are post-processed") {
				t.Errorf("%s: training: %v", name, err)
			}
		}
	}
	for want, o := range map[string]PostOptions{
		"common: 0 with whiten: false: want one of the two": {},
		"common: 1 with whiten: true: want one of the two":  {Whiten: true, Common: 1},
		"common: 16: want 1 to 15":                          {Common: 16},
		"size: 17: want 0 to 16":                            {Whiten: true, Size: 17},
		"size: 3 without whiten: want 0":                    {Common: 1, Size: 3},
	} {
		if _, err := e.PostProcess(t.Context(), lines, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v: want %s", o, err, want)
		}
	}
	if _, err := e.PostProcess(t.Context(), lines[:16], PostOptions{Whiten: true}); err == nil || !strings.Contains(err.Error(), "16 lines with tokens: want 17 or more") {
		t.Errorf("few lines: %v", err)
	}
}
