package seq2seq

import (
	"slices"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/tokenize"
)

// TestWords holds which words tokens belong to, and what their rows are.
func TestWords(t *testing.T) {
	data := []corpora.Example{{Source: "The dogs, the dog."}, {Source: "dogs"}}
	c := embedderConfig()
	c.Source = tokenize.Config{Kind: tokenize.BPE, Merges: 3, Lowercase: true}
	c.Target = c.Source
	c.Encoder.NGrams = NGramConfig{Min: 2, Max: 3, Buckets: 1 << 20, Pairs: true}
	m := newEmbedder(t, c, data, 1)
	r := m.encodeSource("The dogs, the dog.", nil)
	var words []int32
	for _, k := range r.words.at {
		if len(words) == 0 || words[len(words)-1] != k {
			words = append(words, k)
		}
	}
	if !slices.Equal(words, []int32{0, 1, 2, 3, 4, 5}) || len(r.words.at) != len(r.src) {
		t.Errorf("tokens of the words %v: want 6 in order", r.words.at)
	}
	w := r.words
	if w.bag[0] != w.bag[3] || w.bag[1] == w.bag[4] {
		t.Errorf("bags %v: want equal ones of equal words", w.bag)
	}
	if got := len(w.bags[w.bag[4]]); got != 7 { // <d do og g> <do dog og>
		t.Errorf("dog has %d n-grams: want 7", got)
	}
	if alone := m.encodeSource("dog", nil).words; !slices.Equal(alone.bags[alone.bag[0]], w.bags[w.bag[4]]) || alone.pairs[0] != -1 {
		t.Error("dog has other rows alone")
	}
	if w.pairs[5] != -1 || w.pairs[0] == w.pairs[3] || slices.Contains(w.pairs[:5], -1) {
		t.Errorf("pairs %v: want one for each word but the last", w.pairs)
	}
	kept := r.only([]int{0, len(r.src) - 1})
	if got := kept.words; len(got.at) != 2 || got.at[1] != 5 || got.pairs[0] != -1 || w.pairs[0] == -1 {
		t.Errorf("of two tokens, words %v and pairs %v", got.at, got.pairs)
	}
}

// TestNGramsOfUnknownWords holds that a word outside the vocabulary is near one that is spelled alike.
func TestNGramsOfUnknownWords(t *testing.T) {
	data := twoLanguages(60, 1)
	c := embedderConfig()
	c.Encoder.NGrams = NGramConfig{Max: 4, Buckets: 5000}
	m := newEmbedder(t, c, data, 1)
	z := embeddings(t, &Model{m}, nil, "unseen", "unseenly", "else")
	dot := func(a, b []float32) (sum float32) {
		for i := range a {
			sum += a[i] * b[i]
		}
		return sum
	}
	if near, far := dot(z[0], z[1]), dot(z[0], z[2]); !(near > far+0.01) || slices.Equal(z[0], z[2]) {
		t.Errorf("cosine %v of alike words, %v of others", near, far)
	}
}

// TestUnseenOfNGrams holds that words spelled of n-grams count as unseen only in a line without a known word.
func TestUnseenOfNGrams(t *testing.T) {
	c := embedderConfig()
	c.Encoder.NGrams = NGramConfig{Max: 4, Buckets: 500, Only: true}
	m := newEmbedder(t, c, []corpora.Example{{Source: "a dog"}, {Source: "a cat"}}, 1)
	for line, want := range map[string][]string{"a dog": nil, "a horse runs": nil, "horses run": {"horses", "run"}, "": nil} {
		if got := m.Unseen(line); !slices.Equal(got, want) {
			t.Errorf("unseen of %q: %q: want %q", line, got, want)
		}
	}
}
