package seq2seq

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// size is the number of tokens that a pair takes of a budget: its source and its target with </s>. Batches have no
// padding.
func (p pair) size() int { return len(p.src) + len(p.tgt) + 1 }

// lengthLimits are the greatest lengths, in tokens, of sides that are trained on; 0 means no limit.
type lengthLimits struct{ source, target int }

// Dropped counts the pairs that are left out of training, by reason. A pair counts for the first that applies.
type Dropped struct {
	SourceEmpty   int `json:"source_empty"` // no tokens to read
	SourceTooLong int `json:"source_too_long"`
	TargetTooLong int `json:"target_too_long"`
}

// Total returns how many pairs were left out.
func (d Dropped) Total() int { return d.SourceEmpty + d.SourceTooLong + d.TargetTooLong }

// keep returns the pairs within the limits, in order. It reuses the array of pairs.
func (l lengthLimits) keep(pairs []pair) (kept []pair, dropped Dropped) {
	kept = pairs[:0]
	for _, p := range pairs {
		switch {
		case len(p.src) == 0:
			dropped.SourceEmpty++
		case l.source > 0 && len(p.src) > l.source:
			dropped.SourceTooLong++
		case l.target > 0 && len(p.tgt) > l.target:
			dropped.TargetTooLong++
		default:
			kept = append(kept, p)
		}
	}
	return kept, dropped
}

// budget bounds a batch. 0 means no bound; a pair that is over the budget alone is a batch alone.
type budget struct{ sentences, tokens int }

// poolBatches is the number of batches that are sorted by length together: enough for batches of like lengths, few
// enough that pairs meet others in each epoch.
const poolBatches = 100

// times returns a budget n times as large.
func (b budget) times(n int) budget { return budget{n * b.sentences, n * b.tokens} }

// cut splits order, indices of pairs, into runs within the budget, each as long as possible.
func (b budget) cut(pairs []pair, order []int) [][]int {
	var runs [][]int
	start, tokens := 0, 0
	for i, at := range order {
		size := pairs[at].size()
		if i > start && (b.sentences > 0 && i-start >= b.sentences || b.tokens > 0 && tokens+size > b.tokens) {
			runs = append(runs, order[start:i:i])
			start, tokens = i, 0
		}
		tokens += size
	}
	if start < len(order) {
		runs = append(runs, order[start:])
	}
	return runs
}

// epochBatches returns the batches of one epoch as indices of pairs, every pair exactly once. They depend on the
// arguments alone: a training stopped at batch i of an epoch goes on with epochBatches(...)[i:].
//
// The pairs are shuffled and cut into pools of a hundred batches; each pool is sorted by length and cut into batches;
// the batches of all pools are shuffled. Within a batch the longest target comes first.
//
// Data-parallel training gives process k of n the pairs batch[k], batch[k+n] and so on of each batch. The batches do
// not depend on n, every part has long and short pairs, and the parts' gradients sum to the batch's.
func epochBatches(pairs []pair, b budget, seed uint64, epoch int) [][]int {
	rng := rand.New(rand.NewPCG(seed, uint64(epoch)))
	order := rng.Perm(len(pairs))
	var batches [][]int
	for _, pool := range b.times(poolBatches).cut(pairs, order) {
		sortByLength(pairs, pool)
		batches = append(batches, b.cut(pairs, pool)...)
	}
	rng.Shuffle(len(batches), func(i, j int) { batches[i], batches[j] = batches[j], batches[i] })
	return batches
}

// evalBatches returns batches of indices of pairs, every pair exactly once, from the longest to the shortest.
func evalBatches(pairs []pair, b budget) [][]int {
	order := make([]int, len(pairs))
	for i := range order {
		order[i] = i
	}
	sortByLength(pairs, order)
	return b.cut(pairs, order)
}

// sortByLength sorts indices of pairs by target length, then by source length, the longest first. Pairs of equal
// lengths keep their order.
func sortByLength(pairs []pair, order []int) {
	slices.SortStableFunc(order, func(i, j int) int {
		p, q := pairs[i], pairs[j]
		return cmp.Or(cmp.Compare(len(q.tgt), len(p.tgt)), cmp.Compare(len(q.src), len(p.src)))
	})
}

// epoch returns the batches of the epoch under way.
func (t *trainer) epoch() [][]int {
	if t.batchesOf != t.at.Epoch {
		t.epochBatches = epochBatches(t.train, budget{t.o.BatchSentences, t.o.BatchTokens}, t.o.Seed, t.at.Epoch)
		t.batchesOf = t.at.Epoch
	}
	return t.epochBatches
}
