package search

import (
	"math"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
)

// Ensemble returns a stepper that advances several steppers with one vocabulary together. Its logits are the logarithms
// of their mean probabilities. Its attention is the mean over the attentive steppers; if there are none, it has no
// attention.
func Ensemble(parts, attentive []Stepper) Stepper {
	return &ensembleStepper{parts: parts, attentive: attentive}
}

type ensembleStepper struct {
	parts     []Stepper
	attentive []Stepper
	logits    []float32
	probs     []float32
}

func (e *ensembleStepper) Rows() int  { return e.parts[0].Rows() }
func (e *ensembleStepper) Vocab() int { return e.parts[0].Vocab() }

func (e *ensembleStepper) Reorder(rows []int) {
	for _, p := range e.parts {
		p.Reorder(rows)
	}
}

func (e *ensembleStepper) Step(tokens []int32) ([]float32, error) {
	parts := make([][]float32, len(e.parts))
	for k, p := range e.parts {
		var err error
		if parts[k], err = p.Step(tokens); err != nil {
			return nil, err
		}
	}
	v := e.Vocab()
	if need := len(tokens) * v; len(e.logits) < need {
		e.logits, e.probs = make([]float32, need), make([]float32, need)
	}
	kernel.Tasks(len(tokens), func(r int) {
		logits := make([][]float32, len(parts))
		for k, x := range parts {
			logits[k] = x[r*v:][:v]
		}
		logMean(e.logits[r*v:][:v], e.probs[r*v:][:v], logits)
	})
	return e.logits[:len(tokens)*v], nil
}

// logMean sets dst to the logarithm of the mean of the softmaxes of logits, [parts][vocab]. probs is scratch.
func logMean(dst, probs []float32, logits [][]float32) {
	const exact = 1e-30 // smaller sums are near the limit of float32
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
			dst[i] = float32(top) // a word that this sentence cannot copy
			continue
		}
		total := 0.0
		for k, x := range logits {
			total += math.Exp(float64(x[i]) - float64(lse[k]) - top)
		}
		dst[i] = float32(top + math.Log(total) - n)
	}
}

func (e *ensembleStepper) Attention(r int) []float32 {
	if len(e.attentive) == 0 {
		return nil
	}
	mean := slices.Clone(e.attentive[0].Attention(r)) // no shared buffer: calls are concurrent
	for _, p := range e.attentive[1:] {
		kernel.Add(mean, mean, p.Attention(r))
	}
	kernel.Scale(1/float32(len(e.attentive)), mean)
	return mean
}
