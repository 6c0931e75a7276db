package tokenize

import "math/rand/v2"

// EncodeDropout is [Codec.Encode] with a random segmentation. Each round drops every possible merge with probability p,
// 0 to 1, and applies the earliest of the others. p = 0 gives Encode; p = 1 merges nothing. The ids always decode to
// the same line. Kinds other than bpe have no merges.
//
// Provilkov, Emelianenko and Voita, BPE-Dropout: Simple and Effective Subword Regularization, 2020.
func (c *Codec) EncodeDropout(line string, p float64, rng *rand.Rand) []int32 {
	s, ok := c.scheme.(*bpeScheme)
	if !ok || p <= 0 {
		return c.Encode(line)
	}
	var ids []int32
	preTokens(c.Normalize(line), func(text string) {
		begin := len(ids)
		ids = s.spell(ids, text)
		ids = ids[:begin+len(s.merger.applyDropout(ids[begin:], p, rng))]
	})
	return ids
}

// applyDropout is apply, but drops pairs at random in each round. It takes quadratic time, which suffices for words.
func (m merger) applyDropout(symbols []int32, p float64, rng *rand.Rand) []int32 {
	var at []int // positions of the earliest pair among those that are left
	for len(symbols) > 1 {
		at = at[:0]
		var best mergeRule
		for i := range len(symbols) - 1 {
			rule, ok := m[pair{symbols[i], symbols[i+1]}]
			if !ok || rng.Float64() < p {
				continue
			}
			if len(at) > 0 && rule.rank > best.rank {
				continue
			}
			if len(at) > 0 && rule.rank < best.rank {
				at = at[:0]
			}
			best, at = rule, append(at, i)
		}
		if len(at) == 0 {
			break
		}
		to, next := symbols[:0], 0
		for i := 0; i < len(symbols); i++ {
			for next < len(at) && at[next] < i { // the pair overlaps the previous one
				next++
			}
			if next < len(at) && at[next] == i {
				to = append(to, best.merged)
				i++
				continue
			}
			to = append(to, symbols[i])
		}
		symbols = to
	}
	return symbols
}
