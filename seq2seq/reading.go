package seq2seq

import (
	"slices"

	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// reading is a source as a model reads it.
type reading struct {
	src     []int32
	factors [][]int32 // rows of each feature's embedding; nil for a model without

	// copies are src as ids of the target; nil for a model that does not copy. From the size of the target's vocabulary
	// on, ids are those of words that the line alone has.
	copies *rnn.Copies
	words  *[]string // nil is none
}

// beyond returns the words of a line beyond the target's vocabulary.
func (r reading) beyond() []string {
	if r.words == nil {
		return nil
	}
	return *r.words
}

// pair is a source and its target as token ids, without <s> or </s>: the decoder reads <s> tgt and writes tgt </s>.
type pair struct {
	reading
	tgt    []int32
	weight float32 // of its loss in training; 0 means 1
	texts  *texts  // that it was encoded from, where its pieces are drawn; nil otherwise

	wanted [][]int32 // the source tokens that each token of tgt is to attend to; nil for nothing
}

// ids are the tokens of lines.
func ids(lines []reading) [][]int32 {
	out := make([][]int32, len(lines))
	for i, r := range lines {
		out[i] = r.src
	}
	return out
}

// read returns a line as the model reads it. words are what the models that read the line together have found in it
// beyond the target's vocabulary; those that are new are added.
func (m *Model) read(line string, words *[]string) reading {
	features := m.config.Encoder.Factors
	text := features.text(m.source.Config(), line)
	r := reading{src: m.source.Encode(text), words: words}
	if features.count() > 0 {
		r.factors = features.values(m.source, line)
	}
	if !m.config.Decoder.Copy || len(r.src) == 0 {
		return r
	}
	says := make([]int32, len(r.src))
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
		says[i] = id
	}
	c := rnn.NewCopies(says)
	r.copies = &c
	return r
}

// answer encodes a target whose source holds words beyond the vocabulary.
func answer(target *tokenize.Codec, text string, words []string) []int32 {
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

// known replaces in place the ids of words beyond a vocabulary of that size by <unk>, as which the decoder reads them.
func known(ids []int32, size int) {
	for i, id := range ids {
		if int(id) >= size {
			ids[i] = tokenize.Unk
		}
	}
}

// token is the written form of an id of the vocabulary or of words beyond it.
func token(target *tokenize.Codec, id int32, words []string) string {
	if k := int(id) - target.Size(); k >= 0 && k < len(words) {
		return words[k]
	}
	return target.Vocab().Token(id)
}

// beyond is the greatest number of words beyond the vocabulary that any of the lines has.
func beyond(lines []reading) int {
	n := 0
	for _, r := range lines {
		if r.words != nil {
			n = max(n, len(*r.words))
		}
	}
	return n
}
