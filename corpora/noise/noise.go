package noise

import (
	"errors"
	"iter"
	"math/rand/v2"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/tokenize"
)

// Kind is a kind of noise. It must be safe for concurrent use.
type Kind interface {
	// Apply returns line with errors at a rate, 0 to 1: the share of the places that change. It draws all random numbers
	// from rng. A line has no line break.
	Apply(rng *rand.Rand, rate float64, line string) string
}

// Noise corrupts lines by the steps of a [Spec]. It is immutable and safe for concurrent use.
type Noise struct {
	clean float64 // share of lines left as they are
	steps []step
}

// step is a kind with its rates.
type step struct {
	kind        Kind
	rate, lines float64
	again       int // times that the kind is tried if the line stays as it is
}

// New returns the noise of a specification. lexicon holds lines of text or words, from which the kind words draws close
// words; it may be nil. An error may come from a file of confusions or from the lexicon.
func New(spec Spec, lexicon iter.Seq2[string, error]) (*Noise, error) {
	if err := spec.Validate(); err != nil {
		return nil, err
	}
	n := &Noise{}
	if !spec.hasKind(Learned) {
		n.clean = defaultClean
	}
	var known *lexiconIndex
	for _, s := range spec {
		if s.Kind == Clean {
			n.clean = s.Rate
			continue
		}
		if s.Kind == Words && known == nil && lexicon != nil {
			var err error
			if known, err = newLexicon(lexicon); err != nil {
				return nil, err
			}
		}
		made, err := s.open(known)
		if err != nil {
			return nil, err
		}
		n.steps = append(n.steps, made)
	}
	if len(n.steps) == 0 {
		return nil, errors.New("noise: no kind: want at least one")
	}
	return n, nil
}

// Apply returns line with errors. A share of the lines stays clean: the rate of the step clean, or else a tenth, or
// none beside learned errors, which have a share of their own. Each step then draws whether it applies and at what
// rate: a random number between 0 and twice its rate, or, above one half, between twice its rate less 1 and 1. Learned
// errors are drawn anew, a few times, until there is one. A step that would leave no text does nothing.
func (n *Noise) Apply(rng *rand.Rand, line string) string {
	if rng.Float64() < n.clean {
		return line
	}
	for _, s := range n.steps {
		if rng.Float64() >= s.lines {
			continue
		}
		for range s.again + 1 {
			if out := s.kind.Apply(rng, s.draw(rng), line); out != line && !tokenize.IsBlank(out) {
				line = out
				break
			}
		}
	}
	return line
}

// draw draws the rate of a line. Its mean is the step's rate.
func (s step) draw(rng *rand.Rand) float64 {
	low, high := max(0, 2*s.rate-1), min(1, 2*s.rate)
	return low + (high-low)*rng.Float64()
}

// Examples streams a pair for each line: the line with errors as the source, the line as the target. The errors of a
// line depend on the seed and the line's number alone.
func (n *Noise) Examples(seed uint64, lines iter.Seq2[string, error]) iter.Seq2[corpora.Example, error] {
	return func(yield func(corpora.Example, error) bool) {
		number := uint64(0)
		for line, err := range lines {
			var e corpora.Example
			if err == nil {
				e = corpora.Example{Source: n.Apply(rand.New(rand.NewPCG(seed, number)), line), Targets: []string{line}}
			}
			if !yield(e, err) {
				return
			}
			number++
		}
	}
}
