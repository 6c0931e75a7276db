package metric

import (
	"errors"
	"math/rand/v2"
)

// CompareOptions are the settings of Compare. The zero value and a nil pointer mean the defaults.
type CompareOptions struct {
	Samples int    // number of samples of each test; 0 means 1,000 for the bootstrap and 10,000 for randomization
	Seed    uint64 // seed of the samples
}

// Compared is the score of a system and its comparison with the baseline.
type Compared struct {
	Score Score `json:"score"` // score with its interval

	Bootstrap     *Comparison `json:"bootstrap,omitempty"`     // paired bootstrap against the baseline; none for the baseline itself
	Randomization *Comparison `json:"randomization,omitempty"` // approximate randomization against the baseline; none for the baseline itself
}

// Compare scores systems with confidence intervals and compares each with the first, the baseline, by both paired
// tests. All systems get the same samples. refs[i] holds the references of sentence i.
func Compare(m Metric, systems [][]string, refs [][]string, opts *CompareOptions) ([]Compared, error) {
	if opts == nil {
		opts = &CompareOptions{}
	}
	if len(systems) == 0 {
		return nil, errors.New("metric: no systems to compare: want at least 1, the baseline")
	}
	rng := func() *rand.Rand { return rand.New(rand.NewPCG(opts.Seed, 0)) }
	out := make([]Compared, len(systems))
	var baseline []Stats
	for i, hyps := range systems {
		rows, err := CorpusStats(m, hyps, refs)
		if err != nil {
			return nil, err
		}
		c := &out[i]
		c.Score = m.Score(Sum(rows))
		c.Score.Signature = m.Signature(countReferences(refs))
		interval, err := Bootstrap(m, rows, opts.Samples, rng())
		if err != nil {
			return nil, err
		}
		c.Score.Confidence = &interval
		if i == 0 {
			baseline = rows
			continue
		}
		bootstrap, err := PairedBootstrap(m, baseline, rows, opts.Samples, rng())
		if err != nil {
			return nil, err
		}
		exchange, err := ApproximateRandomization(m, baseline, rows, opts.Samples, rng())
		if err != nil {
			return nil, err
		}
		c.Bootstrap, c.Randomization = &bootstrap, &exchange
	}
	return out, nil
}
