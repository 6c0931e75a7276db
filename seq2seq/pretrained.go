package seq2seq

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// VectorReport counts the tokens of a vocabulary that begin with a pretrained vector. Special symbols do not count.
type VectorReport struct {
	Tokens   int     `json:"tokens"`
	Found    int     `json:"found"`
	Lowered  int     `json:"lowered"`  // tokens found only in lower case
	Coverage float64 `json:"coverage"` // share of the training text's tokens that are found, 0 to 1
}

// LoadSourceVectors sets the embeddings of source tokens to word vectors of a file; [corpora.WordVectors] reads it. A
// token takes the vector of its text, without space marks, or else of its text in lower case. Tokens without a vector
// keep their embeddings. Vectors that differ in size from the embeddings are an error.
func (m *Network) LoadSourceVectors(path string, opts *corpora.ReadOptions) (VectorReport, error) {
	if m.net.source == nil {
		return VectorReport{}, errors.New("seq2seq: vectors of source tokens for an encoder that reads n-grams only: want encoder.ngrams.only false")
	}
	return m.loadVectors(m.source, m.net.source, path, opts)
}

// LoadTargetVectors is [Network.LoadSourceVectors] for target embeddings.
func (m *Model) LoadTargetVectors(path string, opts *corpora.ReadOptions) (VectorReport, error) {
	return m.loadVectors(m.target, m.embedding(), path, opts)
}

func (m *Network) loadVectors(codec *tokenize.Codec, e *rnn.Embedding, path string, opts *corpora.ReadOptions) (VectorReport, error) {
	if m.quantized {
		return VectorReport{}, errors.New("seq2seq: vectors for a quantized model: want the original")
	}
	w := newVectorTokens(codec)
	r, err := w.take(e, corpora.WordVectors(path, w.has, opts))
	if err != nil {
		return r, fmt.Errorf("seq2seq: vectors: %w", err)
	}
	m.summary.Start = m.net.hash()
	m.changed()
	return r, nil
}

// vectorTokens maps the words of a file to token ids, as written and in lower case.
type vectorTokens struct {
	exact, lower map[string][]int32
	vocab        *tokenize.Vocab
}

// symbols is the number of special symbols at the beginning of every vocabulary.
const symbols = tokenize.EOS + 1

func newVectorTokens(codec *tokenize.Codec) *vectorTokens {
	w := &vectorTokens{map[string][]int32{}, map[string][]int32{}, codec.Vocab()}
	for id := int32(symbols); int(id) < codec.Size(); id++ {
		text := strings.TrimSpace(codec.Decode([]int32{id}))
		if text == "" {
			continue
		}
		w.exact[text] = append(w.exact[text], id)
		if lower := strings.ToLower(text); lower != text {
			w.lower[lower] = append(w.lower[lower], id)
		}
	}
	return w
}

func (w *vectorTokens) has(word string) bool { return len(w.exact[word])+len(w.lower[word]) > 0 }

// take copies vectors to the rows of an embedding. Only the first vector of a word counts.
func (w *vectorTokens) take(e *rnn.Embedding, vectors iter.Seq2[corpora.WordVector, error]) (VectorReport, error) {
	const lowered, exact = 1, 2
	found := make([]int, e.Vocab)
	set := func(ids []int32, v []float32, how int) {
		for _, id := range ids {
			if found[id] < how {
				found[id] = how
				copy(e.Weight.W[int(id)*e.Size:][:e.Size], v)
			}
		}
	}
	for v, err := range vectors {
		if err != nil {
			return VectorReport{}, err
		}
		if len(v.Vector) != e.Size {
			return VectorReport{}, fmt.Errorf("%q has %d numbers: want %d, the size of the embedding", v.Word, len(v.Vector), e.Size)
		}
		set(w.exact[v.Word], v.Vector, exact)
		set(w.lower[v.Word], v.Vector, lowered)
	}
	r := VectorReport{Tokens: e.Vocab - symbols}
	seen, all := 0, w.vocab.Count(tokenize.Unk)
	for id := symbols; id < e.Vocab; id++ {
		n := w.vocab.Count(int32(id))
		all += n
		switch found[id] {
		case lowered:
			r.Lowered++
			fallthrough
		case exact:
			r.Found++
			seen += n
		}
	}
	if all > 0 {
		r.Coverage = float64(seen) / float64(all)
	}
	return r, nil
}
