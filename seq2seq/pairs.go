package seq2seq

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/quote"
)

// Weights of examples lie in this range. It keeps gradients finite. A weight of 0 means 1.
const leastWeight, mostWeight = 1e-6, 1e6

// checkWeights returns an error for a weight out of range.
func checkWeights(examples []corpora.Example) error {
	for i, e := range examples {
		if w := e.Weight; w != 0 && !(w >= leastWeight && w <= mostWeight) {
			return fmt.Errorf("example %d (%s) has the weight %v: want %v to %v, or 0 for 1", i+1, quote.Text(e.Source), w, leastWeight, mostWeight)
		}
	}
	return nil
}

// weightsOf returns the weights of the pairs; nil if all are 1.
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

// lossWeight returns the weight; a weight of 0 means 1.
func (p pair) lossWeight() float32 {
	if p.weight == 0 {
		return 1
	}
	return p.weight
}

// watchEvery is the number of examples encoded between two calls of a Watch.
const watchEvery = 1000

// encodePairs encodes examples as pairs. With all, each target makes a pair, for training. Otherwise only the first
// target does, for validation, and the pair has a weight only if the head weighs validations. watch may be nil.
func (m *Network) encodePairs(examples []corpora.Example, all bool, watch Watch) []pair {
	n := 0
	for _, e := range examples {
		n += len(m.targetTexts(e))
	}
	if !all {
		n = min(n, len(examples))
	}
	pairs := make([]pair, 0, n)
	var arena arena
	lex := m.config.Encoder.NGrams.lexicon()
	for i, e := range examples {
		if watch != nil && i%watchEvery == 0 {
			watch("encoding", i, len(examples))
		}
		targets, weight := m.targetTexts(e), float32(e.Weight)
		if !all {
			targets = targets[:min(1, len(targets))]
		}
		if !all && !m.net.head.weighs() {
			weight = 0
		}
		src := m.encodeLine(e.Source, m.newOOV(), lex)
		src.src = arena.keep(src.src)
		for _, t := range targets {
			pairs = append(pairs, pair{
				sourceLine: src, tgt: arena.keep(encodeTarget(m.target, t, src.oovWords())), weight: weight, corpus: e.Corpus,
			})
		}
	}
	return pairs
}

// targetTexts returns the texts of an example's targets. Each makes a pair.
func (m *Network) targetTexts(e corpora.Example) []string {
	if h, ok := m.net.head.(exampleHead); ok {
		return h.texts(e)
	}
	return e.Targets
}

// arena allocates many short slices from a few large ones.
type arena []int32

// keep returns a copy of ids.
func (a *arena) keep(ids []int32) []int32 {
	const size = 1 << 16
	if len(ids) > cap(*a)-len(*a) {
		*a = make([]int32, 0, max(size, len(ids)))
	}
	from := len(*a)
	*a = append(*a, ids...)
	return (*a)[from:len(*a):len(*a)]
}

// hash returns a hash of the pairs, their weights, corpora and sets. Weights of 1 and corpora of 0 do not change it.
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
			b = binary.LittleEndian.AppendUint32(b, math.MaxUint32) // a length that no side has
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(w))
		}
		if p.aligned != nil {
			b = binary.LittleEndian.AppendUint32(b, math.MaxUint32-1)
			for _, tokens := range p.aligned {
				b = binary.LittleEndian.AppendUint32(b, uint32(len(tokens)))
				for _, s := range tokens {
					b = binary.LittleEndian.AppendUint32(b, uint32(s))
				}
			}
		}
		if p.spelled != nil {
			b = binary.LittleEndian.AppendUint32(b, math.MaxUint32-4)
			b = appendSpelled(b, p.spelled)
		}
		if p.corpus != 0 {
			b = binary.LittleEndian.AppendUint32(b, math.MaxUint32-2)
			b = binary.LittleEndian.AppendUint32(b, uint32(p.corpus))
		}
		if p.set != nil {
			b = p.set.append(b)
		}
		_, _ = h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
