package rnn

import (
	"testing"

	"pgregory.net/rapid"
)

func TestLayout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lens := rapid.SliceOfN(rapid.IntRange(1, 9), 1, 12).Draw(t, "lens")
		l := NewLayout(lens)
		total := 0
		for _, n := range lens {
			total += n
		}
		if l.Rows() != total || l.Batch() != len(lens) {
			t.Fatalf("%d rows of %d sequences: want %d of %d", l.Rows(), l.Batch(), total, len(lens))
		}
		seen := make([]bool, total)
		for s, n := range lens {
			for i := range n {
				r := l.Row(s, i)
				if r < l.start[i] || r >= l.start[i+1] || seen[r] {
					t.Fatalf("token %d of sequence %d has row %d: taken or outside its step", i, s, r)
				}
				seen[r] = true
			}
		}
		for r := 1; r < len(lens); r++ {
			a, b := l.order[r-1], l.order[r]
			if lens[a] < lens[b] || lens[a] == lens[b] && a > b {
				t.Fatalf("ranks %v are not by falling length", l.order)
			}
		}
	})
}

// TestSpans checks that the spans of all chunks compute every row once, each after the row of its sequence's previous
// step.
func TestSpans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := NewLayout(rapid.SliceOfN(rapid.IntRange(1, 9), 1, 12).Draw(t, "lens"))
		backwards := rapid.Bool().Draw(t, "backwards")
		done := make([]bool, l.Rows())
		for _, c := range l.chunks(rapid.IntRange(1, 5).Draw(t, "chunks")) {
			for _, s := range spans(l, backwards, c[0], c[1]) {
				for i := range s.n {
					seq := l.order[s.rank+i]
					at := 0
					for l.Row(seq, at) != s.at+i {
						at++
					}
					prev, first := at-1, at == 0
					if backwards {
						prev, first = at+1, at == l.lens[seq]-1
					}
					if first != (s.prev < 0) || !first && (s.prev+i != l.Row(seq, prev) || !done[s.prev+i]) {
						t.Fatalf("token %d of sequence %d follows row %d", at, seq, s.prev+i)
					}
					if done[s.at+i] {
						t.Fatalf("row %d is computed twice", s.at+i)
					}
					done[s.at+i] = true
				}
			}
		}
		for r, d := range done {
			if !d {
				t.Fatalf("row %d is never computed", r)
			}
		}
	})
}
