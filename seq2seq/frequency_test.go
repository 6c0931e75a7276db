package seq2seq

import (
	"math"
	"slices"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/tokenize"
)

// TestFrequency holds the factors of tokens and n-grams, and that a vector of n-grams alone is their weighted sum.
func TestFrequency(t *testing.T) {
	data := []corpora.Example{{Source: "the cat", Targets: []string{"the dog"}}, {Source: "the owl", Targets: []string{"the owls"}}}
	c := embedderConfig()
	c.Source = tokenize.Config{Kind: tokenize.Words}
	c.Target = c.Source
	c.Encoder.Frequency = 0.5
	c.Encoder.NGrams = NGramConfig{Min: 3, Max: 3, Buckets: 1 << 20, Only: true}
	m := newEmbedder(t, c, data, 1)
	e := m.config.Encoder
	id := m.source.Encode("the")[0]
	if got := e.tokenFactors(m.source)[id]; got != 0.5 { // half of the tokens
		t.Errorf("factor of a token %v: want 0.5", got)
	}
	factors := e.ngramFactors(m.source)
	lex := e.NGrams.lexicon()
	for word, want := range map[string][]float64{
		"the": {.5, .5, .5},                    // <th the he>
		"owl": {.5 / .75, .5 / .75, .5 / .625}, // <ow owl wl>
		"new": {1, 1, 1},
	} {
		for i, row := range lex.rows(word) {
			if got := float64(factors[row]); math.Abs(got-want[i]) > 1e-6 {
				t.Errorf("factor of n-gram %d of %s %v: want %v", i, word, got, want[i])
			}
		}
	}

	table := m.net.ngrams.table
	want := make([]float32, table.Size)
	for _, word := range []string{"the", "new"} {
		rows := lex.rows(word)
		for _, row := range rows {
			for j := range want {
				want[j] += factors[row] * table.Weight.W[int(row)*table.Size+j] / float32(math.Sqrt(float64(len(rows))))
			}
		}
	}
	length := 0.0
	for _, x := range want {
		length += float64(x) * float64(x)
	}
	got := embeddings(t, &Model{m}, nil, "the new")[0]
	for j := range want {
		if w := float64(want[j]) / math.Sqrt(length); math.Abs(float64(got[j])-w) > 1e-5 {
			t.Fatalf("vector %v: want number %d to be %v", got, j, w)
		}
	}
	if m.net.params.Get(sourceEmbedding) != nil || slices.Contains(factors, 0) {
		t.Error("an encoder of n-grams alone has embeddings of tokens, or factors of 0")
	}
}
