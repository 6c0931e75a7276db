package seq2seq

import (
	"context"
	"iter"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/rnn"
)

// inferenceBatch is how many pairs are scored at once.
const inferenceBatch = 64

// forced sums the losses of pairs by teacher forcing, in the order of the pairs whatever the batches.
func (m *Model) forced(ctx context.Context, pairs []pair) (rnn.LossStats, error) {
	f := m.inference()
	mem := m.buffers()
	defer m.give(mem)
	var sum rnn.LossStats
	for _, b := range evalBatches(pairs, budget{sentences: inferenceBatch}) {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		mem.Reset()
		batch := pick(pairs, b)
		err := f.decode(mem, f.encode(mem, sources(batch)), 0).force(batch, count(&sum))
		if err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// count adds each token's loss to sum, for [decoding.force].
func count(sum *rnn.LossStats) func(i, t int, token int32, logits []float32) {
	return func(_, _ int, token int32, logits []float32) {
		nll, _, hit := kernel.CrossEntropyLoss(logits, int(token), 0)
		sum.Tokens++
		sum.NLL += float64(nll)
		if hit {
			sum.Hits++
		}
	}
}

func pick(pairs []pair, indices []int) []pair {
	out := make([]pair, len(indices))
	for i, k := range indices {
		out[i] = pairs[k]
	}
	return out
}

func sources(pairs []pair) [][]int32 {
	out := make([][]int32, len(pairs))
	for i, p := range pairs {
		out[i] = p.src
	}
	return out
}

// ScoreOptions say how references are scored. The zero value and a nil pointer mean the defaults.
type ScoreOptions struct {
	BatchSentences int // examples scored at once; 0 means 64
}

// Scored is the model's judgement of an example's targets.
type Scored struct {
	Example corpora.Example
	Targets []ScoredTarget // as many as the example has
}

// ScoredTarget is the model's judgement of one target.
type ScoredTarget struct {
	Tokens   []string  // with </s>
	LogProbs []float64 // of each token, in nats
}

// LogProb is the log probability of the whole target.
func (s ScoredTarget) LogProb() float64 {
	sum := 0.0
	for _, p := range s.LogProbs {
		sum += p
	}
	return sum
}

// Score yields the log probabilities of the examples' targets, in their order. A source without tokens has none: its targets'
// Tokens are nil.
func (m *Model) Score(ctx context.Context, examples iter.Seq2[corpora.Example, error], opts *ScoreOptions) iter.Seq2[Scored, error] {
	size := inferenceBatch
	if opts != nil && opts.BatchSentences > 0 {
		size = opts.BatchSentences
	}
	return func(yield func(Scored, error) bool) {
		f := m.inference()
		for batch, err := range inBatches(ctx, examples, size) {
			if len(batch) > 0 {
				scored, err := m.scoreBatch(f, batch)
				if err != nil {
					yield(Scored{}, err)
					return
				}
				for _, s := range scored {
					if !yield(s, nil) {
						return
					}
				}
			}
			if err != nil {
				yield(Scored{}, err)
				return
			}
		}
	}
}

func (m *Model) scoreBatch(f *inference, batch []corpora.Example) ([]Scored, error) {
	mem := m.buffers()
	defer m.give(mem)
	out := make([]Scored, len(batch))
	var pairs []pair
	var into []*ScoredTarget
	for i, e := range batch {
		out[i] = Scored{e, make([]ScoredTarget, len(e.Targets))}
		for k, p := range m.encodePairs(batch[i:i+1], true) {
			if len(p.src) > 0 {
				pairs, into = append(pairs, p), append(into, &out[i].Targets[k])
			}
		}
	}
	if len(pairs) == 0 {
		return out, nil
	}
	err := f.decode(mem, f.encode(mem, sources(pairs)), 0).force(pairs, func(i, _ int, token int32, logits []float32) {
		s := into[i]
		s.Tokens = append(s.Tokens, m.target.Vocab().Token(token))
		s.LogProbs = append(s.LogProbs, float64(logits[token])-float64(kernel.LogSumExp(logits)))
	})
	return out, err
}

// inBatches collects a stream's values. After an error of the stream or the end of the context, it yields what it has
// together with the error, and ends.
func inBatches[T any](ctx context.Context, seq iter.Seq2[T, error], size int) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		var batch []T
		for v, err := range seq {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(batch, err)
				return
			}
			if batch = append(batch, v); len(batch) == size {
				if !yield(batch, nil) {
					return
				}
				batch = nil
			}
		}
		if len(batch) > 0 {
			yield(batch, ctx.Err())
		}
	}
}
