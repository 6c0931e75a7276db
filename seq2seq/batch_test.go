package seq2seq

import (
	"cmp"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// sized makes a pair with the given lengths.
func sized(src, tgt int) pair {
	return pair{sourceLine: sourceLine{src: make([]int32, src)}, tgt: make([]int32, tgt)}
}

// drawPairs draws pairs of at most 20 tokens on each side.
func drawPairs(t *rapid.T) []pair {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) pair {
		return sized(rapid.IntRange(1, 20).Draw(t, "src"), rapid.IntRange(0, 20).Draw(t, "tgt"))
	}), 0, 300).Draw(t, "pairs")
}

func drawBudget(t *rapid.T) budget {
	return budget{sentences: rapid.IntRange(0, 10).Draw(t, "sentences"), tokens: rapid.IntRange(0, 100).Draw(t, "tokens")}
}

// checkBatches fails the test unless every pair is in exactly one batch and every batch is within the budget.
func checkBatches(t *rapid.T, pairs []pair, b budget, batches [][]int) {
	seen := make([]int, len(pairs))
	for _, batch := range batches {
		tokens := 0
		for i, at := range batch {
			seen[at]++
			tokens += pairs[at].size()
			if i > 0 && len(pairs[at].tgt) > len(pairs[batch[i-1]].tgt) {
				t.Fatalf("batch %v is not sorted", batch)
			}
		}
		switch {
		case len(batch) == 0:
			t.Fatal("empty batch")
		case b.sentences > 0 && len(batch) > b.sentences:
			t.Fatalf("batch of %d sentences: budget %d", len(batch), b.sentences)
		case b.tokens > 0 && tokens > b.tokens && len(batch) > 1:
			t.Fatalf("batch of %d tokens in %d pairs: budget %d", tokens, len(batch), b.tokens)
		}
	}
	for i, n := range seen {
		if n != 1 {
			t.Fatalf("pair %d is in %d batches", i, n)
		}
	}
}

func TestEpochBatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pairs, b := drawPairs(t), drawBudget(t)
		seed, epoch := rapid.Uint64().Draw(t, "seed"), rapid.IntRange(0, 9).Draw(t, "epoch")
		batches := epochBatches(pairs, b, seed, epoch)
		checkBatches(t, pairs, b, batches)
		if diff := gocmp.Diff(batches, epochBatches(pairs, b, seed, epoch)); diff != "" {
			t.Fatal("the same arguments give other batches: ", diff)
		}
	})
}

func TestEvalBatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pairs, b := drawPairs(t), drawBudget(t)
		batches := evalBatches(pairs, b)
		checkBatches(t, pairs, b, batches)
		all := slices.Concat(batches...)
		inOrder := slices.IsSortedFunc(all, func(i, j int) int {
			p, q := pairs[i], pairs[j]
			return cmp.Or(len(q.tgt)-len(p.tgt), len(q.src)-len(p.src), i-j)
		})
		if !inOrder {
			t.Fatalf("order %v", all)
		}
	})
}

func TestEpochsDiffer(t *testing.T) {
	pairs := make([]pair, 1000)
	for i := range pairs {
		pairs[i] = sized(1+i%7, i%11)
	}
	b := budget{sentences: 8}
	first := epochBatches(pairs, b, 1, 0)
	for name, other := range map[string][][]int{"epoch": epochBatches(pairs, b, 1, 1), "seed": epochBatches(pairs, b, 2, 0)} {
		same := 0
		for i := range min(len(first), len(other)) {
			if slices.Equal(first[i], other[i]) {
				same++
			}
		}
		if same > 0 {
			t.Errorf("another %s: %d equal batches", name, same)
		}
	}
}

// TestAlikeLengths measures the effect of the pools: batches have few positions that only a part of their sentences
// fills.
func TestAlikeLengths(t *testing.T) {
	pairs := make([]pair, 5000)
	for i := range pairs {
		n := 1 + i*7919%50
		pairs[i] = sized(n, n)
	}
	steps, tokens := 0, 0
	for _, batch := range epochBatches(pairs, budget{sentences: 20}, 1, 0) {
		steps += len(batch) * len(pairs[batch[0]].tgt)
		for _, at := range batch {
			tokens += len(pairs[at].tgt)
		}
	}
	if full := float64(tokens) / float64(steps); full < 0.98 {
		t.Errorf("batches are %.3f full: want 0.98", full)
	}
}

func TestLengthLimits(t *testing.T) {
	pairs := []pair{sized(1, 0), sized(3, 4), sized(4, 9), sized(0, 9), sized(3, 5), sized(2, 1)}
	kept, dropped := lengthLimits{source: 3, target: 4}.keep(slices.Clone(pairs))
	want := []pair{pairs[0], pairs[1], pairs[5]}
	if diff := gocmp.Diff(want, kept, gocmp.AllowUnexported(pair{}, sourceLine{})); diff != "" {
		t.Error(diff)
	}
	if want := (droppedPairs{SourceEmpty: 1, SourceTooLong: 1, TargetTooLong: 1}); dropped != want || dropped.total() != 3 {
		t.Errorf("dropped %+v: want %+v", dropped, want)
	}
	if kept, _ := (lengthLimits{}).keep(pairs); len(kept) != 5 {
		t.Errorf("no limits: kept %d: want 5", len(kept))
	}
}
