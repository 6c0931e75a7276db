package seq2seq

import (
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/tokenize"
)

func (e EncoderConfig) validateFrequency(v *setting.Check, c Config) {
	v.Within("encoder.frequency", e.Frequency, 0, 1)
	if e.Frequency == 0 {
		return
	}
	if c.TiedEmbeddings == TieAll {
		v.Add("encoder.frequency", "%v with tied_embeddings: all, where embeddings predict tokens, too: want 0", e.Frequency)
	}
	if k := c.Source.Kind; e.NGrams.Max > 0 && k != tokenize.Words && k != tokenize.Space && k != tokenize.Fields {
		v.Add("encoder.frequency", "%v with encoder.ngrams and tokens that are no words: want source.kind fields, space or words, or 0", e.Frequency)
	}
}

// tokenFactors returns the factor of each token's embedding; nil means 1.
func (e EncoderConfig) tokenFactors(c *tokenize.Codec) []float32 {
	if e.Frequency == 0 {
		return nil
	}
	counts := make([]int, c.Size())
	for id := range counts {
		counts[id] = c.Vocab().Count(int32(id))
	}
	return e.factorsOf(counts, c)
}

// ngramFactors returns the factor of each n-gram's embedding; nil means 1. A row counts the words of the vocabulary
// that have an n-gram in it.
func (e EncoderConfig) ngramFactors(c *tokenize.Codec) []float32 {
	if e.Frequency == 0 {
		return nil
	}
	lex := e.NGrams.lexicon()
	counts := make([]int, lex.Buckets)
	for id := int32(tokenize.EOS + 1); int(id) < c.Size(); id++ {
		for _, row := range lex.rows(wordOf(c, c.Vocab().Token(id))) {
			counts[row] += c.Vocab().Count(id)
		}
	}
	return e.factorsOf(counts, c)
}

// factorsOf returns the factors of rows that occur counts times in the text that c learned from.
func (e EncoderConfig) factorsOf(counts []int, c *tokenize.Codec) []float32 {
	total := 0
	for id := range int32(c.Size()) {
		total += c.Vocab().Count(id)
	}
	out := make([]float32, len(counts))
	for i, n := range counts {
		p := float64(n) / float64(max(1, total))
		out[i] = float32(e.Frequency / (e.Frequency + p))
	}
	return out
}
