package seq2seq

import (
	"slices"

	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// reading is a source as a model reads it.
type sourceLine struct {
	src     []int32
	factors [][]int32 // rows of each feature's embedding; nil for a model without

	// copies are src as ids of the target, for models that copy; nil for others. Ids from the size of the target's
	// vocabulary on are words that only the line has.
	copies *rnn.Copies
	oov    *[]string // the line's words beyond the target's vocabulary; nil means none
}

// beyond returns the words of a line beyond the target's vocabulary.
func (r sourceLine) oovWords() []string {
	if r.oov == nil {
		return nil
	}
	return *r.oov
}

// pair is a source and its target as token ids, without <s> or </s>: the decoder reads <s> tgt and writes tgt </s>.
type pair struct {
	sourceLine
	tgt    []int32
	weight float32 // of its loss in training; 0 means 1
	texts  *texts  // its source and target text, for BPE dropout; nil without

	aligned [][]int32 // the source tokens that each token of tgt should attend to; nil without guided alignment
}

// ids returns the tokens of lines.
func ids(lines []sourceLine) [][]int32 {
	out := make([][]int32, len(lines))
	for i, r := range lines {
		out[i] = r.src
	}
	return out
}

// read returns a line as the model reads it, and adds to words the line's words beyond the target's vocabulary. The
// models of an ensemble share words.
func (m *Network) encodeSource(line string, words *[]string) sourceLine {
	features := m.config.Encoder.Factors
	text := features.text(m.source.Config(), line)
	r := sourceLine{src: m.source.Encode(text), oov: words}
	if features.count() > 0 {
		r.factors = features.values(m.source, line)
	}
	if !m.config.Decoder.Copy || len(r.src) == 0 {
		return r
	}
	targets := make([]int32, len(r.src))
	for i, token := range m.source.Tokens(text) {
		id, ok := m.target.Vocab().ID(token)
		if !ok {
			k := slices.Index(*words, token)
			if k < 0 {
				k = len(*words)
				*words = append(*words, token)
			}
			id = int32(m.target.Size() + k)
		}
		targets[i] = id
	}
	c := rnn.NewCopies(targets)
	r.copies = &c
	return r
}

// answer encodes a target. words are its source's words beyond the vocabulary, which have ids behind it.
func encodeTarget(target *tokenize.Codec, text string, words []string) []int32 {
	tgt := target.Encode(text)
	if len(words) == 0 {
		return tgt
	}
	for i, token := range target.Tokens(text) {
		if tgt[i] != tokenize.Unk {
			continue
		}
		if k := slices.Index(words, token); k >= 0 {
			tgt[i] = int32(target.Size() + k)
		}
	}
	return tgt
}

// known replaces ids beyond a vocabulary of that size by <unk> in place, as the decoder reads them.
func replaceOOV(ids []int32, size int) {
	for i, id := range ids {
		if int(id) >= size {
			ids[i] = tokenize.Unk
		}
	}
}

// token returns the written form of an id of the vocabulary or of words beyond it.
func tokenText(target *tokenize.Codec, id int32, words []string) string {
	if k := int(id) - target.Size(); k >= 0 && k < len(words) {
		return words[k]
	}
	return target.Vocab().Token(id)
}

// beyond returns the greatest number of words beyond the vocabulary in any of the lines.
func maxOOV(lines []sourceLine) int {
	n := 0
	for _, r := range lines {
		if r.oov != nil {
			n = max(n, len(*r.oov))
		}
	}
	return n
}
