package search

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/retell-rnn/retell/tokenize"
)

func TestBatchEqualsAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seeds, sources := drawSentences(t)
		o := drawOptions(t)
		batch, err := Run(t.Context(), newFake(12, seeds, sources), unasked(sources), o)
		if err != nil {
			t.Fatal(err)
		}
		for i := range seeds {
			alone, err := Run(t.Context(), newFake(12, seeds[i:i+1], sources[i:i+1]), unasked(sources[i:i+1]), o)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(alone[0], batch[i], exact); diff != "" {
				t.Fatalf("sentence %d: %s", i, diff)
			}
		}
	})
}

// TestResults checks properties of every search's results.
func TestResults(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seeds, sources := drawSentences(t)
		o := drawOptions(t)
		found, err := Run(t.Context(), newFake(12, seeds, sources), unasked(sources), o)
		if err != nil {
			t.Fatal(err)
		}
		for i, list := range found {
			if len(list) == 0 || len(list) > o.NBest {
				t.Fatalf("%d hypotheses: want 1 to %d", len(list), o.NBest)
			}
			for k, h := range list {
				sum := 0.0
				for _, p := range h.LogProbs {
					sum += float64(p)
				}
				length := len(h.Tokens)
				if h.Finished {
					length++
				}
				switch {
				case math.Abs(sum-h.LogProb) > 1e-4:
					t.Fatalf("tokens' log-probabilities sum to %v: want %v", sum, h.LogProb)
				case len(h.LogProbs) != length:
					t.Fatalf("%d log-probabilities of %d tokens", len(h.LogProbs), length)
				case !h.Finished && length != o.Length.limit(&Sentence{Source: sources[i]}) || length > o.Length.limit(&Sentence{Source: sources[i]}):
					t.Fatalf("%d tokens, finished %v, limit %d", length, h.Finished, o.Length.limit(&Sentence{Source: sources[i]}))
				case slices.Contains(h.Tokens, tokenize.Pad) || slices.Contains(h.Tokens, tokenize.BOS) || slices.Contains(h.Tokens, tokenize.EOS):
					t.Fatalf("tokens %v", h.Tokens)
				case k > 0 && h.Score > list[k-1].Score:
					t.Fatalf("score %v after %v", h.Score, list[k-1].Score)
				}
			}
		}
	})
}

func TestFinishedSentencesLeave(t *testing.T) {
	seeds, sources := make([]uint64, 20), make([]int, 20)
	for i := range seeds {
		seeds[i], sources[i] = uint64(i), 5
	}
	f := newFake(8, seeds, sources)
	found, err := Run(t.Context(), f, unasked(sources), usual(1))
	if err != nil {
		t.Fatal(err)
	}
	for step, rows := range f.rowsSeen {
		want := 0
		for _, list := range found {
			if len(list[0].LogProbs) > step {
				want++
			}
		}
		if rows != want {
			t.Errorf("step %d: %d rows: want %d", step, rows, want)
		}
	}
	if f.rowsSeen[0] != 20 || len(f.rowsSeen) < 3 {
		t.Errorf("rows %v", f.rowsSeen)
	}

	f = newFake(8, seeds, sources)
	if _, err = Run(t.Context(), f, unasked(sources), usual(3)); err != nil {
		t.Fatal(err)
	}
	if last := f.rowsSeen[len(f.rowsSeen)-1]; f.rowsSeen[1] != 60 || last >= 60 || last%3 != 0 {
		t.Errorf("rows %v", f.rowsSeen)
	}
}

func TestTies(t *testing.T) {
	f := newFake(7, []uint64{1}, []int{1})
	f.of = func(_ uint64, row []float32) {} // all 0
	o := usual(3)
	o.NBest, o.Length = 3, Length{Ratio: 0.01, Constant: 2}
	found, err := Run(t.Context(), f, unasked([]int{1}), o)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range found[0] {
		got = append(got, fmt.Sprint(h.Tokens, h.Finished))
	}
	// The first step finishes </s>, 3, which is second, and keeps 1, 4 and 5. The second finishes 1 </s> and keeps 1 1,
	// 1 4 and 1 5. All average the same.
	want := []string{"[] true", "[1] true", "[1 1] false"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v: want %v", got, want)
	}

	o = usual(1)
	o.Length = Length{Ratio: 0.01, Constant: 3}
	greedy, err := Run(t.Context(), newTied(), unasked([]int{1}), o)
	if err != nil {
		t.Fatal(err)
	}
	if got := greedy[0][0].Tokens; !slices.Equal(got, []int32{1, 1, 1}) {
		t.Errorf("greedy: %v: want the lowest id, %d", got, tokenize.Unk)
	}
}

func TestCancel(t *testing.T) {
	for _, width := range []int{1, 4} {
		ctx, cancel := context.WithCancel(t.Context())
		f := newFake(50, []uint64{1}, []int{100})
		f.each = func(step int) error {
			if step == 3 {
				cancel()
			}
			return nil
		}
		_, err := Run(ctx, f, unasked([]int{100}), usual(width))
		if !errors.Is(err, context.Canceled) || len(f.rowsSeen) != 3 {
			t.Errorf("beam %d: %v after %d steps: want %v after 3", width, err, len(f.rowsSeen), context.Canceled)
		}
	}
}

func TestSearchErrors(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name  string
		of    func(uint64, []float32)
		each  func(int) error
		want  string
		beams []int
	}{
		{"step", nil, func(int) error { return broken }, "broken", []int{1, 3}},
		{"NaN", func(_ uint64, row []float32) { row[4] = float32(math.NaN()) }, nil, "seq2seq: search: token 1: the model's outputs are not finite numbers", []int{1, 3}},
		{"infinity", func(_ uint64, row []float32) { row[4] = float32(math.Inf(1)) }, nil, "not finite", []int{1, 3}},
		{"nothing possible", func(_ uint64, row []float32) {
			for i := range row {
				row[i] = float32(math.Inf(-1))
			}
			row[tokenize.Pad] = 0
		}, nil, "not finite", []int{1, 3}},
	}
	for _, test := range tests {
		for _, width := range test.beams {
			f := newFake(6, []uint64{1, 2}, []int{3, 3})
			f.of, f.each = test.of, test.each
			_, err := Run(t.Context(), f, unasked(f.sources), usual(width))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s, beam %d: %v: want %s", test.name, width, err, test.want)
			}
		}
	}
	if _, err := Run(t.Context(), newFake(6, []uint64{1}, []int{3}), unasked([]int{3, 3}), usual(5)); err == nil {
		t.Error("too few rows: no error")
	}
	for _, width := range []int{1, 3} {
		f := unattentive{newFake(6, []uint64{1}, []int{3})}
		o := usual(width)
		o.Scoring.Coverage = 0.2
		_, err := Run(t.Context(), f, unasked([]int{3}), o)
		if !errors.Is(err, errCoverage) {
			t.Errorf("beam %d: %v: want %v", width, err, errCoverage)
		}
	}
}
