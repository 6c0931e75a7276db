package bench

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

// Case is a model and a shape of data for measuring speed. Both vocabularies have vocab ids, and batches have batch
// sentences. Sources, and targets with </s>, have length tokens.
type Case struct {
	name                 string
	config               seq2seq.Config
	vocab, batch, length int
	copy                 bool // the target is the source, as in an autoencoder
}

// Cases returns the configurations used for comparisons with other toolkits: one LSTM layer unless the name says
// otherwise. A case with attention has a bidirectional encoder; -feed means input feeding.
func Cases() []Case {
	words := func(name string, change func(*seq2seq.Config)) Case {
		c := seq2seq.DefaultConfig()
		c.Encoder.Bidirectional, c.Decoder.Attention, c.Decoder.InputFeeding, c.Dropout = false, rnn.NoAttention, false, 0
		c.Source, c.Target = tokenize.Config{Kind: tokenize.Space}, tokenize.Config{Kind: tokenize.Space}
		change(&c)
		return Case{name: name, config: c, vocab: 8000, batch: 64, length: 14}
	}
	chars := func(name string, change func(*seq2seq.Config)) Case {
		b := words(name, func(c *seq2seq.Config) {
			c.Encoder.Embedding, c.Decoder.Embedding, c.Encoder.Hidden, c.Decoder.Hidden = 64, 64, 256, 256
			change(c)
		})
		b.vocab, b.batch, b.length = 64, 128, 12
		return b
	}
	attention := func(kind rnn.Attention, feed bool) func(*seq2seq.Config) {
		return func(c *seq2seq.Config) {
			c.Encoder.Bidirectional, c.Decoder.Attention, c.Decoder.InputFeeding = true, kind, feed
		}
	}
	ae := words("ae", func(c *seq2seq.Config) { c.Encoder.Bidirectional = true })
	ae.copy = true
	return []Case{
		words("lstm", func(*seq2seq.Config) {}),
		words("attn", attention(rnn.General, false)),
		words("attn-feed", attention(rnn.General, true)),
		words("bahdanau-feed", attention(rnn.Bahdanau, true)),
		words("gru2", func(c *seq2seq.Config) { c.Encoder.Cell, c.Encoder.Layers, c.Decoder.Layers = rnn.GRU, 2, 2 }),
		chars("char", attention(rnn.General, false)),
		chars("char-lstm", func(*seq2seq.Config) {}),
		ae,
	}
}

// Find returns the case with a name.
func Find(name string) (Case, error) {
	var names []string
	for _, c := range Cases() {
		if c.name == name {
			return c, nil
		}
		names = append(names, c.name)
	}
	return Case{}, fmt.Errorf("benchmark %q: want one of %s", name, strings.Join(names, ", "))
}

// specials is the number of special symbols, the first ids of every vocabulary.
const specials = 4

// model returns a new model of the case.
func (c Case) model() (*seq2seq.Model, error) {
	all := make([]string, c.vocab-specials)
	for i := range all {
		all[i] = word(i)
	}
	line := strings.Join(all, " ")
	source, target, err := seq2seq.Learn(c.config, []corpora.Example{{Source: line, Targets: []string{line}}})
	if err != nil {
		return nil, err
	}
	return seq2seq.New(c.config, source, target, 1)
}

func word(i int) string { return strconv.Itoa(i) }

// examples returns a batch of random sentences. Mixed lengths are uniform from half to one and a half times length.
func (c Case) examples(mixed bool) []corpora.Example {
	rng := rand.New(rand.NewPCG(2, 1))
	words := func(n int) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = word(rng.IntN(c.vocab - specials))
		}
		return out
	}
	examples := make([]corpora.Example, c.batch)
	for i := range examples {
		n := c.length
		if mixed {
			n = c.length/2 + rng.IntN(c.length+1)
		}
		source, target := words(n), words(n-1)
		if c.copy {
			target = source[:n-1]
		}
		examples[i] = corpora.Example{Source: strings.Join(source, " "), Targets: []string{strings.Join(target, " ")}}
	}
	return examples
}
