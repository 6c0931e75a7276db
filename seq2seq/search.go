package seq2seq

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/tokenize"
)

// stepper advances hypotheses by one token. It begins with one row for each sentence, in order.
type stepper interface {
	// step returns the logits, [rows, vocab], of what follows tokens, the last token of each row, <s> at first. The caller
	// may change them; they hold until the next call.
	step(tokens []int32) (logits []float32, err error)

	// reorder makes the state of row rows[i] that of row i. Rows may be repeated and left out.
	reorder(rows []int)

	rows() int
	vocab() int

	// attention returns how the last step, until the next reorder, spread its attention over the source of row r: one
	// number for each token. It is nil for a model without attention.
	attention(r int) []float32
}

// hypothesis is a translation that a search found.
type hypothesis struct {
	tokens   []int32   // without </s>
	finished bool      // ends with </s>; otherwise at the length limit
	logProbs []float32 // of each token and, if finished, of </s>
	logProb  float64   // of the whole
	score    float64   // logProb after length normalisation and coverage penalty

	// Nil unless asked for.
	attention          [][]float32 // of each token, </s> included, over its source's
	entropies, margins []float32   // of each token, </s> included
}

// unasked returns sentences of which nothing but the lengths of their sources is known.
func unasked(lengths []int) []sentence {
	s := make([]sentence, len(lengths))
	for i, n := range lengths {
		s[i] = sentence{source: n, number: uint64(i)}
	}
	return s
}

// equal reports whether g is the same translation.
func (h hypothesis) equal(g hypothesis) bool {
	return h.finished == g.finished && slices.Equal(h.tokens, g.tokens)
}

// sentence is what a search is told of a sentence.
type sentence struct {
	source int      // length of its source
	number uint64   // its place in the stream
	prefix []int32  // what its translation begins with
	avoid  []phrase // what its translation does not hold
	wants  []phrase // what its translation holds
}

// search returns for each sentence the best hypotheses, one at least and at most NBest or, for MBR to choose from, all
// that are found, the best first. s was started with the sentences' sources and needs room for found() rows of each.
// options are valid. Without scores, greedy search saves itself all of a hypothesis that is about probabilities.
//
// No sentence's result depends on the others.
func search(ctx context.Context, s stepper, sentences []sentence, options *SearchOptions, scores bool) ([][]hypothesis, error) {
	o := options.resolved()
	if o.MBR != nil {
		o.NBest = o.found()
	}
	if s.rows() != len(sentences) {
		return nil, fmt.Errorf("seq2seq: search begins with %d rows: want one for each of %d sentences", s.rows(), len(sentences))
	}
	constrained := slices.ContainsFunc(sentences, func(q sentence) bool { return len(q.wants) > 0 })
	switch {
	case constrained && (o.Sample > 0 || o.DiverseGroups > 1):
		return nil, errors.New("seq2seq: constraints with samples or diverse groups: want plain beam search")
	case o.Sample > 0:
		return sampleSearch(ctx, s, sentences, &o)
	case o.Beam == 1 && !constrained:
		return greedySearch(ctx, s, sentences, &o, scores)
	default:
		return beamSearch(ctx, s, sentences, &o)
	}
}

var errCoverage = errors.New("seq2seq: coverage_penalty: the model has no attention: want 0")

// errNumbers says that a model's logits are no use.
func errNumbers(length int) error {
	return fmt.Errorf("seq2seq: search: token %d: the model's outputs are not finite numbers", length+1)
}

// forbid makes the symbols impossible that no translation holds.
func forbid(logits []float32) {
	logits[tokenize.Pad] = float32(math.Inf(-1))
	logits[tokenize.BOS] = float32(math.Inf(-1))
}

// cover adds the attention of a step to what a hypothesis has paid so far.
func cover(covered, attention []float32) ([]float32, error) {
	if attention == nil {
		return nil, errCoverage
	}
	if covered == nil {
		return slices.Clone(attention), nil
	}
	kernel.Add(covered, covered, attention)
	return covered, nil
}

func isFinite(x float32) bool { return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0) }
