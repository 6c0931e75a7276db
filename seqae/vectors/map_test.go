package vectors

import (
	"bytes"
	"image/png"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func newMap(t *testing.T, m *Matrix, c *Clustering, opts *MapOptions) *Map {
	t.Helper()
	p, err := NewMap(t.Context(), m, c, opts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestMapKeepsGroups holds that both methods place the points of a group together.
func TestMapKeepsGroups(t *testing.T) {
	const count = 5
	m := groups(200, 20, count, 0.3, 3)
	clear(m.Vector(9))
	for _, opts := range []*MapOptions{{Method: PCA}, {Method: TSNE, Perplexity: 10, Rounds: 200}} {
		p := newMap(t, m, nil, opts)
		if len(p.Points) != m.Rows()-1 || p.Of != m.Rows()-1 {
			t.Fatalf("%d points of %d rows: want all but the blank one", len(p.Points), p.Of)
		}
		same := 0
		for i, a := range p.Points {
			nearest, least := -1, math.Inf(1)
			for j, b := range p.Points {
				if d := math.Hypot(a.X-b.X, a.Y-b.Y); i != j && d < least {
					nearest, least = j, d
				}
			}
			if a.Text != m.Texts[a.Row] || a.Cluster != -1 {
				t.Fatalf("point %+v: want the text of its row and no cluster", a)
			}
			if p.Points[nearest].Row%count == a.Row%count {
				same++
			}
		}
		if share := float64(same) / float64(len(p.Points)); share < 0.9 {
			t.Errorf("%s: %v of the points have a nearest point of their own group: want 0.9", opts.Method, share)
		}
	}
}

func TestMapSeed(t *testing.T) {
	m := groups(120, 8, 4, 1, 4)
	opts := &MapOptions{Rounds: 30, MaxPoints: 100, Seed: 5}
	want := newMap(t, m, nil, opts)
	if len(want.Points) != 100 || want.Of != 120 {
		t.Fatalf("%d points of %d rows: want 100 of 120", len(want.Points), want.Of)
	}
	before := runtime.GOMAXPROCS(1)
	got := newMap(t, m, nil, opts)
	runtime.GOMAXPROCS(before)
	if !cmp.Equal(got, want) {
		t.Error("the same seed draws another map, on one core")
	}
}

// TestPrincipal holds that the components of points in an ellipse are its axes.
func TestPrincipal(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	m := &Matrix{Width: 3}
	for range 2000 {
		a, b := 3*rng.NormFloat64(), rng.NormFloat64()
		m.add("", []float32{float32(a*0.6 - b*0.8 + 5), float32(a*0.8 + b*0.6), 1})
	}
	points, variance, err := principal(m)
	if err != nil || math.Abs(variance-1) > 1e-6 {
		t.Fatalf("variance %v, %v: want all of it", variance, err)
	}
	var squares [2]float64
	for i, x := range points {
		squares[i%2] += x * x / 2000
	}
	if math.Abs(math.Sqrt(squares[0])-3) > 0.15 || math.Abs(math.Sqrt(squares[1])-1) > 0.05 {
		t.Errorf("spread %v, %v: want about 3 and 1", math.Sqrt(squares[0]), math.Sqrt(squares[1]))
	}
}

// TestGaussian holds that the probabilities of a point's neighbors have the given perplexity.
func TestGaussian(t *testing.T) {
	var hits []hit
	for i := range 90 {
		hits = append(hits, hit{i, 1 - 0.01*float32(i)})
	}
	var sum, entropy float64
	for _, e := range gaussian(hits, 30) {
		sum += float64(e.p)
		entropy -= float64(e.p) * math.Log(float64(e.p))
	}
	if math.Abs(sum-1) > 1e-6 || math.Abs(math.Exp(entropy)-30) > 0.01 {
		t.Errorf("sum %v, perplexity %v: want 1 and 30", sum, math.Exp(entropy))
	}
}

func TestMapEdges(t *testing.T) {
	equal := &Matrix{Width: 3}
	for range 40 {
		equal.add("x", []float32{1, 2, 3})
	}
	for _, m := range []*Matrix{equal, groups(1, 4, 1, 0, 1), groups(4, 1, 2, 0, 1), groups(5, 3, 5, 1, 1)} {
		for _, p := range newMap(t, m, nil, &MapOptions{Rounds: 10}).Points {
			if math.IsNaN(p.X+p.Y) || math.IsInf(p.X+p.Y, 0) {
				t.Fatalf("%d rows: point %+v: want finite numbers", m.Rows(), p)
			}
		}
	}
	blank := &Matrix{Width: 1}
	blank.add("", []float32{0})
	_, err := NewMap(t.Context(), blank, nil, nil)
	checkError(t, "blank", err, "all rows are blank")
	for want, opts := range map[string]*MapOptions{
		`vectors: map options: method: "umap": want tsne or pca`: {Method: "umap"},
		"max_points: -1":                   {MaxPoints: -1},
		"perplexity: 0.5: want 1 to 1000":  {Perplexity: 0.5},
		"perplexity: NaN: want 1 to 1000,": {Perplexity: math.NaN()},
		"rounds: -1":                       {Rounds: -1},
	} {
		_, err := NewMap(t.Context(), equal, nil, opts)
		checkError(t, want, err, want)
	}
}

func TestPictures(t *testing.T) {
	m := groups(60, 6, 3, 0.3, 6)
	m.Texts[0] = `</script><b>&"quoted"`
	c := clustering(t, m, &ClusterOptions{K: 3})
	for _, c := range []*Clustering{c, nil} {
		p := newMap(t, m, c, &MapOptions{Method: PCA})
		var b bytes.Buffer
		if err := p.WritePNG(&b); err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(&b)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[[3]uint32]bool{}
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				r, g, b, _ := img.At(x, y).RGBA()
				seen[[3]uint32{r >> 8, g >> 8, b >> 8}] = true
			}
		}
		for i := range 3 {
			if k := clusterColor(i); !seen[[3]uint32{uint32(k.R), uint32(k.G), uint32(k.B)}] && (c != nil || i == 0) {
				t.Errorf("the picture has no point in the color of cluster %d", i)
			}
		}
		b.Reset()
		if err := p.WriteSVG(&b); err != nil || !strings.Contains(b.String(), "<svg") {
			t.Errorf("SVG: %v, %.60q", err, b.String())
		}
		if c != nil && !strings.Contains(b.String(), c.Clusters[0].Name) {
			t.Errorf("SVG does not name cluster %q", c.Clusters[0].Name)
		}
		b.Reset()
		if err := p.WriteHTML(&b, "<title> & more"); err != nil {
			t.Fatal(err)
		}
		page := b.String()
		if strings.Count(page, "</script>") != 1 || !strings.Contains(page, "&lt;title&gt; &amp; more") || !strings.Contains(page, "row 59 of group2") {
			t.Error("the page lacks its title or a text, or a text ends its script")
		}
		if strings.Contains(page, "http") {
			t.Error("the page has an address: want it self-contained")
		}
	}
}
