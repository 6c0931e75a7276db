package seq2seq

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// TestSpell holds that each different token of a batch is read once, in any script and in its own case.
func TestSpell(t *testing.T) {
	c := smallConfig()
	c.Source = tokenize.Config{Kind: tokenize.Space, Lowercase: true}
	c.Encoder.Chars = CharConfig{Hidden: 2}
	m := newModel(t, c, []corpora.Example{{Source: "the dog", Targets: []string{"x"}}}, 1)
	lines := []sourceLine{m.encodeSource("The dog 犬 the", nil), m.encodeSource("dog", nil), m.encodeSource("A 😀 The", nil)}
	lay := rnn.NewLayout(lengths(ids(lines)))
	b := c.Encoder.Chars.resolved().spell(lay, lines)
	if n := b.layout.Batch(); n != 6 { // The dog 犬 the A 😀
		t.Errorf("%d different tokens: want 6", n)
	}
	at := func(s, i int) int32 { return b.of[lay.Row(s, i)] }
	if at(0, 0) == at(0, 3) || at(0, 0) != at(2, 2) || at(0, 1) != at(1, 0) {
		t.Errorf("tokens %v: want equal ones once, and the case kept", b.of)
	}
	if row := b.chars[b.layout.Row(int(at(0, 2)), 0)]; row != '犬'%4096 {
		t.Errorf("row of 犬 is %d: want %d", row, '犬'%4096)
	}
	if got := m.encodeSource("The dog 犬 the", nil).only([]int{0, 2}).spelled; !slices.Equal(got, []string{"The", "犬"}) {
		t.Errorf("of two tokens, %q", got)
	}
}

// TestFieldsAreWords holds that with source.kind fields, each field is one word of characters, n-grams and features,
// and takes one pretrained vector, whatever it holds.
func TestFieldsAreWords(t *testing.T) {
	c := smallConfig()
	c.Source = tokenize.Config{Kind: tokenize.Fields, Lowercase: true}
	c.Encoder.Embedding = 2
	c.Encoder.Chars, c.Encoder.NGrams = CharConfig{Hidden: 2}, NGramConfig{Max: 3}
	c.Encoder.Factors = FactorConfig{Stem: "english", Case: true, Shape: true, Columns: 1}
	m := newModel(t, c, []corpora.Example{{Source: "new york￨N\tis￨V\tis", Targets: []string{"x"}}}, 1)
	const line = "New York￨N\tIS￨V\t▁ .\tdogs' "
	r := m.encodeSource(line, nil)
	if want := []string{"New York", "IS", "▁ .", "dogs' "}; !slices.Equal(r.spelled, want) || len(r.src) != len(want) {
		t.Errorf("%d tokens, spelled %q: want %q", len(r.src), r.spelled, want)
	}
	if w := r.words; !slices.Equal(w.at, []int32{0, 1, 2, 3}) || w.bags[w.bag[2]] != nil || len(w.bags[w.bag[1]]) != 2 {
		t.Errorf("words of the tokens %v with n-grams %v: want a word a field", w.at, w.bags)
	}
	f := c.Encoder.Factors.resolved(2)
	text, words, columns := f.split(c.Source, line)
	if text != "New York\tIS\t▁ .\tdogs' " || len(words) != 4 || columns[0][0] != "N" || columns[2][0] != "" {
		t.Errorf("text %q, columns %q", text, columns)
	}
	of := func(line string) [][]int32 { return f.values(m.Source(), line) }
	if got, want := of(line)[1][3], of("dog")[1][0]; got != want {
		t.Error("the stems of dogs' and dog differ")
	}
	if v := of("a b\tA b")[2]; v[0] == v[1] {
		t.Error("a b and A b have the same case")
	}
	path := filepath.Join(t.TempDir(), "vectors.txt")
	if err := os.WriteFile(path, []byte("2 2\nis 1 2\nYork 3 4\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := m.LoadSourceVectors(path, nil)
	if err != nil || report.Tokens != 2 || report.Found != 1 {
		t.Errorf("%+v, %v: want a vector of one token", report, err)
	}
	if got := m.net.source.Weight.W[2*m.encodeSource("is", nil).src[0]:][:2]; !slices.Equal(got, []float32{1, 2}) {
		t.Errorf("is has the vector %v", got)
	}
}

// TestCharactersAreRead learns the first letters of words that the vocabulary lacks, and reads them in new words.
func TestCharactersAreRead(t *testing.T) {
	if testing.Short() {
		t.Skip("a training")
	}
	rng := rand.New(rand.NewPCG(1, 1))
	examples := func(n int) (data []corpora.Example) {
		for range n {
			first := 'a' + rng.Int32N(4)
			word := fmt.Sprintf("- %c%c%c%c", first, 'e'+rng.Int32N(20), 'e'+rng.Int32N(20), 'e'+rng.Int32N(20))
			data = append(data, corpora.Example{Source: word, Targets: []string{string(first)}})
		}
		return data
	}
	data, unseen := examples(200), examples(50)
	c := smallConfig()
	c.Source.MinCount = 200
	c.Encoder.Chars = CharConfig{Hidden: 16, Size: 8}
	m := newModel(t, c, data, 1)
	if n := m.Source().Size(); n != 5 {
		t.Fatalf("the source's vocabulary has %d tokens: want only the token -", n)
	}
	train(t, m, data, nil, &TrainOptions{Epochs: 12, BatchSentences: 10, Schedule: rnn.Schedule{Rate: 0.02}})
	r, err := m.Evaluate(context.Background(), unseen, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Exact < 0.95 {
		t.Errorf("exact match %g: want 0.95", r.Exact)
	}
}

// TestPairsOfOtherCharacters holds that a training's data are other data if only characters of unknown words differ.
func TestPairsOfOtherCharacters(t *testing.T) {
	c := smallConfig()
	c.Encoder.Chars = CharConfig{Hidden: 2}
	m := newModel(t, c, []corpora.Example{{Source: "a", Targets: []string{"x"}}}, 1)
	of := func(line string) string {
		return hash(m.encodePairs([]corpora.Example{{Source: line, Targets: []string{"x"}}}, true, nil))
	}
	if of("b") == of("c") || of("b") != of(" b") {
		t.Error("hashes of lines that differ in characters: want different ones for b and c, and equal ones for b and b")
	}
}
