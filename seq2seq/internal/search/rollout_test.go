package search

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
)

// TestRollout checks that every hypothesis gets its own logits at each step, that look comes before next, that rows
// come in order, and that a hypothesis leaves when it ends.
func TestRollout(t *testing.T) {
	lengths := []int{3, 0, 5, 1}
	seeds := []uint64{4, 3, 2, 1}
	f := newFake(9, seeds, lengths)
	var looked atomic.Int64
	states := slices.Clone(seeds)
	last := make([]int32, len(lengths))
	for i := range last {
		last[i] = 2 // <s>
	}
	steps := make([]int, len(lengths))
	before := -1
	err := Rollout(t.Context(), f, func(at Row) { looked.Add(1) }, func(at Row) (int32, bool, error) {
		h := at.Hypothesis
		if at.Row == 0 {
			before = -1
		}
		if h <= before || at.Step != steps[h] || f.sentence[at.Row] != h {
			t.Errorf("hypothesis %d after %d, step %d, row %d: want step %d in order", h, before, at.Step, at.Row, steps[h])
		}
		before = h
		states[h] = follow(states[h], last[h])
		want := make([]float32, 9)
		f.fill(states[h], want)
		if !slices.Equal(at.Logits, want) {
			t.Errorf("hypothesis %d, step %d: not its logits", h, at.Step)
		}
		last[h] = int32(4 + (h+at.Step)%5)
		steps[h]++
		return last[h], at.Step < lengths[h], nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{4, 1, 6, 2}; !slices.Equal(steps, want) || looked.Load() != 13 {
		t.Errorf("steps %v, %d looks: want %v and 13", steps, looked.Load(), want)
	}
	if want := []int{4, 3, 2, 2, 1, 1}; !slices.Equal(f.rowsSeen, want) {
		t.Errorf("rows %v: want %v", f.rowsSeen, want)
	}
}

// TestForce checks that Force visits every token of the targets, and </s>.
func TestForce(t *testing.T) {
	targets := [][]int32{{5, 6}, {}, {7}}
	got := make([][]int32, len(targets))
	err := Force(t.Context(), newFake(9, []uint64{1, 2, 3}, []int{1, 1, 1}), targets, func(at Row, token int32) {
		got[at.Hypothesis] = append(got[at.Hypothesis], token)
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]int32{{5, 6, 3}, {3}, {7, 3}} {
		if !slices.Equal(got[i], want) {
			t.Errorf("target %d: %v: want %v", i, got[i], want)
		}
	}
}

// TestRolloutEnds checks that an error of next and a canceled context end a rollout at once.
func TestRolloutEnds(t *testing.T) {
	broken := errors.New("broken")
	f := newFake(9, []uint64{1, 2}, []int{1, 1})
	err := Rollout(t.Context(), f, nil, func(at Row) (int32, bool, error) { return 0, true, broken })
	if !errors.Is(err, broken) || len(f.rowsSeen) != 1 {
		t.Errorf("%v after %d steps: want %v after 1", err, len(f.rowsSeen), broken)
	}
	ctx, cancel := context.WithCancel(t.Context())
	f = newFake(9, []uint64{1, 2}, []int{1, 1})
	err = Rollout(ctx, f, nil, func(at Row) (int32, bool, error) {
		if at.Step == 2 {
			cancel()
		}
		return 5, true, nil
	})
	if !errors.Is(err, context.Canceled) || len(f.rowsSeen) != 3 {
		t.Errorf("%v after %d steps: want %v after 3", err, len(f.rowsSeen), context.Canceled)
	}
}
