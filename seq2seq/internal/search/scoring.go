package search

import (
	"errors"
	"math"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
)

// Scoring compares finished hypotheses of different lengths.
//
//	score = log P / ((Offset + length) / (Offset + 1))^Alpha + Coverage · Σ log min(attention to a source token, 1)
//
// The length counts </s>. Alpha 0 compares log P. Offset 0 with Alpha 1 is the mean over tokens. Offset 5 and the
// coverage penalty come from Wu et al., Google's Neural Machine Translation System, 2016.
type Scoring struct {
	Offset, Alpha float64
	Coverage      float64 // 0 means no penalty; otherwise the model needs attention
}

// Score returns a hypothesis's score. covered is the attention that each source token received; nil without a penalty.
func (s Scoring) Score(logProb float64, length int, covered []float32) float64 {
	logProb /= math.Pow((s.Offset+float64(length))/(s.Offset+1), s.Alpha)
	const least = 1e-9 // keeps the penalty finite for a token without attention
	for _, c := range covered {
		logProb += s.Coverage * math.Log(min(max(float64(c), least), 1))
	}
	return logProb
}

var errCoverage = errors.New("seq2seq: coverage_penalty: the model has no attention: want 0")

// cover adds the attention of a row's last step to covered and returns it; nil without a penalty.
func (s Scoring) cover(covered []float32, from Stepper, row int) ([]float32, error) {
	if s.Coverage == 0 {
		return nil, nil
	}
	attention := from.Attention(row)
	if attention == nil {
		return nil, errCoverage
	}
	if covered == nil {
		return slices.Clone(attention), nil
	}
	kernel.Add(covered, covered, attention)
	return covered, nil
}
