package seq2seq

import (
	"cmp"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/tokenize"
)

// Link aligns a word of a translation with a word of its source. Words stand between spaces and count from 0.
type Link = corpora.Link

// Alignment is a translation's links, sorted by source. Each target token is linked to the source token with the
// greatest attention weight; the links join the words of the two tokens.
type Alignment = corpora.Alignment

// align returns the alignment of a translation. attention holds the weights of its tokens, [target tokens][source
// tokens].
func (e *Ensemble) align(source sourceLine, tgt []int32, attention [][]float32) Alignment {
	from, to := wordsOf(e.Source(), source.src), wordsOf(e.Target(), tgt)
	var a Alignment
	for t := range tgt {
		l := Link{Source: from[strongest(attention[t])], Target: to[t]}
		if l.Source >= 0 && l.Target >= 0 {
			a = append(a, l)
		}
	}
	slices.SortFunc(a, func(k, l Link) int { return cmp.Or(cmp.Compare(k.Source, l.Source), cmp.Compare(k.Target, l.Target)) })
	return slices.Compact(a)
}

// strongest returns the index of the greatest weight, or the first of several equal ones.
func strongest(attention []float32) int {
	best := 0
	for i, a := range attention {
		if a > attention[best] {
			best = i
		}
	}
	return best
}

// wordsOf returns the number of each token's word; -1 for a lone space.
func wordsOf(c *tokenize.Codec, ids []int32) []int {
	words := make([]int, len(ids))
	for i := range ids {
		text := c.Decode(ids[:i+1])
		words[i] = len(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' })) - 1
		if strings.HasSuffix(text, " ") {
			words[i] = -1
		}
	}
	return words
}
