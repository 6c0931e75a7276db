package vectors

import (
	"cmp"
	"iter"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/corpora"
)

func collectPairs(t *testing.T, pairs iter.Seq2[Pair, error]) []Pair {
	t.Helper()
	all, err := corpora.Collect(pairs)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// blanked returns groups with a blank row.
func blanked(n int, seed uint64) *Matrix {
	m := groups(n, 7, 4, 0.5, seed)
	clear(m.Vector(2))
	return m
}

func TestAligned(t *testing.T) {
	a, b := blanked(20, 1), groups(20, 7, 4, 0.5, 2)
	for i, p := range collectPairs(t, Aligned(a.All(), b.All())) {
		want := cosine(a.Vector(i), b.Vector(i))
		if i == 2 {
			want = 0
		}
		if p.A != i || p.B != i || p.TextA != a.Texts[i] || p.TextB != b.Texts[i] || math.Abs(float64(p.Similarity)-want) > 1e-6 {
			t.Errorf("pair %d is %+v: want %v", i, p, want)
		}
	}
	for want, sides := range map[string][2]*Matrix{
		"the second file ends after 19 rows, and the first has more": {a, groups(19, 7, 4, 0.5, 2)},
		"the first file ends after 20 rows, and the second has more": {a, groups(21, 7, 4, 0.5, 2)},
		"vectors: row 1: vector has 6 numbers: want 7":               {a, groups(20, 6, 4, 0.5, 2)},
	} {
		_, err := corpora.Collect(Aligned(sides[0].All(), sides[1].All()))
		checkError(t, want, err, want)
	}
}

func TestCosines(t *testing.T) {
	a, b := blanked(300, 1), blanked(20, 2)
	rows, err := Collect(Cosines(t.Context(), a.All(), b))
	if err != nil || rows.Rows() != a.Rows() || rows.Width != b.Rows() {
		t.Fatalf("%d rows of %d, %v: want %d of %d", rows.Rows(), rows.Width, err, a.Rows(), b.Rows())
	}
	for i := range a.Rows() {
		for j, s := range rows.Vector(i) {
			want := cosine(a.Vector(i), b.Vector(j))
			if i == 2 || j == 2 {
				want = 0
			}
			if math.Abs(float64(s)-want) > 1e-6 {
				t.Fatalf("cosine of %d and %d is %v: want %v", i, j, s, want)
			}
		}
	}
	_, err = Collect(Cosines(t.Context(), a.All(), groups(3, 6, 1, 1, 1)))
	checkError(t, "widths", err, "vectors: row 1: vector has 7 numbers: want 6")
}

// TestTopPairs compares the pairs with all pairs, sorted.
func TestTopPairs(t *testing.T) {
	a, b := blanked(600, 1), blanked(20, 2)
	all := func(a, b *Matrix, allowed func(i, j int) bool) []Pair {
		var pairs []Pair
		for i := range a.Rows() {
			for j := range b.Rows() {
				if i != 2 && j != 2 && allowed(i, j) {
					s := cosine(a.Vector(i), b.Vector(j))
					pairs = append(pairs, Pair{i, j, a.Texts[i], b.Texts[j], float32(s), s})
				}
			}
		}
		slices.SortFunc(pairs, func(x, y Pair) int { return cmp.Compare(y.Score, x.Score) })
		return pairs
	}
	check := func(got []Pair, err error, want []Pair) {
		t.Helper()
		if err != nil || len(got) != len(want) {
			t.Fatalf("%d pairs, %v: want %d", len(got), err, len(want))
		}
		for i, p := range got {
			if math.Abs(p.Score-want[i].Score) > 1e-6 || p.TextA != a.Texts[p.A] || p.A == 2 {
				t.Fatalf("pair %d is %+v: want %+v", i, p, want[i])
			}
		}
	}
	got, err := TopPairs(t.Context(), a.All(), b, 50)
	check(got, err, all(a, b, func(i, j int) bool { return true })[:50])
	within, err := TopPairsWithin(t.Context(), a, 70)
	check(within, err, all(a, a, func(i, j int) bool { return i < j })[:70])

	before := runtime.GOMAXPROCS(1)
	again, err := TopPairs(t.Context(), a.All(), b, 50)
	runtime.GOMAXPROCS(before)
	if err != nil || !gocmp.Equal(got, again) {
		t.Errorf("another number of cores finds other pairs (%v)", err)
	}
	few, err := TopPairs(t.Context(), b.All(), b, 1000)
	check(few, err, all(b, b, func(i, j int) bool { return true }))
	_, err = TopPairs(t.Context(), a.All(), b, 0)
	checkError(t, "none", err, "vectors: 0 pairs: want at least 1")
}

// TestMine finds noisy copies among other rows, and leaves a row out that is near to all.
func TestMine(t *testing.T) {
	const n, width, others = 300, 16, 200
	rng := rand.New(rand.NewPCG(7, 7))
	a, b := &Matrix{Width: width}, &Matrix{Width: width}
	noise := func(v []float32, size float64) []float32 {
		w := slices.Clone(v)
		for k := range w {
			w[k] += float32(size * rng.NormFloat64())
		}
		return w
	}
	for range n {
		v := noise(make([]float32, width), 1)
		a.add("", v)
		b.add("", noise(v, 0.25))
	}
	for range others {
		a.add("", noise(make([]float32, width), 1))
		b.add("", noise(make([]float32, width), 1))
	}
	clear(b.Vector(5))
	pairs, err := Mine(t.Context(), a, b, &MineOptions{OneToOne: true})
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i, p := range pairs {
		if i > 0 && p.Score > pairs[i-1].Score {
			t.Fatalf("pair %d has a greater score than the one before", i)
		}
		if i < n-1 && p.A == p.B {
			right++
		}
	}
	if right < n-6 {
		t.Errorf("%d of the best %d pairs are copies: want nearly all", right, n-1)
	}
	for _, side := range []func(Pair) int{func(p Pair) int { return p.A }, func(p Pair) int { return p.B }} {
		seen := map[int]bool{}
		for _, p := range pairs {
			if seen[side(p)] {
				t.Fatalf("a row is in two pairs")
			}
			seen[side(p)] = true
		}
	}
	all, err := Mine(t.Context(), a, b, nil)
	if err != nil || len(all) <= len(pairs) {
		t.Errorf("%d pairs, %v: want more than the %d that share no rows", len(all), err, len(pairs))
	}
	best, err := Mine(t.Context(), a, b, &MineOptions{Threshold: 1.2})
	if err != nil || len(best) == 0 || best[len(best)-1].Score < 1.2 || all[len(best)].Score >= 1.2 {
		t.Errorf("%d pairs (%v): want all with a score of 1.2 or more", len(best), err)
	}
	before := runtime.GOMAXPROCS(1)
	again, err := Mine(t.Context(), a, b, nil)
	runtime.GOMAXPROCS(before)
	if err != nil || !gocmp.Equal(all, again) {
		t.Errorf("another number of cores mines other pairs (%v)", err)
	}
}

// TestMargin computes the scores of three rows by hand.
func TestMargin(t *testing.T) {
	a, b := &Matrix{Width: 2}, &Matrix{Width: 2}
	a.add("x", []float32{1, 0})
	a.add("y", []float32{0, 2})
	b.add("z", []float32{0.6, 0.8})
	pairs, err := Mine(t.Context(), a, b, &MineOptions{K: 2})
	want := []Pair{
		{1, 0, "y", "z", 0.8, 0.8 / ((0.8 + 0.7) / 2)},
		{0, 0, "x", "z", 0.6, 0.6 / ((0.6 + 0.7) / 2)},
	}
	if err != nil || len(pairs) != len(want) {
		t.Fatalf("%v, %v: want %v", pairs, err, want)
	}
	for i, p := range pairs {
		if p.A != want[i].A || p.TextA != want[i].TextA || p.TextB != want[i].TextB || math.Abs(p.Score-want[i].Score) > 1e-6 {
			t.Errorf("%+v: want %+v", p, want[i])
		}
	}
}

func TestMineErrors(t *testing.T) {
	a, blank := groups(3, 4, 1, 1, 1), &Matrix{Width: 4}
	blank.add("", make([]float32, 4))
	_, err := Mine(t.Context(), a, groups(3, 5, 1, 1, 1), nil)
	checkError(t, "widths", err, "vectors: vectors of 4 and of 5 numbers: want equal lengths")
	_, err = Mine(t.Context(), a, blank, nil)
	checkError(t, "blank", err, "vectors: all rows of a file are blank")
	_, err = Mine(t.Context(), a, a, &MineOptions{K: -1})
	checkError(t, "k", err, "vectors: mining options: k: -1: want 0 or more")
	_, err = Mine(t.Context(), a, a, &MineOptions{Threshold: math.NaN()})
	checkError(t, "threshold", err, "threshold: NaN: want 0 or more")
}
