package seq2seq

import (
	"math"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
)

// mixture is a stepper that advances several, of one vocabulary, together. Its logits are the logarithms of their mean
// probabilities.
type mixture struct {
	parts     []stepper
	attentive []stepper // those whose mean attention is this one's
	logits    []float32
	probs     []float32
}

func (m *mixture) rows() int  { return m.parts[0].rows() }
func (m *mixture) vocab() int { return m.parts[0].vocab() }

func (m *mixture) reorder(rows []int) {
	for _, p := range m.parts {
		p.reorder(rows)
	}
}

func (m *mixture) step(tokens []int32) ([]float32, error) {
	parts := make([][]float32, len(m.parts))
	for k, p := range m.parts {
		var err error
		if parts[k], err = p.step(tokens); err != nil {
			return nil, err
		}
	}
	v := m.vocab()
	if need := len(tokens) * v; len(m.logits) < need {
		m.logits, m.probs = make([]float32, need), make([]float32, need)
	}
	kernel.Tasks(len(tokens), func(r int) {
		logits := make([][]float32, len(parts))
		for k, x := range parts {
			logits[k] = x[r*v:][:v]
		}
		logMean(m.logits[r*v:][:v], m.probs[r*v:][:v], logits)
	})
	return m.logits[:len(tokens)*v], nil
}

// logMean sets dst to the logarithm of the mean of the softmaxes of some logits. probs is scratch.
func logMean(dst, probs []float32, logits [][]float32) {
	const exact = 1e-30 // smaller sums are too near to where float32 ends
	clear(dst)
	lse := make([]float32, len(logits))
	for k, x := range logits {
		copy(probs, x)
		lse[k] = kernel.Softmax(probs)
		kernel.Axpy(1, probs, dst)
	}
	n := math.Log(float64(len(logits)))
	for i, sum := range dst {
		if sum >= exact {
			dst[i] = float32(math.Log(float64(sum)) - n)
			continue
		}
		top := math.Inf(-1)
		for k, x := range logits {
			top = max(top, float64(x[i])-float64(lse[k]))
		}
		if math.IsInf(top, -1) {
			dst[i] = float32(top) // a word that this sentence has not to copy
			continue
		}
		total := 0.0
		for k, x := range logits {
			total += math.Exp(float64(x[i]) - float64(lse[k]) - top)
		}
		dst[i] = float32(top + math.Log(total) - n)
	}
}

func (m *mixture) attention(r int) []float32 {
	if len(m.attentive) == 0 {
		return nil
	}
	mean := slices.Clone(m.attentive[0].attention(r)) // rows are asked for at the same time
	for _, p := range m.attentive[1:] {
		kernel.Add(mean, mean, p.attention(r))
	}
	kernel.Scale(1/float32(len(m.attentive)), mean)
	return mean
}
