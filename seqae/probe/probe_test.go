package probe

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
)

// fake embeds a line as the vector that f returns.
type fake struct {
	name string
	f    func(line string) []float32
}

func (e fake) Name() string { return e.name }

func (e fake) Embed(_ context.Context, lines []string) (Vectors, error) {
	var data []float32
	for _, line := range lines {
		data = append(data, e.f(line)...)
	}
	return NewDense(len(data)/len(lines), data)
}

// short leaves out the first line.
type short struct{ fake }

func (e short) Embed(ctx context.Context, lines []string) (Vectors, error) {
	return e.fake.Embed(ctx, lines[1:])
}

// letters counts a, b and c.
func letters(line string) []float32 {
	return []float32{
		float32(strings.Count(line, "a")), float32(strings.Count(line, "b")), float32(strings.Count(line, "c")),
	}
}

func near(got, want float64) bool { return math.Abs(got-want) < 1e-6 }

func TestSimilarity(t *testing.T) {
	// Cosines 1, 0, 1/√2 and, with a vector of zeros, 0.
	pairs := []corpora.Judged{{A: "a", B: "aa", Score: 5}, {A: "a", B: "b", Score: 1}, {A: "a", B: "ab", Score: 3}, {A: "a", B: "x", Score: 0}}
	got, err := Similarity(t.Context(), fake{"fake", letters}, pairs)
	if err != nil {
		t.Fatal(err)
	}
	// By hand: ranks 4, 1.5, 3, 1.5 against 4, 2, 3, 1.
	x, y := []float64{1, 0, math.Sqrt2 / 2, 0}, []float64{5, 1, 3, 0}
	want, _ := metric.Pearson(x, y)
	if !near(got.Spearman, 0.9486832981) || !near(got.Pearson, want) || got.Pairs != 4 || got.Genres != nil {
		t.Errorf("%+v, want Pearson %v", got, want)
	}

	// By genre: the order of the first two pairs is right, that of the others too, but one genre alone is no genre.
	for i := range pairs {
		pairs[i].File = []string{"news", "captions"}[i/2]
	}
	if got, err = Similarity(t.Context(), fake{"fake", letters}, pairs); err != nil {
		t.Fatal(err)
	}
	genres := []GenreCorrelations{{"news", 2, 1, 1}, {"captions", 2, 1, 1}}
	if diff := cmp.Diff(genres, got.Genres, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Error(diff)
	}
	if got, err = Similarity(t.Context(), fake{"fake", letters}, pairs[:2]); err != nil || got.Genres != nil {
		t.Errorf("%+v, %v: want no genres", got, err)
	}
}

func TestSimilarityOfOneVector(t *testing.T) {
	same := fake{"fake", func(string) []float32 { return []float32{1} }}
	got, err := Similarity(t.Context(), same, []corpora.Judged{{A: "a", B: "b", Score: 1}, {A: "a", B: "b", Score: 2}})
	if err != nil || got.Pairs != 2 || got.Pearson != 0 || got.Spearman != 0 {
		t.Errorf("%+v, %v: want correlations of 0", got, err)
	}
}

func TestRetrieve(t *testing.T) {
	lines := []string{"a", "b", "c", "ab"}
	partners := []string{"aab", "b", "a", "b"}
	got, err := Retrieve(t.Context(), fake{"fake", letters}, lines, partners)
	if err != nil {
		t.Fatal(err)
	}
	// "a": "a" is nearer than "aab". "b": its partner is the same text. "c": all three texts are equally near. "ab": "aab"
	// is nearer than "b", and "a" is equally near. Backward, both "b" and "ab" are right for "b".
	want := Retrieval{
		Pairs:    4,
		Forward:  Ranking{Error: 0.75, Recall1: 0.25, Recall5: 1, Recall10: 1, MRR: (1./2 + 1 + 1./3 + 1./3) / 4},
		Backward: Ranking{Error: 0.5, Recall1: 0.5, Recall5: 1, Recall10: 1, MRR: (1./2 + 1 + 1./4 + 1) / 4},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	// Every partner of an equal line is right: "a" has two, and either may be the nearest.
	got, err = Retrieve(t.Context(), fake{"fake", letters}, []string{"a", "a", "c"}, []string{"ab", "aa", "c"})
	if err != nil || got.Forward.Error != 0 || got.Backward.Error != 0 {
		t.Errorf("%+v, %v: want no errors", got, err)
	}
}

// TestRetrieveExactly compares ranks with those from all products, in several blocks. Half of the texts have equal
// vectors, so that ties depend on equal bits.
func TestRetrieveExactly(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	const n, size = 300, 19
	var lines, partners []string
	numbers := make(map[string][]float32)
	for i := range n {
		v := make([]float32, size)
		for d := range v {
			v[d] = float32(rng.NormFloat64())
		}
		w := slices.Clone(v)
		for d := range w {
			w[d] += float32(rng.NormFloat64())
		}
		if i%2 == 1 {
			w = numbers[partners[i-1]]
		}
		lines, partners = append(lines, fmt.Sprint("a", i)), append(partners, fmt.Sprint("b", i))
		numbers[lines[i]], numbers[partners[i]] = v, w
	}
	dense := fake{"dense", func(line string) []float32 { return numbers[line] }}
	ranks, err := rankPartners(t.Context(), dense, lines, partners)
	if err != nil {
		t.Fatal(err)
	}
	sparse, err := rankPartners(t.Context(), sparsely{dense}, lines, partners)
	if err != nil {
		t.Fatal(err)
	}
	v, _ := dense.Embed(t.Context(), slices.Concat(lines, partners))
	v = v.Unit()
	all := make([]float32, 4*n*n)
	v.products(all, v)
	for i := range n {
		var want [2]int
		for j := range n {
			if all[i*2*n+n+j] >= all[i*2*n+n+i] {
				want[0]++
			}
			if all[(n+i)*2*n+j] >= all[(n+i)*2*n+i] {
				want[1]++
			}
		}
		if ranks[0][i] != want[0] || ranks[1][i] != want[1] || want[0] < 2 {
			t.Errorf("pair %d: ranks %d and %d, want %v", i, ranks[0][i], ranks[1][i], want)
		}
		if sparse[0][i] != want[0] || sparse[1][i] != want[1] {
			t.Errorf("pair %d, sparse vectors: ranks %d and %d, want %v", i, sparse[0][i], sparse[1][i], want)
		}
	}
}

// sparsely returns dense vectors as sparse ones.
type sparsely struct{ fake }

func (e sparsely) Embed(ctx context.Context, lines []string) (Vectors, error) {
	v, err := e.fake.Embed(ctx, lines)
	if err != nil {
		return nil, err
	}
	d := v.(*Dense)
	columns := make([]int32, 0, len(d.data))
	for range d.Len() {
		columns = append(columns, allRows(d.size)...)
	}
	return NewSparse(d.size, slices.Repeat([]int{d.size}, d.Len()), columns, d.data)
}

func TestRewritings(t *testing.T) {
	lines := []string{"a b c", "", "a b c d e f", "a b c d e f g"}
	rewritten := []string{"a b c", "x", "a b c d e f", "a x c d e f g h"}
	got, err := Rewritings(lines, rewritten)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		got[i].BLEU = math.Round(10*got[i].BLEU) / 10
		got[i].Exact, got[i].Accuracy = math.Round(1e4*got[i].Exact)/1e4, math.Round(1e4*got[i].Accuracy)/1e4
	}
	want := []Rewriting{
		{From: 1, To: 5, Lines: 1, Exact: 1, Accuracy: 1, BLEU: 0}, // no 4-grams
		{From: 6, To: 10, Lines: 2, Exact: 0.5, Accuracy: 0.9231, BLEU: 72.8, Edits: 1},
		{From: 1, Lines: 3, Exact: 0.6667, Accuracy: 0.9375, BLEU: 74.9, Edits: 2. / 3},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestErrors(t *testing.T) {
	nan := fake{"fake", func(string) []float32 { return []float32{1, float32(math.NaN())} }}
	same := fake{"fake", func(string) []float32 { return []float32{1} }}
	judged := []corpora.Judged{{A: "a", B: "b", Score: 1}, {A: "a", B: "b", Score: 2}}
	labeled := func(n int, labels ...string) []corpora.Labeled {
		out := make([]corpora.Labeled, n)
		for i := range out {
			out[i] = corpora.Labeled{Text: "a", Label: labels[i%len(labels)]}
		}
		return out
	}
	sparse := func(size int, lengths []int, columns []int32, values []float32) error {
		_, err := NewSparse(size, lengths, columns, values)
		return err
	}
	for _, test := range []struct {
		err  error
		want string
	}{
		{last(Similarity(t.Context(), nan, judged)), "probe: fake: probe: vector 1: number 2 is NaN: want a finite number"},
		{last(Similarity(t.Context(), short{same}, judged)), "probe: fake: 3 vectors for 4 lines: want one per line"},
		{last(Similarity(t.Context(), same, judged[:1])), "probe: 1 judged pairs: want at least 2"},
		{last(Similarity(t.Context(), same, []corpora.Judged{judged[0], judged[0]})), "probe: 2 judged pairs all have the score 1: want different ones"},
		{last(Retrieve(t.Context(), same, []string{"a"}, []string{"a", "b"})), "probe: 1 lines and 2 partners: want equal numbers, and at least 2"},
		{last(Classify(t.Context(), same, labeled(9, "x", "y"), nil)), "probe: 9 labeled lines: want at least 10, one per fold"},
		{last(Classify(t.Context(), same, labeled(9, "x", "y"), &ClassifyOptions{Folds: 1})), "probe: classify options: folds: 1: want 2 or more, or 0 for the default"},
		{last(Classify(t.Context(), same, labeled(10, "x"), nil)), `probe: all lines have class "x": want at least 2 classes`},
		{last(ClassifyOn(t.Context(), same, labeled(3, "x", "y"), labeled(3, "x"), nil)), "probe: 3 training lines: want at least 5"},
		{last(ClassifyOn(t.Context(), same, labeled(3, "x", "y"), nil, nil)), "probe: 3 training lines and 0 test lines: want at least one of each"},
		{last(Rewritings([]string{"a"}, nil)), "probe: 1 lines and 0 reconstructions: want equal numbers"},
		{last(Rewritings([]string{""}, []string{""})), "probe: 1 lines are all blank: want at least one with text"},
		{last(NewDense(3, make([]float32, 4))), "probe: 4 numbers for vectors of size 3: want a size of 1 or more and complete vectors"},
		{sparse(2, []int{1, 1}, []int32{0}, []float32{1}), "probe: 2 entries, 1 columns and 1 values: want equal numbers"},
		{sparse(2, []int{1, 1}, []int32{0, 2}, []float32{1, 1}), "probe: vector 2: column 2: want ascending columns, 0 to 1"},
		{sparse(2, []int{2}, []int32{1, 1}, []float32{1, 1}), "probe: vector 1: column 1: want ascending columns, 0 to 1"},
		{sparse(2, []int{1}, []int32{1}, []float32{float32(math.Inf(1))}), "probe: vector 1: column 1 is +Inf: want a finite number"},
		{sparse(2, []int{-1}, nil, nil), "probe: vector 1 has -1 entries: want 0 to 2"},
	} {
		if test.err == nil || test.err.Error() != test.want {
			t.Errorf("%v; want %s", test.err, test.want)
		}
	}
}

func last[T any](_ T, err error) error { return err }

func TestTFIDF(t *testing.T) {
	lines := []string{"A b, b.", "a c"}
	v, err := (&TFIDF{}).Embed(t.Context(), append(lines, "?"))
	if err != nil {
		t.Fatal(err)
	}
	// Of three lines, 2 have a, 1 has b and 1 has c.
	a, b := 1+math.Log(4./3), 1+math.Log(4./2)
	lengths := [2]float64{math.Hypot(a, 2*b), math.Hypot(a, b)}
	for _, test := range []struct {
		i, j int
		want float64
	}{{0, 0, 1}, {0, 1, a * a / (lengths[0] * lengths[1])}, {1, 1, 1}, {0, 2, 0}, {2, 2, 0}} {
		if got := v.Dot(test.i, test.j); !near(got, test.want) {
			t.Errorf("lines %d and %d: %v, want %v", test.i, test.j, got, test.want)
		}
	}

	fitted := FitTFIDF(lines)
	v, err = fitted.Embed(t.Context(), []string{"b new", "new"})
	if err != nil || v.Size() != 3 || !near(v.Dot(0, 0), 1) || v.Dot(1, 1) != 0 {
		t.Errorf("vectors %v, product %v, error %v: want an unknown word to be ignored", v, v.Dot(0, 0), err)
	}
}

// TestLayouts holds that sparse and dense vectors give equal products.
func TestLayouts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n, size, classes = 7, 33, 3
	var lengths []int
	var columns []int32
	var values []float32
	data := make([]float32, n*size)
	for i := range n {
		length := 0
		for d := range size {
			if i > 0 && rng.IntN(4) == 0 {
				data[i*size+d] = float32(rng.NormFloat64())
				columns, values, length = append(columns, int32(d)), append(values, data[i*size+d]), length+1
			}
		}
		lengths = append(lengths, length)
	}
	sparse, err := NewSparse(size, lengths, columns, values)
	if err != nil {
		t.Fatal(err)
	}
	dense, err := NewDense(size, data)
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range [][2]Vectors{{sparse, dense}, {sparse.Unit(), dense.Unit()}} {
		const from, to = 2, 6
		a, b := make([]float32, n*(to-from)), make([]float32, n*(to-from))
		pair[0].Slice(from, to).products(a, pair[0])
		pair[1].Slice(from, to).products(b, pair[1])
		for i := range n {
			for j := range n {
				x, y := pair[0].Dot(i, j), pair[1].Dot(i, j)
				if math.Abs(x-y) > 1e-5 {
					t.Errorf("%d·%d: sparse %v, dense %v", i, j, x, y)
				}
				if at := i*(to-from) + j - from; j >= from && j < to && (math.Abs(x-float64(a[at])) > 1e-5 || math.Abs(x-float64(b[at])) > 1e-5) {
					t.Errorf("%d·%d: %v, of all: sparse %v, dense %v", i, j, x, a[at], b[at])
				}
			}
		}
	}
	w := make([]float32, classes*size)
	for k := range w {
		w[k] = float32(rng.NormFloat64())
	}
	scores := make([]float32, classes*n)
	sparse.features().scores(scores, w, classes)
	for c := range classes {
		for i := range n {
			want := 0.0
			for d := range size {
				want += float64(w[c*size+d]) * float64(data[i*size+d])
			}
			if math.Abs(float64(scores[c*n+i])-want) > 1e-5 {
				t.Errorf("score %d of %d: %v, want %v", c, i, scores[c*n+i], want)
			}
		}
	}
	gradient := make([]float32, classes*size)
	sparse.features().gradient(gradient, scores, classes)
	for c := range classes {
		for d := range size {
			want := 0.0
			for i := range n {
				want += float64(scores[c*n+i]) * float64(data[i*size+d])
			}
			if math.Abs(float64(gradient[c*size+d])-want) > 1e-4 {
				t.Errorf("gradient %d, %d: %v, want %v", c, d, gradient[c*size+d], want)
			}
		}
	}
}
