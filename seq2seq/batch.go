package seq2seq

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// size is the number of tokens that a pair takes from a budget: its source and its target with </s>, or the views of
// its set. Batches have no padding.
func (p pair) size() int {
	if p.set != nil {
		return p.set.viewSize()
	}
	return len(p.src) + len(p.tgt) + 1
}

// lossTokens returns the number of tokens that the losses of pairs count: target tokens with </s>, or labels.
func (m *Network) lossTokens(pairs []pair) int {
	n := 0
	for _, p := range pairs {
		n += m.net.head.tokens(p)
	}
	return n
}

// lengthLimits are the greatest lengths of sources and targets in training, in tokens; 0 means no limit.
type lengthLimits struct{ source, target int }

// droppedPairs counts the pairs left out of training, by reason. A pair counts once, for the first reason that applies.
type droppedPairs struct {
	SourceEmpty   int // the source has no tokens
	SourceTooLong int
	TargetTooLong int
}

// total returns how many pairs were left out.
func (d droppedPairs) total() int { return d.SourceEmpty + d.SourceTooLong + d.TargetTooLong }

// keep returns the pairs within the limits, in order. It overwrites pairs.
func (l lengthLimits) keep(pairs []pair) (kept []pair, dropped droppedPairs) {
	kept = pairs[:0]
	for _, p := range pairs {
		least, most := p.sourceLengths()
		switch {
		case least == 0:
			dropped.SourceEmpty++
		case l.source > 0 && most > l.source:
			dropped.SourceTooLong++
		case l.target > 0 && len(p.tgt) > l.target:
			dropped.TargetTooLong++
		default:
			kept = append(kept, p)
		}
	}
	return kept, dropped
}

// sourceLengths returns the least and the greatest length of the pair's source, or of the lines of its set, in tokens.
func (p pair) sourceLengths() (least, most int) {
	least, most = len(p.src), len(p.src)
	if p.set != nil {
		for _, src := range p.set.lines {
			least, most = min(least, len(src)), max(most, len(src))
		}
	}
	return least, most
}

// budget bounds a batch. 0 means no bound. A pair larger than the budget is a batch of its own.
type budget struct{ sentences, tokens int }

// poolBatches is the number of batches sorted by length together: enough that lengths within a batch are similar, few
// enough that each epoch combines other pairs.
const poolBatches = 100

// times returns the budget multiplied by n.
func (b budget) times(n int) budget { return budget{n * b.sentences, n * b.tokens} }

// cut splits order, a list of indices of pairs, into the longest runs within the budget.
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

// epochBatches returns the batches of one epoch as indices of pairs. Every pair occurs exactly once. The result depends
// on the arguments alone: a training stopped before batch i of an epoch resumes with epochBatches(...)[i:].
//
// The pairs are shuffled and cut into pools of a hundred batches. Each pool is sorted by length and cut into batches.
// Then the batches of all pools are shuffled. Within a batch, the longest target comes first.
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

// evalBatches returns batches of indices of pairs, from the longest to the shortest. Every pair occurs exactly once.
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

// epoch returns the batches of the current epoch.
func (t *trainer) epoch() [][]int {
	if t.batchesOf != t.at.Epoch {
		if t.portions != nil {
			t.epochBatches = mixedBatches(t.train, t.portions, t.o.Seed, t.at.Epoch, !t.contrasts(&t.o))
		} else {
			t.epochBatches = epochBatches(t.train, budget{t.o.BatchSentences, t.o.BatchTokens}, t.o.Seed, t.at.Epoch)
		}
		t.batchesOf = t.at.Epoch
	}
	return t.epochBatches
}
