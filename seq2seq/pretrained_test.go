package seq2seq

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/tokenize"
)

func TestLoadVectors(t *testing.T) {
	data := []corpora.Example{{Source: "The dog, the cat . The dog", Targets: []string{"Der Hund , die Katze ."}}}
	c := smallConfig()
	c.Source.Kind = tokenize.Words
	c.Encoder.Embedding, c.Decoder.Embedding = 2, 3
	m := newModel(t, c, data, 1)
	path := filepath.Join(t.TempDir(), "vectors")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("the 1 2\ndog 3 4\nDog 8 8\n, 5 6\nthe 9 9\nhorse 7 7\n")
	before := slices.Clone(m.net.source.Weight.W)
	r, err := m.LoadSourceVectors(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	// ￭ and the lone space, The, dog, ￭, the cat .
	want := VectorReport{Tokens: m.source.Size() - 4, Found: 4, Lowered: 1, Coverage: 6. / 8}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
	row := func(w []float32, token string) []float32 {
		id, ok := m.source.Vocab().ID(token)
		if !ok {
			t.Fatalf("no token %q", token)
		}
		return w[2*id:][:2]
	}
	for token, want := range map[string][]float32{"The": {1, 2}, "the": {1, 2}, "dog": {3, 4}, "￭,": {5, 6}, "cat": row(before, "cat"), "<unk>": row(before, "<unk>")} {
		if got := row(m.net.source.Weight.W, token); !slices.Equal(got, want) {
			t.Errorf("%s: %v: want %v", token, got, want)
		}
	}
	if m.Summary().Start == "" {
		t.Error("the summary's Start does not change")
	}
	write("horse 1 2\n")
	if _, err = m.LoadTargetVectors(path, nil); err != nil {
		t.Errorf("error %v: want none for a file of which no word is needed", err)
	}
	write("Hund 1 2\n")
	if _, err = m.LoadTargetVectors(path, nil); err == nil || !strings.Contains(err.Error(), `"Hund" has 2 numbers: want 3`) {
		t.Errorf("error %v: want one about the size", err)
	}
	if _, err = m.Quantize().LoadSourceVectors(path, nil); err == nil {
		t.Error("a quantized model takes vectors")
	}
}
