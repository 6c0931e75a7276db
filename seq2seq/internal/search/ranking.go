package search

import (
	"cmp"
	"math"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
)

// candidate is a hypothesis, parent, extended by one token.
type candidate struct {
	parent  int
	token   int32
	logit   float32
	logProb float64 // of the extended hypothesis
}

// order is negative if c ranks before d. Tokens of one parent rank by their logits, because rounding may make the sums
// in logProb equal.
func (c candidate) order(d candidate) int {
	return cmp.Or(
		cmp.Compare(d.logProb, c.logProb),
		cmp.Compare(c.parent, d.parent),
		cmp.Compare(d.logit, c.logit),
		cmp.Compare(c.token, d.token),
	)
}

// ranking holds the best candidates so far, in order.
type ranking struct {
	size int // largest number of candidates
	list []candidate
}

// add enters every extension of parent by one token. start + logit is the log-probability of the extended hypothesis.
func (r *ranking) add(parent int, start float64, logits []float32) {
	const block = 256 // few blocks hold a candidate, and a block's maximum is cheaper than a test of each logit
	least := r.least(start)
	for at := 0; at < len(logits); at += block {
		part := logits[at:min(at+block, len(logits))]
		if kernel.Max(part) < least {
			continue
		}
		for i, logit := range part {
			if logit >= least {
				r.enter(candidate{parent, int32(at + i), logit, start + float64(logit)})
				least = r.least(start)
			}
		}
	}
}

// enter inserts c if it ranks high enough.
func (r *ranking) enter(c candidate) {
	at, _ := slices.BinarySearchFunc(r.list, c, candidate.order)
	if at == r.size {
		return
	}
	r.list = slices.Insert(r.list[:min(len(r.list), r.size-1)], at, c)
}

// least returns a lower bound of the logits that may enter, with slack for rounding.
func (r *ranking) least(start float64) float32 {
	if len(r.list) < r.size {
		return -math.MaxFloat32
	}
	const slack = 1e-6
	return math.Nextafter32(float32(r.list[r.size-1].logProb-start-slack), float32(math.Inf(-1)))
}
