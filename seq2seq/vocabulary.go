package seq2seq

import (
	"fmt"
	"iter"
	"slices"
	"strconv"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/tokenize"
)

// Extension says which tokens of new data extend a vocabulary: a greatest number of tokens, or one of the constants. As
// text, it is a number, unknown, none or all.
type Extension int

const (
	// ExtendUnknown adds words that would be <unk>, and characters that would be <unk> or spelled in bytes. It is the
	// default.
	ExtendUnknown Extension = 0
	ExtendNone    Extension = -1 // adds no tokens
	// ExtendAll adds all new tokens; see [tokenize.Codec.Extend].
	ExtendAll Extension = -2
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (e *Extension) UnmarshalText(text []byte) error {
	switch s := string(text); s {
	case "unknown":
		*e = ExtendUnknown
	case "none", "0":
		*e = ExtendNone
	case "all":
		*e = ExtendAll
	default:
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return fmt.Errorf("%q: want a number of tokens, unknown, none or all", s)
		}
		*e = Extension(n)
	}
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (e Extension) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// String returns the extension as text.
func (e Extension) String() string {
	switch e {
	case ExtendUnknown:
		return "unknown"
	case ExtendNone:
		return "none"
	case ExtendAll:
		return "all"
	}
	return strconv.Itoa(int(e))
}

// Codec returns c, extended by new tokens of lines.
func (e Extension) Codec(c *tokenize.Codec, lines ...iter.Seq2[string, error]) (*tokenize.Codec, error) {
	switch kind := c.Config().Kind; {
	case e == ExtendNone, e == ExtendUnknown && kind == tokenize.Line:
		return c, nil
	case e == ExtendUnknown && (kind == tokenize.BPE || kind == ""):
		n, err := unknownCharacters(c, lines)
		if n == 0 || err != nil {
			return c, err
		}
		return c.Extend(n, lines...)
	case e == ExtendUnknown, e == ExtendAll:
		return c.Extend(-1, lines...)
	}
	return c.Extend(int(e), lines...)
}

// unknownCharacters counts the distinct characters of lines that a BPE codec spells in bytes and that reach its
// min_count.
func unknownCharacters(c *tokenize.Codec, lines []iter.Seq2[string, error]) (n int, err error) {
	counts := map[string]int{}
	for _, stream := range lines {
		for line, err := range stream {
			if err != nil {
				return 0, err
			}
			for _, character := range c.Unseen(line) {
				counts[character]++
			}
		}
	}
	for _, count := range counts {
		if count >= c.Config().MinCount {
			n++
		}
	}
	return n, nil
}

// sourceTexts yields the examples' sources, without features.
func (c Config) sourceTexts(train []corpora.Example) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, e := range train {
			if !yield(c.Encoder.Factors.text(c.Source, e.Source), nil) {
				return
			}
		}
	}
}

// targetTexts yields the examples' targets and negatives.
func targetTexts(train []corpora.Example) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, e := range train {
			for _, t := range slices.Concat(e.Targets, e.Negatives) {
				if !yield(t, nil) {
					return
				}
			}
		}
	}
}

// tokenizers returns the tokenizers of a new model.
func (o *BeginOptions) tokenizers(c Config, train []corpora.Example) (source, target *tokenize.Codec, err error) {
	sources := c.sourceTexts(train)
	if c.SharedVocab {
		if o.Source != nil && o.Target != nil && o.Source != o.Target {
			return nil, nil, fmt.Errorf("seq2seq: shared_vocab with two given tokenizers: want one")
		}
		given := o.Source
		if given == nil {
			given = o.Target
		}
		source, err = o.tokenizer(given, o.inherited(c, true), c.Source, sources, targetTexts(train))
		return source, source, err
	}
	if source, err = o.tokenizer(o.Source, o.inherited(c, true), c.Source, sources); err != nil {
		return nil, nil, fmt.Errorf("seq2seq: source side: %w", err)
	}
	if o.Source == nil && o.From != nil && o.readsFields(o.From.source) && o.Extend != ExtendNone {
		if source, err = source.Extend(-1, wordsOfCodec(o.From.source, source.Config().MinCount)); err != nil {
			return nil, nil, fmt.Errorf("seq2seq: source side: %w", err)
		}
	}
	target, err = c.head().targetCodec(o, c, train)
	return source, target, err
}

// wordsOfCodec yields each word of a codec as often as the given count, at least once.
func wordsOfCodec(c *tokenize.Codec, count int) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for id := range int32(c.Size()) {
			word := c.Decode([]int32{id})
			for range max(1, count) {
				if id >= symbols && !tokenize.IsBlank(word) && !yield(word, nil) {
					return
				}
			}
		}
	}
}

// tokenizer returns the tokenizer of a side: the given one, the inherited one with new tokens or, without both, a
// learned one.
func (o *BeginOptions) tokenizer(given, inherited *tokenize.Codec, c tokenize.Config, lines ...iter.Seq2[string, error]) (*tokenize.Codec, error) {
	switch {
	case given != nil && o.Extend == ExtendUnknown:
		return given, nil
	case given != nil:
		return o.Extend.Codec(given, lines...)
	case inherited != nil:
		return o.Extend.Codec(inherited, lines...)
	}
	return tokenize.Learn(c, lines...)
}

// inherited returns From's tokenizer for a side; nil if its settings differ from c's.
func (o *BeginOptions) inherited(c Config, source bool) *tokenize.Codec {
	if o.From == nil {
		return nil
	}
	codec, settings := o.From.source, c.Source
	if !source {
		if o.From.kind != o.kind() {
			return nil // models of other kinds have other targets
		}
		codec, settings = o.From.target, c.Target
	}
	has := resolvedTokens(Config{Source: codec.Config(), Target: settings})
	if has.Source != has.Target || c.SharedVocab && !o.From.config.SharedVocab && o.From.kind == o.kind() {
		return nil
	}
	return codec
}

// beginRows sets the rows of new tokens. A row of an embedding becomes the mean of the donor's rows of the tokens that
// spell the new token; a row of the output layer becomes the mean of all rows.
//
// Hewitt, Initializing New Word Embeddings for Pretrained Language Models, 2021.
func (m *Network) beginRows(d *donor) {
	for p := range m.net.params.All() {
		side := m.sideOf(p)
		t, has := d.tensor(p.Name)
		if !has || side.codec == nil || !d.rowsFit(t, p, side) {
			continue
		}
		old, row := d.codec(side), len(p.W)/side.codec.Size()
		all := meanRow(t, row, nil)
		for id := range int32(side.codec.Size()) {
			if _, known := d.id(side, side.codec.Vocab().Token(id)); known {
				continue
			}
			mean := all
			if m.net.head.rows(p) != predicted {
				if ids := spelling(old, side.codec.Decode([]int32{id})); len(ids) > 0 {
					mean = meanRow(t, row, ids)
				}
			}
			copy(p.W[int(id)*row:][:row], mean)
		}
	}
	m.changed()
}

// spelling returns the codec's tokens of a text, without <unk>.
func spelling(c *tokenize.Codec, text string) []int32 {
	var ids []int32
	for _, id := range c.Encode(text) {
		if id != tokenize.Unk {
			ids = append(ids, id)
		}
	}
	return ids
}

// meanRow returns the mean of the rows of t at ids; nil means all rows except the special symbols. size is the length
// of a row.
func meanRow(t safetensors.Tensor, size int, ids []int32) []float32 {
	if ids == nil {
		for id := symbols; id < len(t.Data)/size; id++ {
			ids = append(ids, int32(id))
		}
	}
	sum := make([]float64, size)
	for _, id := range ids {
		for i, w := range t.Data[int(id)*size:][:size] {
			sum[i] += float64(w)
		}
	}
	mean := make([]float32, size)
	for i, s := range sum {
		mean[i] = float32(s / float64(max(1, len(ids))))
	}
	return mean
}
