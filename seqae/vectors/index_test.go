package vectors

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/internal/safetensors"
)

// groups returns n rows around count random directions; row i belongs to group i mod count.
func groups(n, width, count int, spread float64, seed uint64) *Matrix {
	rng := rand.New(rand.NewPCG(seed, 2))
	centers := make([]float64, count*width)
	for i := range centers {
		centers[i] = rng.NormFloat64()
	}
	m := &Matrix{Width: width}
	v := make([]float32, width)
	for i := range n {
		for j := range v {
			v[j] = float32(centers[i%count*width+j] + spread*rng.NormFloat64())
		}
		m.add(fmt.Sprintf("row %d of group%d", i, i%count), v)
	}
	return m
}

// index builds an index.
func index(t *testing.T, m *Matrix, opts *IndexOptions) *Index {
	t.Helper()
	x, err := NewIndex(t.Context(), m, opts)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// find searches for all rows of a matrix.
func find(t *testing.T, x *Index, queries *Matrix, opts *SearchOptions) (results []Result) {
	t.Helper()
	for r, err := range x.Search(t.Context(), queries.All(), opts) {
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, r)
	}
	return results
}

// TestSearchIsExact compares exact search with a comparison of all rows in float64. Blank rows and queries find
// nothing.
func TestSearchIsExact(t *testing.T) {
	m := groups(700, 19, 7, 1, 3)
	clear(m.Vector(5))
	queries := groups(33, 19, 5, 1, 4)
	clear(queries.Vector(8))
	results := find(t, index(t, m, nil), queries, &SearchOptions{K: 6, Batch: 10})
	if len(results) != queries.Rows() {
		t.Fatalf("%d results: want %d", len(results), queries.Rows())
	}
	for q, r := range results {
		if q == 8 {
			if len(r.Neighbors) > 0 {
				t.Errorf("blank query finds %v", r.Neighbors)
			}
			continue
		}
		type scored struct {
			row    int
			cosine float64
		}
		var all []scored
		for i := range m.Rows() {
			if i != 5 {
				all = append(all, scored{i, cosine(queries.Vector(q), m.Vector(i))})
			}
		}
		slices.SortFunc(all, func(a, b scored) int {
			if a.cosine > b.cosine {
				return -1
			}
			return 1
		})
		for i, n := range r.Neighbors {
			if n.Row != all[i].row || n.Text != m.Texts[n.Row] || math.Abs(float64(n.Similarity)-all[i].cosine) > 1e-6 {
				t.Errorf("query %d, neighbor %d is %+v: want row %d, cosine %v", q, i, n, all[i].row, all[i].cosine)
			}
		}
	}
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return ab / math.Sqrt(aa*bb)
}

// TestSearchTies holds that of equally near rows the earlier ones are found, in order.
func TestSearchTies(t *testing.T) {
	m := &Matrix{Width: 2}
	for i := range 1000 {
		m.add("", []float32{float32(1 + i%3), float32(i % 2)})
	}
	query := &Matrix{Width: 2}
	query.add("", []float32{2, 0})
	for _, x := range []*Index{index(t, m, nil), index(t, m, &IndexOptions{Approximate: true, Cells: 4})} {
		for i, n := range find(t, x, query, &SearchOptions{K: 20})[0].Neighbors {
			if n.Row != 2*i || n.Similarity != 1 {
				t.Errorf("neighbor %d is %+v: want row %d", i, n, 2*i)
			}
		}
	}
}

// TestSearchAlone holds that results do not depend on the batch and the number of cores.
func TestSearchAlone(t *testing.T) {
	m, queries := groups(600, 64, 9, 1, 5), groups(50, 64, 9, 1, 6)
	for _, x := range []*Index{index(t, m, nil), index(t, m, &IndexOptions{Approximate: true})} {
		want := find(t, x, queries, nil)
		if got := find(t, x, queries, &SearchOptions{Batch: 1}); !cmp.Equal(got, want) {
			t.Error("queries give other results alone than together")
		}
		before := runtime.GOMAXPROCS(1)
		got := find(t, x, queries, nil)
		runtime.GOMAXPROCS(before)
		if !cmp.Equal(got, want) {
			t.Error("queries give other results on one core than on several")
		}
	}
}

func TestApproximate(t *testing.T) {
	m := groups(3000, 32, 40, 0.8, 7)
	opts := &IndexOptions{Approximate: true, Recall: 0.9, Seed: 3}
	x := index(t, m, opts)
	a := x.Approximation()
	if a.Cells != 55 || a.Samples != 200 || a.Recall < 0.9 || a.Probes < 1 || a.Probes >= a.Cells {
		t.Fatalf("approximation %+v: want 55 cells, 200 samples, fewer probes than cells, a recall of at least 0.9", a)
	}
	if exact := index(t, m, nil).Approximation(); exact != nil {
		t.Errorf("exact index: approximation %+v: want none", exact)
	}
	// The measured recall holds for other queries.
	queries := groups(3000, 32, 40, 0.8, 7)
	queries.Texts, queries.Data = queries.Texts[:300], queries.Data[:300*32]
	found, exact := find(t, x, queries, nil), find(t, x, queries, &SearchOptions{Exact: true})
	hits := 0
	for q := range found {
		for _, n := range found[q].Neighbors {
			if slices.ContainsFunc(exact[q].Neighbors, func(e Neighbor) bool { return e.Row == n.Row }) {
				hits++
			}
		}
	}
	if recall := float64(hits) / float64(10*len(found)); math.Abs(recall-a.Recall) > 0.06 {
		t.Errorf("recall of %d queries is %v: want about %v, as measured", len(found), recall, a.Recall)
	}
	if again := index(t, m, opts); !cmp.Equal(again.Approximation(), a) || !slices.Equal(again.numbers, x.numbers) {
		t.Error("the same seed builds another index")
	}
	if all := index(t, m, &IndexOptions{Approximate: true, Recall: 1}).Approximation(); all.Recall != 1 {
		t.Errorf("with Recall 1: %+v: want a recall of 1", all)
	}
	if one := index(t, groups(1, 3, 1, 0, 1), opts).Approximation(); one.Recall != 1 || one.Cells != 1 {
		t.Errorf("one row: %+v: want one cell and a recall of 1", one)
	}
}

func TestIndexFile(t *testing.T) {
	m, queries := groups(500, 12, 6, 1, 8), groups(20, 12, 6, 1, 9)
	clear(m.Vector(0))
	dir := t.TempDir()
	for _, opts := range []*IndexOptions{nil, {Approximate: true, Cells: 10}} {
		x := index(t, m, opts)
		path := filepath.Join(dir, "x.index")
		if err := x.Save(path); err != nil {
			t.Fatal(err)
		}
		y, err := LoadIndex(path)
		if err != nil {
			t.Fatal(err)
		}
		if !cmp.Equal(find(t, x, queries, nil), find(t, y, queries, nil)) || !cmp.Equal(x.Approximation(), y.Approximation()) {
			t.Error("the loaded index gives other results")
		}
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for cut := 0; cut < len(whole); cut += 97 {
			if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := LoadIndex(path); cut > 0 && !errors.Is(err, ErrDamaged) || err == nil {
				t.Fatalf("the first %d of %d bytes: error %v: want ErrDamaged", cut, len(whole), err)
			}
		}
	}
	path := filepath.Join(dir, "v.safetensors")
	create(t, path, nil, someRows(3, 2, 1))
	_, err := LoadIndex(path)
	checkError(t, "vectors", err, "v.safetensors: is not an index: want")
	if !errors.Is(err, ErrKind) {
		t.Errorf("vectors: error %v: want ErrKind", err)
	}
}

// TestIndexMetadata holds that the error for a file that is no index, a later index or a damaged one says which.
func TestIndexMetadata(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.index")
	for _, c := range []struct {
		kind, version string
		want          error
	}{{"", "", ErrKind}, {"seqae", "1", ErrKind}, {kindIndex, "2", ErrVersion}, {kindIndex, indexVersion, ErrKind}} {
		var b bytes.Buffer
		if err := safetensors.Write(&b, map[string]string{metaKind: c.kind, metaVersion: c.version}, nil); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := LoadIndex(path)
		if _, ok := errors.AsType[*Error](err); !ok || !errors.Is(err, c.want) {
			t.Errorf("kind %q, version %q: error %v: want %v", c.kind, c.version, err, c.want)
		}
	}
	rows := []safetensors.Tensor{{Name: tensorVectors, Shape: []int{1, 2}, Data: []float32{1, 0}}}
	var b bytes.Buffer
	if err := safetensors.Write(&b, map[string]string{metaKind: kindIndex, metaVersion: indexVersion}, rows); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadIndex(path); !errors.Is(err, ErrDamaged) {
		t.Errorf("no numbers of rows: error %v: want ErrDamaged", err)
	}
}

func TestIndexRefuses(t *testing.T) {
	m := groups(10, 3, 2, 1, 1)
	blank := &Matrix{Width: 2}
	blank.add("", []float32{0, 0})
	for _, c := range []struct {
		m    *Matrix
		opts *IndexOptions
		want string
	}{
		{blank, nil, "all rows are blank"},
		{m, &IndexOptions{Approximate: true, Cells: -1}, "vectors: index options: cells: -1: want 0 or more"},
		{m, &IndexOptions{Approximate: true, Recall: 1.5}, "recall: 1.5: want 0 to 1"},
		{m, &IndexOptions{Cells: 3}, "cells: 3 of an exact index: want an approximate one"},
		{m, &IndexOptions{Recall: 0.5}, "recall: 0.5 of an exact index: want an approximate one"},
	} {
		_, err := NewIndex(t.Context(), c.m, c.opts)
		checkError(t, c.want, err, c.want)
	}
	x := index(t, m, nil)
	for want, opts := range map[string]*SearchOptions{
		"vectors: search options: k: -1: want 0 or more": {K: -1},
		"batch: -2": {Batch: -2},
		"vectors: search options: probes: 3 for an exact index: want 0":      {Probes: 3},
		"vectors: search options: probes: 3 with exact: want one or the oth": {Probes: 3, Exact: true},
	} {
		_, err := firstError(x.Search(t.Context(), m.All(), opts))
		checkError(t, want, err, want)
	}
	n, err := firstError(x.Search(t.Context(), stream([]Row{{Text: "a", Vector: []float32{1, 2, 3}}, {Text: "b", Vector: []float32{1, 2}}}), nil))
	checkError(t, "width", err, "query 2: vector has 2 numbers: want 3")
	if n != 1 {
		t.Errorf("%d results before the error: want 1", n)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	cancel(stop)
	for _, x := range []*Index{x, index(t, m, &IndexOptions{Approximate: true})} {
		if _, err := firstError(x.Search(ctx, m.All(), nil)); !errors.Is(err, stop) {
			t.Errorf("stopped search: %v: want its cause", err)
		}
	}
	if _, err := NewIndex(ctx, m, &IndexOptions{Approximate: true}); !errors.Is(err, stop) {
		t.Errorf("stopped build: %v: want its cause", err)
	}
}

// firstError returns the first error of a stream and the number of values before it.
func firstError[T any](stream func(yield func(T, error) bool)) (n int, err error) {
	for _, err := range stream {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
