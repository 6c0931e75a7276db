package seq2seq

import (
	"slices"

	"github.com/retell-rnn/retell/tokenize"
)

// replaceUnknown returns the text of tokens with each <unk> replaced. The replacement is the lexicon's translation of
// the source word with the greatest attention weight, or that word if the lexicon lacks it. tokens and words are as for
// [tokenize.Codec.DecodeWith]; attention is [tokens][source tokens].
//
// Luong, Sutskever, Le, Vinyals and Zaremba, Addressing the Rare Word Problem in Neural Machine Translation, 2015;
// Jean, Cho, Memisevic and Bengio 2015.
func (e *Ensemble) replaceUnknown(source string, tokens []int32, words []string, attention [][]float32, lexicon map[string]string) string {
	target := e.Target()
	source = e.text(source)
	ids, from := e.Source().Encode(source), e.Source().Tokens(source)
	texts := make([]string, len(from))
	for i, id := range ids {
		if id == tokenize.Unk {
			id = int32(e.Source().Size())
		}
		texts[i] = e.Source().DecodeWith([]int32{id}, from[i:i+1])
	}
	tokens, words = slices.Clone(tokens), slices.Clone(words)
	for t, id := range tokens {
		if id != tokenize.Unk {
			continue
		}
		weights := slices.Clone(attention[t])
		for i, text := range texts {
			if text == "" || text == " " { // marks that join or separate words
				weights[i] = -1
			}
		}
		at := strongest(weights)
		word := from[at]
		if w, ok := lexicon[texts[at]]; ok {
			word = w
		}
		tokens[t] = int32(target.Size() + len(words))
		words = append(words, word)
	}
	return target.DecodeWith(tokens, words)
}
