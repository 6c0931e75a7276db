package house

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq"
)

var number = regexp.MustCompile(`\.\d+\.`)

// TestFormatPage checks that docs/format.md names every metadata key and every tensor of models of all kinds.
func TestFormatPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "format.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{"crc32c": true}
	for _, name := range codes(string(page)) {
		named[name] = true
	}
	for what, file := range models(t) {
		f, err := safetensors.NewReader(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		for key := range f.Metadata() {
			if !named[key] {
				t.Errorf("%s: docs/format.md does not name the metadata key %s", what, key)
			}
		}
		for _, tensor := range f.Tensors() {
			name := tensor.Name
			name = strings.Replace(strings.TrimSuffix(name, "_reverse"), "decoder.0.", "encoder.0.", 1)
			name = strings.Replace(strings.Replace(name, "decoder.1.", "encoder.0.", 1), "source.factor.0", "source.factor.N", 1)
			if name = number.ReplaceAllString(name, ".L."); !named[name] {
				t.Errorf("%s: docs/format.md does not name the tensor %s", what, name)
			}
		}
	}
}

// models returns files of small models that have every kind of tensor between them.
func models(t *testing.T) map[string][]byte {
	t.Helper()
	examples := []corpora.Example{{Source: "a dog", Targets: []string{"ein Hund"}}, {Source: "a cat", Targets: []string{"eine Katze"}}}
	out := map[string][]byte{}
	add := func(name string, change func(*seq2seq.Config)) {
		c := seq2seq.DefaultConfig()
		c.Encoder.Hidden, c.Encoder.Embedding, c.Decoder.Hidden, c.Decoder.Embedding = 4, 3, 4, 3
		change(&c)
		m, _, err := seq2seq.Begin(c, examples, 1, nil)
		var file bytes.Buffer
		if err == nil {
			err = m.Write(&file)
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = file.Bytes()
	}
	add("attention", func(c *seq2seq.Config) {
		c.Encoder.LayerNorm, c.Decoder.LayerNorm, c.Decoder.Layers, c.Decoder.Hidden = true, true, 2, 6
		c.Encoder.Factors.Case = true
		c.Encoder.Cell = rnn.Peephole
	})
	add("copying", func(c *seq2seq.Config) {
		c.Decoder.Attention, c.Decoder.Copy, c.Decoder.Coverage = rnn.Bahdanau, true, true
		c.TiedEmbeddings = "output"
	})
	add("variational", func(c *seq2seq.Config) {
		c.Decoder.Attention, c.Decoder.InputFeeding = rnn.NoAttention, false
		c.Bottleneck = seq2seq.BottleneckConfig{Size: 5, Pool: rnn.PoolAttention, Variational: true}
	})
	return out
}
