package rnn

import (
	"math"

	"github.com/retell-rnn/retell/internal/kernel"
)

// scaledDotScorer is [ScaledDot]: query·key divided by the square root of their size.
type scaledDotScorer struct{ dotScorer }

func newScaledDot(*Params, string, DecoderConfig) scorer { return scaledDotScorer{} }

func (s scaledDotScorer) scores(q query, keys, scratch []float32) {
	s.dotScorer.scores(q, keys, scratch)
	kernel.Scale(s.scale(q), q.alpha)
}

func (s scaledDotScorer) scoresBackward(q query, keys, ds []float32, gr queryGrads, scratch []float32) {
	kernel.Scale(s.scale(q), ds)
	s.dotScorer.scoresBackward(q, keys, ds, gr, scratch)
}

func (scaledDotScorer) scale(q query) float32 { return float32(1 / math.Sqrt(float64(len(q.vector)))) }
