package seq2seq

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"github.com/retell-rnn/retell/corpora"
)

// The weights that an example may have. The range keeps gradients finite, and a weight apart from the 0 that means 1.
const leastWeight, mostWeight = 1e-6, 1e6

// checkWeights refuses weights that a loss cannot have.
func checkWeights(examples []corpora.Example) error {
	for i, e := range examples {
		if w := e.Weight; w != 0 && !(w >= leastWeight && w <= mostWeight) {
			return fmt.Errorf("example %d (%q) has the weight %v: want %v to %v, or 0 for 1", i+1, e.Source, w, leastWeight, mostWeight)
		}
	}
	return nil
}

// weightsOf returns the weights of pairs' losses, nil if all are 1.
func weightsOf(pairs []pair) []float32 {
	var weights []float32
	for i, p := range pairs {
		w := p.lossWeight()
		if weights == nil && w != 1 {
			weights = slices.Repeat([]float32{1}, len(pairs))
		}
		if weights != nil {
			weights[i] = w
		}
	}
	return weights
}

// lossWeight is the weight with what 0 means.
func (p pair) lossWeight() float32 {
	if p.weight == 0 {
		return 1
	}
	return p.weight
}

// encodePairs turns examples into pairs of ids: with all, one for each acceptable target, otherwise one for the first, which has a
// weight only if it is a label.
func (m *Model) encodePairs(examples []corpora.Example, all bool) []pair {
	var pairs []pair
	for _, e := range examples {
		targets, weight := e.Targets, float32(e.Weight)
		if !all {
			targets = targets[:min(1, len(targets))]
		}
		if !all && m.net.pool == nil {
			weight = 0
		}
		var words []string
		src := m.read(e.Source, &words)
		for _, t := range targets {
			pairs = append(pairs, pair{reading: src, tgt: answer(m.target, t, words), weight: weight})
		}
	}
	return pairs
}

// hash tells sequences of pairs apart, weights included; a weight of 1 adds nothing.
func hash(pairs []pair) string {
	if len(pairs) == 0 {
		return ""
	}
	h := sha256.New()
	var b []byte
	for _, p := range pairs {
		b = b[:0]
		for _, side := range append([][]int32{p.src, p.tgt}, p.factors...) {
			b = binary.LittleEndian.AppendUint32(slices.Grow(b, 4*len(side)), uint32(len(side)))
			for _, id := range side {
				b = binary.LittleEndian.AppendUint32(b, uint32(id))
			}
		}
		if w := p.lossWeight(); w != 1 {
			b = binary.LittleEndian.AppendUint32(b, math.MaxUint32) // no side is as long
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(w))
		}
		_, _ = h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
