package vectors

import (
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func clustering(t *testing.T, m *Matrix, opts *ClusterOptions) *Clustering {
	t.Helper()
	c, err := NewClustering(t.Context(), m, opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClusterFindsGroups(t *testing.T) {
	const count = 6
	m := groups(480, 24, count, 0.4, 3)
	clear(m.Vector(7))
	for _, opts := range []*ClusterOptions{{K: count}, nil} { // with the number given and chosen
		c := clustering(t, m, opts)
		if len(c.Clusters) != count || c.Of[7] != -1 {
			t.Fatalf("%d clusters, the blank row in %d: want %d and -1", len(c.Clusters), c.Of[7], count)
		}
		for i, of := range c.Of {
			if i != 7 && i != 7%count && of != c.Of[i%count] {
				t.Fatalf("row %d is in cluster %d: want %d, as row %d", i, of, c.Of[i%count], i%count)
			}
		}
		for i := range count {
			if name := c.Clusters[c.Of[i]].Name; !strings.Contains(name, "group"+string(rune('0'+i))) {
				t.Errorf("cluster of row %d is named %q: want its group", i, name)
			}
		}
		if opts == nil && (len(c.Tried) != 19 || c.Tried[count-2].Silhouette <= c.Tried[0].Silhouette) {
			t.Errorf("tried %v: want 2 to 20, the best at %d", c.Tried, count)
		}
		rows := 0
		for i, k := range c.Clusters {
			if rows += k.Rows; i > 0 && k.Rows > c.Clusters[i-1].Rows {
				t.Error("clusters are not in the order of their sizes")
			}
		}
		if rows != m.Rows()-1 {
			t.Errorf("clusters hold %d rows: want all but the blank one", rows)
		}
	}
}

func TestClusterSeed(t *testing.T) {
	m := groups(300, 10, 9, 2, 4)
	want := clustering(t, m, &ClusterOptions{K: 5, Seed: 1})
	if got := clustering(t, m, &ClusterOptions{K: 5, Seed: 1}); !cmp.Equal(got, want) {
		t.Error("the same seed finds other clusters")
	}
	before := runtime.GOMAXPROCS(1)
	got := clustering(t, m, &ClusterOptions{K: 5, Seed: 1})
	runtime.GOMAXPROCS(before)
	if !cmp.Equal(got, want) {
		t.Error("one core finds other clusters than several")
	}
	if one := clustering(t, m, &ClusterOptions{K: 5, Starts: 1, Seed: 1}); one.Cosine > want.Cosine {
		t.Errorf("one start fits with %v, five fit with %v: want the best of five at least as good", one.Cosine, want.Cosine)
	}
}

// TestSilhouette compares the silhouette with its definition: means of 1 − cosine over all pairs.
func TestSilhouette(t *testing.T) {
	unit, _ := groups(60, 5, 4, 1, 5).unit()
	m, err := kmeans(t.Context(), unit.Data, 5, 4, 1, 20, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.silhouette(t.Context(), unit.Data, 5)
	if err != nil {
		t.Fatal(err)
	}
	var want float64
	for i, own := range m.of {
		var sums, sizes [4]float64
		for j, c := range m.of {
			if i != j {
				sums[c] += 1 - cosine(unit.Vector(i), unit.Vector(j))
				sizes[c]++
			}
		}
		if sizes[own] == 0 {
			continue
		}
		a, b := sums[own]/sizes[own], math.Inf(1)
		for c := range sums {
			if c != own && sizes[c] > 0 {
				b = min(b, sums[c]/sizes[c])
			}
		}
		want += (b - a) / max(a, b) / float64(len(m.of))
	}
	if math.Abs(got-want) > 1e-5 {
		t.Errorf("silhouette is %v: want %v", got, want)
	}
}

func TestClusterEdges(t *testing.T) {
	same := &Matrix{Width: 2}
	for range 5 {
		same.add("the same", []float32{1, 1})
	}
	c := clustering(t, same, &ClusterOptions{K: 3})
	if c.Silhouette != 0 || len(c.Clusters) != 3 || math.IsNaN(c.Cosine) || c.Clusters[2].Name != "cluster 3" {
		t.Errorf("five equal rows: %+v: want three clusters, a silhouette of 0, and a number as the name of a cluster without words", c)
	}
	clustering(t, same, nil)
	clustering(t, groups(3, 2, 3, 0, 1), nil)
	clustering(t, groups(1, 2, 1, 0, 1), &ClusterOptions{K: 1})

	for want, opts := range map[string]*ClusterOptions{
		"want at least 6":                   {K: 6},
		"vectors: cluster options: k: -1: ": {K: -1},
		"max_k: 1: want 2 or more":          {MaxK: 1},
		"want one or the other":             {K: 2, MaxK: 3},
		"starts: -1":                        {Starts: -1},
		"words: -1":                         {Words: -1},
		"iterations: -4: want 0 or more":    {Iterations: -4},
	} {
		_, err := NewClustering(t.Context(), same, opts)
		checkError(t, want, err, want)
	}
	_, err := NewClustering(t.Context(), groups(2, 2, 2, 0, 1), nil)
	checkError(t, "two rows", err, "2 rows that are not blank: want at least 3")
}

func TestTellingWords(t *testing.T) {
	texts := []string{"A dog runs.", "The dog barks.", "A cat sleeps.", "The CAT purrs!", "", "A bird, 42"}
	got := tellingWords(texts, []int{0, 0, 1, 1, -1, 2}, 3, 2)
	for i, want := range []string{"dog", "cat", "bird"} {
		if len(got[i]) == 0 || got[i][0] != want {
			t.Errorf("part %d has the words %q: want %q first", i, got[i], want)
		}
	}
	if slices.Contains(got[2], "42") {
		t.Error("a number counts as a word")
	}
}

func TestDedupe(t *testing.T) {
	rows := []Row{
		{Text: "a", Vector: []float32{1, 0}},
		{Text: "", Vector: []float32{0, 0}},
		{Text: "b", Vector: []float32{1, 0.1}}, // cosine 0.995 with a
		{Text: "c", Vector: []float32{0, 3}},
		{Text: "", Vector: []float32{0, 0}},
		{Text: "d", Vector: []float32{1, 0.34}}, // 0.947 with a, and 0.975 with b, which is dropped
		{Text: "a", Vector: []float32{2, 0}},
	}
	rows = append(rows, Row{Text: "!", Vector: []float32{0, 0}}) // blank, and yet another text
	want := []int{-1, -1, 0, -1, 1, -1, 0, -1}
	for i := range 3 * blockRows { // several blocks
		rows = append(rows, rows[i%8])
		want = append(want, []int{0, 1, 0, 3, 1, 5, 0, 7}[i%8])
	}
	n := 0
	for d, err := range Dedupe(t.Context(), stream(rows), nil) {
		if err != nil {
			t.Fatal(err)
		}
		if d.Number != n || d.Of != want[n] || d.Text != rows[n].Text {
			t.Fatalf("row %d: %+v: want it to repeat %d", n, d, want[n])
		}
		if d.Of >= 0 && (d.OfText != rows[d.Of].Text || d.Similarity < 0.95 || d.Similarity > 1) {
			t.Fatalf("row %d: %+v: want the text of row %d and a similarity of 0.95 to 1", n, d, d.Of)
		}
		n++
	}
	if n != len(rows) {
		t.Errorf("%d rows: want %d", n, len(rows))
	}
	// A threshold of 1 still finds equal rows.
	n = 0
	for d, err := range Dedupe(t.Context(), groups(50, 33, 50, 0, 1).All(), &DedupeOptions{Threshold: 1}) {
		if err != nil || d.Of >= 0 {
			t.Fatalf("distinct row: %+v, %v", d, err)
		}
	}
	for d, err := range Dedupe(t.Context(), groups(100, 33, 50, 0, 1).All(), &DedupeOptions{Threshold: 1}) {
		if err != nil || (d.Of >= 0) != (n >= 50) {
			t.Fatalf("row %d: %+v, %v: want the second fifty to repeat the first", n, d, err)
		}
		n++
	}
	_, err := firstError(Dedupe(t.Context(), stream(rows), &DedupeOptions{Threshold: 1.5}))
	checkError(t, "threshold", err, "vectors: dedupe options: threshold: 1.5: want")
	_, err = firstError(Dedupe(t.Context(), stream([]Row{{Text: "", Vector: []float32{1}}, {Text: "", Vector: []float32{1, 2}}}), nil))
	checkError(t, "width", err, "row 2: vector has 2 numbers: want 1")
	broken := errors.New("broken")
	n, err = firstError(Dedupe(t.Context(), func(yield func(Row, error) bool) {
		if yield(rows[0], nil) {
			yield(Row{}, broken)
		}
	}, nil))
	if n != 1 || !errors.Is(err, broken) {
		t.Errorf("%d rows, %v: want one row, then the stream's error", n, err)
	}
}
