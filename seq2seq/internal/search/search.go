// Package search turns a model's next-token logits into whole translations. It depends on a [Stepper] and on no
// network.
//
// Reading order:
//
//	stepper.go      a model as a search sees it; ensemble.go makes one stepper of several
//	rollout.go      the loop that advances one hypothesis a row, and teacher forcing on it
//	greedy.go       the most probable token at each step
//	sampling.go     tokens drawn at random: temperature, top-k, nucleus
//	beam.go         several hypotheses a sentence
//	scoring.go      how finished hypotheses compare: length normalization and coverage
//	rules.go        which tokens may follow; one rule a file: length.go, repeats.go, prefix.go, avoid.go
//	constrained.go  phrases that a translation must contain
//	diverse.go      groups of a beam that avoid each other's tokens
//	ranking.go      the best extensions without sorting a vocabulary
//	observe.go      attention and confidence of the hypotheses found
package search

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Options define a search. There are no defaults: every value counts as given.
type Options struct {
	Beam     int      // hypotheses kept for each sentence, 1 or more; 1 is greedy search
	NBest    int      // largest number of hypotheses returned for each sentence, 1 to Rows
	Diverse  Diverse  // groups of the beam
	Sampling Sampling // replaces search unless its Samples is 0
	Scoring  Scoring  // how finished hypotheses compare
	Length   Length   // bounds of a translation's length
	Rules    []Rule   // rules for every sentence
}

// Rows returns the number of rows, and of hypotheses, that a search has for each sentence.
func (o *Options) Rows() int {
	if o.Sampling.Samples > 0 {
		return o.Sampling.Samples
	}
	return o.Beam
}

// Sentence is a search's view of a sentence.
type Sentence struct {
	Source int    // length of its source in tokens
	Number uint64 // its index in the stream, from 0
	Prefix Prefix // tokens that the translation must begin with
	Rules  []Rule // for this sentence, in addition to those of the options
	Wants  Wants  // phrases that the translation must contain
}

// Hypothesis is a translation that a search found.
type Hypothesis struct {
	Tokens   []int32   // without </s>
	Finished bool      // ends with </s>; otherwise cut at the length limit
	LogProbs []float32 // of each token and, if finished, of </s>; in nats
	LogProb  float64   // sum of LogProbs
	Score    float64   // LogProb after length normalization and coverage penalty

	// Observe sets these, for each token, </s> included.
	Attention          [][]float32 // weights over the tokens of the source
	Entropies, Margins []float32
}

// equal reports whether both are the same translation.
func (h Hypothesis) equal(g Hypothesis) bool {
	return h.Finished == g.Finished && slices.Equal(h.Tokens, g.Tokens)
}

// Run returns the hypotheses of each sentence, best first: at least one and at most NBest. s begins with one row for
// each sentence, and has room for Rows rows for each.
//
// A sentence's result does not depend on the other sentences. The context is checked before each step.
func Run(ctx context.Context, s Stepper, sentences []Sentence, o *Options) ([][]Hypothesis, error) {
	if s.Rows() != len(sentences) {
		return nil, fmt.Errorf("seq2seq: search begins with %d rows: want one for each of %d sentences", s.Rows(), len(sentences))
	}
	constrained := slices.ContainsFunc(sentences, func(q Sentence) bool { return len(q.Wants) > 0 })
	switch {
	case constrained && (o.Sampling.Samples > 0 || o.Diverse.Groups > 1):
		return nil, errors.New("seq2seq: constraints with samples or diverse groups: want plain beam search")
	case o.Sampling.Samples > 0:
		return sample(ctx, s, sentences, o)
	case o.Beam == 1 && !constrained:
		return greedy(ctx, s, sentences, o)
	default:
		return beamSearch(ctx, s, sentences, o)
	}
}

// ErrNotFinite reports outputs of a model that are NaN or infinite.
var ErrNotFinite = errors.New("the model's outputs are not finite numbers")

// errNumbers reports unusable logits after length tokens.
func errNumbers(length int) error {
	return fmt.Errorf("seq2seq: search: token %d: %w", length+1, ErrNotFinite)
}

func isFinite(x float32) bool { return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0) }
