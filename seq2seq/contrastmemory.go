package seq2seq

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/retell-rnn/retell/rnn"
)

// viewSize is the number of tokens of a set's views: its two longest members and its negatives.
func (s *set) viewSize() int {
	var lengths []int
	for _, m := range s.members {
		lengths = append(lengths, len(m.src))
	}
	slices.Sort(lengths)
	n := lengths[len(lengths)-1] + lengths[max(0, len(lengths)-2)]
	for _, m := range s.negatives {
		n += len(m.src)
	}
	return n
}

// epochTokens returns the number of target tokens of an epoch; for an embedder, of sets.
func (t *trainer) epochTokens(epoch [][]int) int {
	if !t.contrasts(&t.o) {
		return t.lossTokens(t.train)
	}
	_, writes := t.net.head.(writingHead)
	tokens := 0.0
	for _, b := range epoch {
		for _, i := range b {
			if !writes {
				tokens++
				continue
			}
			s, sum := t.train[i].set, 0
			for _, m := range s.members {
				sum += len(m.tgt) + 1
			}
			tokens += 2 * float64(sum) / float64(len(s.members))
			for _, m := range s.negatives {
				tokens += float64(len(m.tgt) + 1)
			}
		}
	}
	return int(tokens)
}

// contrastActivations makes the gradients of one batch and returns the memory of its buffers: of the largest chunk and
// of all vectors. The result does not depend on the number of cores.
func (t *trainer) contrastActivations(o TrainOptions, indices []int) (ByteSize, error) {
	pass := rnn.Pass{Precision: t.pass.Precision}
	of := &contrast{
		objective: &likelihood{Network: t.Network, o: &o, pass: &pass, read: teacherForcing}, Network: t.Network, o: &o, pass: &pass,
	}
	defer t.net.params.ZeroGrads()
	t.net.params.ZeroGrads()
	b, err := t.batch(indices, rand.New(rand.NewPCG(t.o.Seed, stepStream)))
	if err != nil {
		return 0, err
	}
	if _, err := of.gradients(context.Background(), b); err != nil {
		return 0, err
	}
	return ByteSize(of.used) * 4 * 9 / 8, nil // buffers are allocated an eighth larger
}

// chunkWithin returns the greatest chunk whose training fits into the given memory; 0 if whole batches do. It measures
// lines of the heaviest batch.
func (t *trainer) chunkWithin(bound ByteSize) (int, error) {
	batch := t.heaviest(t.epoch())
	lines := 0
	for _, i := range batch {
		lines += 2 + len(t.train[i].set.negatives) + min(1, t.o.Contrast.Mine)
	}
	cost := func(chunk int) (ByteSize, error) {
		o := t.o
		o.Contrast.Chunk = chunk
		return t.contrastActivations(o, batch)
	}
	rest := bound - t.held().Total()
	whole, err := cost(0)
	if err != nil || whole <= rest {
		return 0, err
	}
	least, err := cost(1)
	if err != nil {
		return 0, err
	}
	if least > rest {
		return 0, fmt.Errorf("memory %v: want %v or more for the weights, a batch's vectors and one line", bound, t.held().Total()+least)
	}
	lo, hi := 1, lines // lo fits, hi does not
	for hi-lo > max(1, lo/8) {
		mid := (lo + hi) / 2
		used, err := cost(mid)
		if err != nil {
			return 0, err
		}
		if used <= rest {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo, nil
}
