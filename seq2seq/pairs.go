package seq2seq

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"github.com/retell-rnn/retell/corpora"
)

// encodePairs turns examples into pairs of ids: with all, one for each acceptable target, otherwise one for the first.
func (m *Model) encodePairs(examples []corpora.Example, all bool) []pair {
	var pairs []pair
	for _, e := range examples {
		targets := e.Targets
		if !all {
			targets = targets[:min(1, len(targets))]
		}
		var words []string
		src := m.read(e.Source, &words)
		for _, t := range targets {
			pairs = append(pairs, pair{src, answer(m.target, t, words)})
		}
	}
	return pairs
}

// hash tells sequences of pairs apart.
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
		_, _ = h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
