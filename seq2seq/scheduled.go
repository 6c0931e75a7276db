package seq2seq

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
	"github.com/retell-rnn/retell/tokenize"
)

// ScheduledSampling lets the decoder read its own tokens in training, as in translation, in place of the reference's.
// Their share rises during the training.
//
// The tokens are drawn before the pass over a batch: the decoder runs along the targets without dropout, and each own
// token is drawn from the distribution for its position. The pass then reads these tokens. No gradient flows through
// the draws, as in the paper.
//
// Bengio et al., Scheduled Sampling for Sequence Prediction with Recurrent Neural Networks, 2015.
type ScheduledSampling struct {
	// Kind is how the share of reference tokens falls with the training step i:
	//	linear           1 − i/K, at least Least
	//	exponential      K to the i, at least Least; K is below 1
	//	inverse_sigmoid  K/(K + e^(i/K)), at least Least; K is 1 or more
	// Empty turns scheduled sampling off.
	Kind  SamplingDecay `yaml:"kind" json:"kind"`
	K     float64       `yaml:"k" json:"k"`         // constant of Kind
	Least float64       `yaml:"least" json:"least"` // lowest share of the reference's tokens, 0 to 1
}

// Validate returns [Violations], or nil.
func (s ScheduledSampling) Validate() error {
	var v setting.Check
	switch s.Kind {
	case "":
		if s.K != 0 || s.Least != 0 {
			v.Add("kind", "none beside k or least: want linear, exponential or inverse_sigmoid")
		}
	case SamplingLinear, SamplingInverseSigmoid:
		if !(s.K >= 1) || math.IsInf(s.K, 0) {
			v.Add("k", "%v: want 1 or more for %s", s.K, s.Kind)
		}
	case SamplingExponential:
		if !(s.K > 0 && s.K < 1) {
			v.Add("k", "%v: want more than 0 and less than 1 for exponential", s.K)
		}
	default:
		v.Name("kind", s.Kind)
	}
	v.Within("least", s.Least, 0, 1)
	return v.Err()
}

// reference returns the share of reference tokens after the given number of steps.
func (s ScheduledSampling) reference(step int) float64 {
	i, share := float64(step), 1.0
	switch s.Kind {
	case SamplingLinear:
		share = 1 - i/s.K
	case SamplingExponential:
		share = math.Pow(s.K, i)
	case SamplingInverseSigmoid:
		share = s.K / (s.K + math.Exp(i/s.K))
	}
	return max(s.Least, share)
}

// reader returns a reader that replaces some target tokens by the decoder's own.
func (s ScheduledSampling) reader(m *Network) reader {
	if s.Kind == "" {
		return teacherForcing
	}
	return func(ctx context.Context, b batch) ([][]int32, error) {
		share := s.reference(b.step)
		if share >= 1 {
			return nil, nil
		}
		return m.mix(ctx, b.pairs, share, b.rng)
	}
}

// mix returns the decoder's input tokens of each pair after <s>, as many as its target has. Each is the target's with
// probability reference, and otherwise a draw.
func (m *Network) mix(ctx context.Context, pairs []pair, reference float64, rng *rand.Rand) ([][]int32, error) {
	read := make([][]int32, len(pairs))
	for i, p := range pairs {
		read[i] = append([]int32{}, p.tgt...)
	}
	all := search.Sampling{Temperature: 1, TopP: 1} // the whole distribution
	f := m.inference(len(pairs))
	mem := m.buffers()
	defer m.release(mem)
	s := f.decode(mem, f.encode(mem, sources(pairs)), 0)
	err := search.Rollout(ctx, s, nil, func(at search.Row) (int32, bool, error) {
		i, t := at.Hypothesis, at.Step
		if t == len(pairs[i].tgt) {
			return 0, false, nil
		}
		if rng.Float64() >= reference {
			own := at.Logits[:m.target.Size()]
			search.Forbid(own)
			own[tokenize.EOS] = search.Impossible // the target does not end here
			read[i][t] = all.Draw(rng, own)
		}
		return read[i][t], true, nil
	})
	return read, err
}
