package seq2seq

import (
	"context"
	"iter"
	"time"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
)

// inferenceBatch is the number of pairs scored at a time.
const inferenceBatch = 64

// forced sums the losses of pairs by teacher forcing. If pairs have weights, the sum is the weighted mean times the
// number of tokens.
func (m *Network) forced(ctx context.Context, pairs []pair) (rnn.LossStats, error) {
	f, mem := m.inference(inferenceBatch), m.buffers()
	defer m.release(mem)
	var sum rnn.LossStats
	var weights, losses float64 // sum of weights, sum of weighted losses
	for _, b := range evalBatches(pairs, budget{sentences: inferenceBatch}) {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		mem.Reset()
		batch := pick(pairs, b)
		if head, ok := f.head.(packedLosses); ok {
			for i, s := range head.losses(mem, f.encode(mem, sources(batch)), batch) {
				w := float64(batch[i].lossWeight())
				weights += w * float64(s.Tokens)
				losses += w * s.NLL
				sum.Add(s)
			}
			continue
		}
		err := f.head.(packedForcing).force(ctx, mem, f.encode(mem, sources(batch)), batch, func(i int, token int32, logits []float32) {
			before, w := sum.NLL, float64(batch[i].lossWeight())
			count(&sum, token, logits)
			weights += w
			losses += w * (sum.NLL - before)
		})
		if err != nil {
			return sum, err
		}
	}
	if weightsOf(pairs) != nil {
		sum.NLL = losses / weights * float64(sum.Tokens)
	}
	return sum, nil
}

// forcedMean returns the mean loss of a target token, in nats, and the share of tokens with the highest probability.
func (m *Network) forcedMean(ctx context.Context, pairs []pair) (loss, accuracy float64, err error) {
	stats, err := m.forced(ctx, pairs)
	return stats.NLL / float64(stats.Tokens), float64(stats.Hits) / float64(stats.Tokens), err
}

// forced sums the losses of pairs under an ensemble. pairs holds each model's encoding, [models][pairs].
func (e *Ensemble) forced(ctx context.Context, pairs [][]pair) (rnn.LossStats, error) {
	r := e.runner(inferenceBatch)
	mem := r.buffers()
	defer r.release(mem)
	var sum rnn.LossStats
	for _, b := range evalBatches(pairs[0], budget{sentences: inferenceBatch}) {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		mem.Reset()
		src := make(sourceBatch, len(pairs))
		for k := range pairs {
			src[k] = sources(pick(pairs[k], b))
		}
		err := search.Force(ctx, r.start(mem, src, 0), targets(pick(pairs[0], b)), counting(&sum))
		if err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// counting returns a function for [search.Force] that adds each token's loss to sum.
func counting(sum *rnn.LossStats) func(at search.Row, token int32) {
	return func(at search.Row, token int32) { count(sum, token, at.Logits) }
}

// count adds a token's loss to sum.
func count(sum *rnn.LossStats, token int32, logits []float32) {
	nll, _, hit := kernel.CrossEntropyLoss(logits, int(token), 0)
	sum.Tokens++
	sum.NLL += float64(nll)
	if hit {
		sum.Hits++
	}
}

// pick returns the items at the given indices.
func pick[T any](items []T, indices []int) []T {
	out := make([]T, len(indices))
	for i, k := range indices {
		out[i] = items[k]
	}
	return out
}

func sources(pairs []pair) []sourceLine {
	out := make([]sourceLine, len(pairs))
	for i, p := range pairs {
		out[i] = p.sourceLine
	}
	return out
}

func targets(pairs []pair) [][]int32 {
	out := make([][]int32, len(pairs))
	for i, p := range pairs {
		out[i] = p.tgt
	}
	return out
}

// ScoreOptions are the options of [Model.Score]. The zero value and a nil pointer mean the defaults.
type ScoreOptions struct {
	BatchSentences int           // examples scored at a time; 0 means 64
	MaxWait        time.Duration // see [SearchOptions]
}

// Scored holds the log-probabilities of an example's targets.
type Scored struct {
	Example corpora.Example
	Targets []ScoredTarget // one for each target of the example
}

// ScoredTarget holds the log-probabilities of one target's tokens.
type ScoredTarget struct {
	Tokens   []string  // with </s>
	LogProbs []float64 // log-probability of each token, in nats
}

// LogProb returns the log-probability of the whole target, in nats.
func (s ScoredTarget) LogProb() float64 {
	sum := 0.0
	for _, p := range s.LogProbs {
		sum += p
	}
	return sum
}

// Normalized returns the log-probability after length normalization, as a search with the same LengthNorm and Alpha
// computes it; see [SearchOptions].
func (s ScoredTarget) Normalized(norm LengthNorm, alpha float64) float64 {
	scoring := (&SearchOptions{LengthNorm: norm, Alpha: alpha}).search().Scoring
	return scoring.Score(s.LogProb(), max(1, len(s.LogProbs)), nil)
}

// Score yields the log-probabilities of each example's targets, in order. If a source has no tokens, its targets'
// Tokens are nil. An error about one example takes its place; see [Model.Translate].
func (m *Model) Score(ctx context.Context, examples iter.Seq2[corpora.Example, error], opts *ScoreOptions) iter.Seq2[Scored, error] {
	return m.alone().Score(ctx, examples, opts)
}

// Score is [Model.Score] with the ensemble's probabilities.
func (e *Ensemble) Score(ctx context.Context, examples iter.Seq2[corpora.Example, error], opts *ScoreOptions) iter.Seq2[Scored, error] {
	var o ScoreOptions
	if opts != nil {
		o = *opts
	}
	if o.BatchSentences <= 0 {
		o.BatchSentences = inferenceBatch
	}
	return func(yield func(Scored, error) bool) {
		r := e.runner(o.BatchSentences)
		streamBatches(ctx, examples, o.BatchSentences, o.MaxWait, func(batch []corpora.Example, _ int) ([]Scored, error) {
			return r.score(ctx, batch)
		})(yield)
	}
}

func (r *runner) score(ctx context.Context, batch []corpora.Example) ([]Scored, error) {
	mem := r.buffers()
	defer r.release(mem)
	out := make([]Scored, len(batch))
	src := make(sourceBatch, len(r.models))
	var tgt [][]int32
	var into []*ScoredTarget
	for i, e := range batch {
		out[i] = Scored{e, make([]ScoredTarget, len(e.Targets))}
		read := r.encode(e.Source)
		if read == nil {
			continue
		}
		for k, t := range e.Targets {
			src.add(read)
			tgt, into = append(tgt, encodeTarget(r.Target(), t, *read[0].oov)), append(into, &out[i].Targets[k])
		}
	}
	if len(tgt) == 0 {
		return out, nil
	}
	err := search.Force(ctx, r.start(mem, src, 0), tgt, func(at search.Row, id int32) {
		s := into[at.Hypothesis]
		s.Tokens = append(s.Tokens, tokenText(r.Target(), id, *src[0][at.Hypothesis].oov))
		s.LogProbs = append(s.LogProbs, float64(at.Logits[id])-float64(kernel.LogSumExp(at.Logits)))
	})
	return out, err
}
