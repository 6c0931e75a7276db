package seq2seq

import (
	"slices"

	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// sourceLine is a source line as a model reads it.
type sourceLine struct {
	src     []int32
	factors [][]int32  // embedding rows of each feature, [features][tokens]; nil without features
	words   *lineWords // words of the tokens; nil without n-grams
	spelled []string   // the tokens as the line spells them; nil without characters

	// copies holds src as target ids, for models that copy; nil otherwise. The ids after the target vocabulary stand
	// for oov.
	copies *rnn.Copies
	oov    *[]string // words of the line that the target vocabulary lacks; nil means none
}

// newOOV returns an empty list for the out-of-vocabulary words of a training pair's source; nil without copying.
func (m *Network) newOOV() *[]string {
	if !m.config.Decoder.Copy {
		return nil
	}
	return new([]string)
}

// oovWords returns the words of the line that the target vocabulary lacks.
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
	weight float32 // weight of the loss in training; 0 means 1
	texts  *texts  // source and target text, for BPE dropout and TextNoise; otherwise nil
	corpus int     // number of its corpus in a mixture
	set    *set    // for contrast; otherwise nil

	aligned [][]int32 // source tokens that each target token should attend to, for guided alignment; otherwise nil
}

// ids returns the source tokens of lines.
func ids(lines []sourceLine) [][]int32 {
	out := make([][]int32, len(lines))
	for i, r := range lines {
		out[i] = r.src
	}
	return out
}

// encodeSource encodes a line, and appends to oov its words that the target vocabulary lacks. The models of an ensemble
// share oov.
func (m *Network) encodeSource(line string, oov *[]string) sourceLine {
	return m.encodeLine(line, oov, m.config.Encoder.NGrams.lexicon())
}

// encodeLine is encodeSource with the lexicon that the line shares with others; nil without n-grams.
func (m *Network) encodeLine(line string, oov *[]string, lex *lexicon) sourceLine {
	features := m.config.Encoder.Factors
	text := features.text(m.source.Config(), line)
	r := sourceLine{src: m.source.Encode(text), oov: oov, words: m.words(text, lex), spelled: m.spellings(text)}
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
			k := slices.Index(*oov, token)
			if k < 0 {
				k = len(*oov)
				*oov = append(*oov, token)
			}
			id = int32(m.target.Size() + k)
		}
		targets[i] = id
	}
	c := rnn.NewCopies(targets)
	r.copies = &c
	return r
}

// encodeTarget encodes a target. oov lists its source's out-of-vocabulary words, whose ids follow the vocabulary.
func encodeTarget(target *tokenize.Codec, text string, oov []string) []int32 {
	tgt := target.Encode(text)
	if len(oov) == 0 {
		return tgt
	}
	for i, token := range target.Tokens(text) {
		if tgt[i] != tokenize.Unk {
			continue
		}
		if k := slices.Index(oov, token); k >= 0 {
			tgt[i] = int32(target.Size() + k)
		}
	}
	return tgt
}

// replaceOOV replaces, in place, the ids of out-of-vocabulary words by <unk>. size is the size of the vocabulary.
func replaceOOV(ids []int32, size int) {
	for i, id := range ids {
		if int(id) >= size {
			ids[i] = tokenize.Unk
		}
	}
}

// tokenText returns the text of an id of the vocabulary or of oov.
func tokenText(target *tokenize.Codec, id int32, oov []string) string {
	if k := int(id) - target.Size(); k >= 0 && k < len(oov) {
		return oov[k]
	}
	return target.Vocab().Token(id)
}

// maxOOV returns the greatest number of out-of-vocabulary words in any of the lines.
func maxOOV(lines []sourceLine) int {
	n := 0
	for _, r := range lines {
		if r.oov != nil {
			n = max(n, len(*r.oov))
		}
	}
	return n
}
