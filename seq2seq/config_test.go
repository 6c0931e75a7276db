package seq2seq

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

func TestDefaultConfig(t *testing.T) {
	c := DefaultConfig()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	r := c.resolved()
	if r.Decoder.Cell != "lstm" || r.Decoder.AttentionSize != 512 || r.Init.Scale != 0.1 {
		t.Errorf("resolved: %+v", r)
	}
	if err := r.Validate(); err != nil {
		t.Error(err)
	}
	c.Decoder.Attention, c.Decoder.InputFeeding = "none", false
	c.Init = InitConfig{Matrices: "glorot"}
	if err := c.resolved().Validate(); err != nil {
		t.Error(err)
	}
}

func TestConfigRoundTrip(t *testing.T) {
	want := DefaultConfig()
	want.SharedVocab = true
	want.Init.Orthogonal = true
	want.Decoder.Cell = "gru"

	text, err := yaml.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Config
	if err := yaml.UnmarshalWithOptions(text, &got, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got = Config{}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestConfigDecodesOverDefaults(t *testing.T) {
	c := DefaultConfig()
	if err := yaml.UnmarshalWithOptions([]byte("encoder:\n  hidden: 64\ndropout: 0\n"), &c, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	want := DefaultConfig()
	want.Encoder.Hidden, want.Dropout = 64, 0
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
}

func TestConfigViolations(t *testing.T) {
	tests := []struct {
		change func(c *Config)
		want   []string
	}{
		{func(c *Config) { c.Encoder.Hidden = 511 }, []string{"encoder.hidden: 511 is odd: want an even number for a bidirectional encoder"}},
		{func(c *Config) { c.Encoder.Hidden, c.Encoder.Bidirectional = 511, false }, nil},
		{func(c *Config) { c.Encoder.Cell = "" }, []string{`encoder.cell: "": want lstm, gru, mgu or peephole`}},
		{func(c *Config) { c.Decoder.Cell = "rnn" }, []string{`decoder.cell: "rnn": want lstm, gru, mgu or peephole`}},
		{func(c *Config) { c.Decoder.Cell = "gru" }, nil},
		{func(c *Config) { c.Encoder.Layers, c.Decoder.Layers = -1, 9 }, []string{"encoder.layers: -1: want 0 to 8", "decoder.layers: 9: want 1 to 8"}},
		{func(c *Config) { c.Encoder.Levels = 9 }, []string{"encoder.levels: 9: want 0 to 8"}},
		{func(c *Config) { *c = DefaultEmbedderConfig(); c.Encoder.Levels = 1 }, []string{"encoder.levels: 1 with encoder.layers 0, which leaves nothing to read them: want 0, or layers"}},
		{func(c *Config) { c.Encoder.Embedding, c.Decoder.Embedding = 65537, -1 }, []string{"encoder.embedding: 65537: want 1 to 65536", "decoder.embedding: -1: want 1 to 65536"}},
		{func(c *Config) { c.Decoder.Attention = "luong" }, []string{`decoder.attention: "luong": want none, dot, scaled_dot, general, concat or bahdanau`}},
		{func(c *Config) { c.Decoder.Attention = "dot" }, nil},
		{func(c *Config) { c.Decoder.Attention, c.Decoder.Hidden = "dot", 256 }, []string{"decoder.hidden: 256 differs from encoder.hidden, 512: want equal sizes for dot attention"}},
		{func(c *Config) { c.Decoder.Attention = "none" }, []string{"decoder.input_feeding: true without attention: want false"}},
		{func(c *Config) { c.Decoder.AttentionSize = -1 }, []string{"decoder.attention_size: -1: want 0 to 65536"}},
		{func(c *Config) {
			c.Decoder.Attention, c.Decoder.InputFeeding, c.Decoder.AttentionSize = "none", false, 8
		}, []string{"decoder.attention_size: 8 without attention: want 0"}},
		{func(c *Config) { c.Dropout = 1 }, []string{"dropout: 1: want 0 or more and less than 1"}},
		{func(c *Config) { c.Dropout = math.NaN() }, []string{"dropout: NaN: want 0 or more and less than 1"}},
		{func(c *Config) { c.Decoder.Attention, c.Decoder.Hidden = "scaled_dot", 256 }, []string{"decoder.hidden: 256 differs from encoder.hidden, 512: want equal sizes for scaled_dot attention"}},
		{func(c *Config) { c.Decoder.Coverage = true }, []string{"decoder.coverage: true with general attention: want concat or bahdanau"}},
		{func(c *Config) {
			c.Decoder.Copy, c.Decoder.Attention, c.Decoder.InputFeeding = true, "none", false
		}, []string{"decoder.copy: true without attention: want false"}},
		{func(c *Config) { c.Encoder.Factors = FactorConfig{Stem: "klingon", Columns: 99, Join: "product"} }, []string{
			`encoder.factors.stem: "klingon": want a language that the tokenizer can stem`,
			"encoder.factors.columns: 99: want 0 to 16",
			`encoder.factors.join: "product": want concat or sum`,
		}},
		{func(c *Config) { c.Encoder.Factors = FactorConfig{Case: true, Join: "sum", Size: 8} }, []string{"encoder.factors.size: 8 with join: sum, which uses encoder.embedding: want 0"}},
		{func(c *Config) { c.Encoder.Factors.Size = 8 }, []string{"encoder.factors: join, size or buckets without a feature: want stem, case, shape or columns"}},
		{func(c *Config) { c.Encoder.Factors.Case, c.Source.Kind = true, tokenize.Bytes }, []string{"encoder.factors: features of words with source.kind bytes: want another kind"}},
		{func(c *Config) { c.Encoder.Chars = CharConfig{Hidden: 7, Buckets: 9, Dropout: 1} }, []string{
			"encoder.chars.hidden: 7 is odd: want an even number, half for each direction",
			"encoder.chars.buckets: 9: want 256 to 1114112",
			"encoder.chars.dropout: 1: want 0 or more and less than 1",
			"encoder.chars: of tokens with source.kind bpe: want fields, space or words",
		}},
		{func(c *Config) { c.Encoder.Chars.Size = 8 }, []string{"encoder.chars.hidden: 0 beside size, buckets or dropout: want the size of a token's characters, such as 64"}},
		{func(c *Config) {
			c.Source.Kind, c.Encoder.Chars, c.Encoder.NGrams, c.Encoder.WordDropout = tokenize.Words, CharConfig{Hidden: 8}, NGramConfig{Max: 3}, 0.5
		}, nil},
		{func(c *Config) { c.Encoder.NGrams, c.Encoder.WordDropout = NGramConfig{Max: 3, Only: true}, 0.5 }, []string{
			"encoder.word_dropout: 0.5 with encoder.ngrams alone, which still show the word: want 0",
		}},
		{func(c *Config) { c.Encoder.NGrams = NGramConfig{Max: 3, Pairs: true, PairDropout: 2} }, []string{
			"encoder.ngrams.pair_dropout: 2: want 0 to 1",
		}},
		{func(c *Config) { c.RecurrentDropout = -1 }, []string{"recurrent_dropout: -1: want 0 or more and less than 1"}},
		{func(c *Config) { c.EmbeddingDropout = 1 }, []string{"embedding_dropout: 1: want 0 or more and less than 1"}},
		{func(c *Config) { c.Encoder.WordDropout = 2 }, []string{"encoder.word_dropout: 2: want 0 to 1"}},
		{func(c *Config) { c.Decoder.WordDropout = 1 }, nil},
		{func(c *Config) { c.TiedEmbeddings = "three" }, []string{`tied_embeddings: "three": want none, output or all`}},
		{func(c *Config) { c.TiedEmbeddings = "all" }, []string{"tied_embeddings: all without shared_vocab: want one vocabulary for one matrix"}},
		{func(c *Config) { c.TiedEmbeddings, c.SharedVocab, c.Decoder.Embedding = "all", true, 7 }, []string{"decoder.embedding: 7 differs from encoder.embedding, 256: want equal sizes for tied_embeddings: all"}},
		{func(c *Config) { c.TiedEmbeddings = "output" }, nil},
		{func(c *Config) { c.Init.Matrices = "normal" }, []string{`init.matrices: "normal": want uniform or glorot`}},
		{func(c *Config) { c.Init.Scale = 2 }, []string{"init.scale: 2: want 0 to 1"}},
		{func(c *Config) { c.Init.Matrices, c.Init.Scale = "glorot", 0.1 }, []string{"init.scale: 0.1 with glorot, which sets its own: want 0"}},
		{func(c *Config) { c.Init.ForgetBias = math.Inf(1) }, []string{"init.forget_bias: +Inf: want -10 to 10"}},
		{func(c *Config) { c.SharedVocab, c.Target.Lowercase = true, true }, []string{"shared_vocab: source and target differ: want equal settings for a shared vocabulary"}},
		{func(c *Config) { c.Source.Merges, c.Source.MinCount, c.Target.Kind = -1, -1, tokenize.Kind("x") }, []string{
			"source.merges: -1: want 0 (the default) or more",
			"source.min_count: -1: want 0 (the default) or more",
			`target.kind: "x": want words, space, chars, bytes, bpe, line or fields`,
		}},
	}
	checkViolations(t, tests)
}

// violationCase is a change of the default configuration, and some of the violations that it brings; nil means none.
type violationCase = struct {
	change func(*Config)
	want   []string
}

func checkViolations(t *testing.T, tests []violationCase) {
	t.Helper()
	for _, test := range tests {
		c := DefaultConfig()
		test.change(&c)
		var got []string
		if err := c.Validate(); err != nil {
			got = strings.Split(err.Error(), "\n")
		}
		for _, want := range test.want {
			if !slices.Contains(got, want) {
				t.Errorf("no %q in\n%s", want, strings.Join(got, "\n"))
			}
		}
		if test.want == nil && got != nil {
			t.Errorf("want no error, got\n%s", strings.Join(got, "\n"))
		}
	}
}

// TestEmbedderViolations is TestConfigViolations for embedders and encoders without layers.
func TestEmbedderViolations(t *testing.T) {
	checkViolations(t, []violationCase{
		{func(c *Config) { c.Encoder.Layers = 0 }, []string{"encoder.layers: 0 with a decoder that begins with the encoder's last states: want 1 or more, or a bottleneck"}},
		{func(c *Config) {
			*c = DefaultEmbedderConfig()
			c.SharedVocab, c.Bottleneck.Pool, c.Bottleneck.Variational, c.Bottleneck.Contrast = false, rnn.PoolLast, true, 513
			c.Decoder.Hidden, c.TiedEmbeddings = 8, TieAll
		}, []string{
			"decoder: settings beside layers 0, which makes the model an embedder: want layers of 1 or more, or no settings",
			"shared_vocab: false with an embedder, which has one tokenizer: want true",
			"tied_embeddings: all with an embedder, which has one matrix: want none",
			"bottleneck: feed or variational with an embedder, which has no decoder: want neither",
			"bottleneck.contrast: 513: want 0 to 512",
			"bottleneck.pool: last with encoder.layers 0, which has no last state: want mean, max, min or attention",
		}},
		{func(c *Config) { *c = DefaultEmbedderConfig() }, nil},
		{func(c *Config) {
			*c = DefaultEmbedderConfig()
			c.Source = tokenize.Config{}
			c.Target = c.Source
		}, []string{"encoder.frequency: 0.001 with encoder.ngrams and tokens that are no words: want source.kind fields, space or words, or 0"}},
		{func(c *Config) { c.Encoder.Layers, c.Classifier.Pool = 0, rnn.PoolLast }, []string{
			"classifier.pool: last with encoder.layers 0, which has no last state: want mean, max, min or attention",
		}},
	})
}

// TestViolations holds that errors.As finds every wrong setting with its path in a wrapped error.
func TestViolations(t *testing.T) {
	c := DefaultConfig()
	c.Encoder.Layers, c.Source.Merges, c.TiedEmbeddings = 9, -1, "three"
	_, err := New(c, nil, nil, 1)
	got, _ := errors.AsType[Violations](err)
	want := Violations{
		{Path: "source.merges", Problem: "-1: want 0 (the default) or more"},
		{Path: "encoder.layers", Problem: "9: want 0 to 8"},
		{Path: "tied_embeddings", Problem: `"three": want none, output or all`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
	if err := errors.Join((*TrainOptions)(nil).Validate(), (*SearchOptions)(nil).Validate(), (*BeginOptions)(nil).Check(c)); err != nil {
		t.Errorf("no options: %v", err)
	}
}
