package seq2seq

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/tokenize"
)

// BeginOptions say how a new model begins. The zero value and a nil pointer mean learned tokenizers and random weights.
type BeginOptions struct {
	// From is a trained model. A new model of the same kind inherits all of it; a model of another kind inherits the
	// encoder and its tokenizer. Settings that contradict From are an error. With Partial, the parameters that fit are
	// copied instead, and tokenizers with other settings are learned. Name is the name of From's file, for messages and
	// the summary.
	From    *Network
	Name    string
	Partial bool

	// Kind is the new model's [Network.Kind]; "" means From's kind or, without From, a translator.
	Kind string

	// Source and Target are tokenizers to use as they are; nil means From's or, without From, learned ones.
	Source, Target *tokenize.Codec

	// Extend says which new tokens of the training data extend From's tokenizers. It extends Source and Target too if
	// it is a number or all.
	Extend Extension
}

// Begin makes a model to train on examples, with the tokenizers and weights that opts name. The seed draws the other
// weights. The embedding of a new token begins as the mean over the old tokens that spell it; its row of the output
// layer begins as the mean of all rows.
//
//	base, err := seq2seq.Load("base.retell")
//	model, taken, err := seq2seq.Begin(base.Config(), train, seed, &seq2seq.BeginOptions{From: base.Network})
//	for p, err := range model.Train(ctx, train, valid, opts) { ... }
func Begin(c Config, train []corpora.Example, seed uint64, opts *BeginOptions) (*Model, Adopted, error) {
	n, taken, err := opts.begin(c, train, seed)
	if err != nil {
		return nil, nil, err
	}
	m, err := ModelOf(n)
	return m, taken, err
}

// begin is [Begin] for a network of any kind.
func (o *BeginOptions) begin(c Config, train []corpora.Example, seed uint64) (*Network, Adopted, error) {
	if o == nil {
		o = new(BeginOptions)
	}
	if err := o.Check(c); err != nil {
		return nil, nil, fmt.Errorf("seq2seq: configuration: %w", err)
	}
	source, target, err := o.tokenizers(c, train)
	if err != nil {
		return nil, nil, err
	}
	if *o != (BeginOptions{Kind: o.Kind}) {
		c.Source, c.Target = source.Config(), target.Config()
	}
	m, err := NewNetwork(c, source, target, seed)
	if err != nil || o.From == nil {
		return m, nil, err
	}
	taken, err := o.copyWeights(m)
	if err != nil {
		return nil, nil, fmt.Errorf("seq2seq: copying weights: %w", err)
	}
	return m, taken, nil
}

// copyWeights copies the weights of From to a new model and, if both are of one kind, the notes in its file.
func (o *BeginOptions) copyWeights(m *Network) (Adopted, error) {
	d := o.From.donor(o.Name)
	m.kind = o.kind()
	taken, err := m.adopt(d)
	if err == nil && !o.Partial {
		err = m.enough(taken, d)
	}
	if err != nil {
		return nil, err
	}
	if m.kind == d.kind {
		m.about, m.summary.Format = o.From.about, o.From.summary.Format
	}
	m.beginRows(d)
	m.summary.Start = m.net.hash()
	return taken, nil
}

func (o *BeginOptions) kind() string {
	switch {
	case o.Kind != "":
		return o.Kind
	case o.From != nil:
		return o.From.kind
	}
	return kindModel
}

// Inherit returns c with the settings that the new model inherits: the settings of From's and the given tokenizers, and
// the sizes and wiring of From's network or, if From is of another kind, of its encoder. The dropout, initialization,
// coverage and copying of c stay, and so does whether a bottleneck is variational.
func (o *BeginOptions) Inherit(c Config) Config {
	if o == nil {
		return c
	}
	return o.inherit(c, o.settings())
}

// settings returns From without its weights; nil without From.
func (o *BeginOptions) settings() *donor {
	if o.From == nil {
		return nil
	}
	return &donor{
		config: o.From.config, kind: o.From.kind, source: o.From.source, target: o.From.target, origin: Origin{Model: o.Name},
	}
}

func (o *BeginOptions) inherit(c Config, d *donor) Config {
	out := c
	switch {
	case d == nil:
	case d.kind == o.kind():
		out = d.config
		out.Source, out.Target = d.source.Config(), d.target.Config()
		out.Dropout, out.VariationalDropout = c.Dropout, c.VariationalDropout
		out.RecurrentDropout, out.EmbeddingDropout = c.RecurrentDropout, c.EmbeddingDropout
		out.Encoder.WordDropout, out.Decoder.WordDropout = c.Encoder.WordDropout, c.Decoder.WordDropout
		out.Encoder.Chars.Dropout = c.Encoder.Chars.Dropout
		if out.Encoder.NGrams.Pairs {
			out.Encoder.NGrams.PairDropout = c.Encoder.NGrams.PairDropout
		}
		out.Decoder.Coverage, out.Decoder.Copy = c.Decoder.Coverage, c.Decoder.Copy
		out.Bottleneck.Variational = c.Bottleneck.Variational
		out.Bottleneck.Post, out.Bottleneck.PostSize = "", 0
		out.Init = c.Init
	default:
		out.Source, out.Encoder = d.source.Config(), d.config.Encoder
		if o.readsFields(d.source) {
			out.Source = c.Source
			out.Source.Normalize, out.Source.Lowercase, out.Source.Stem = d.source.Config().Normalize, d.source.Config().Lowercase, d.source.Config().Stem
		}
		out.Encoder.WordDropout, out.Encoder.Chars.Dropout = c.Encoder.WordDropout, c.Encoder.Chars.Dropout
	}
	if o.Source != nil {
		out.Source = o.Source.Config()
	}
	if o.Target != nil {
		out.Target = o.Target.Config()
	}
	if out.SharedVocab && o.Source == nil && o.Target != nil {
		out.Source = out.Target
	} else if out.SharedVocab {
		out.Target = out.Source
	}
	return out
}

// readsFields reports whether the new model is a labeler whose tokens, which are fields, are the words of a model with
// the given source tokenizer.
func (o *BeginOptions) readsFields(from *tokenize.Codec) bool {
	kind := from.Config().Kind
	return o.kind() == KindLabeler && (kind == tokenize.Words || kind == tokenize.Space)
}

// Check returns [Violations] for the settings of c that contradict From or a given tokenizer, or nil.
func (o *BeginOptions) Check(c Config) error {
	if o == nil {
		return nil
	}
	if o.From != nil && o.From.quantized {
		return errors.New("the model to begin with is quantized: want the original")
	}
	return o.check(c, o.settings())
}

func (o *BeginOptions) check(c Config, d *donor) error {
	inherited := o.inherit(c, d)
	said := map[string]bool{} // paths that differ without defaults
	for path := range unequal("", plainData(c), plainData(inherited)) {
		said[path] = true
	}
	var v setting.Check
	var fits bool
	for path, is := range unequal("", plainData(resolvedTokens(c)), plainData(resolvedTokens(inherited))) {
		side, _, _ := strings.Cut(path, ".")
		given := side == "source" && o.Source != nil || side == "target" && o.Target != nil
		switch {
		case !said[path]:
		case given:
			v.Add(path, "%v, where the given tokenizer has %v: want the same", is[0], is[1])
		case d != nil && !o.Partial: // without a model, the configuration contradicts itself
			v.Add(path, "%v, where %s has %v", is[0], cmp.Or(d.origin.Model, "the model to begin with"), is[1])
			fits = true
		}
	}
	if fits {
		v.Amend(": want the same, or train.from_partial to copy the parameters that fit")
	}
	return v.Err()
}

// resolvedTokens returns the configuration with all defaults filled in, its tokenizers' defaults included.
func resolvedTokens(c Config) Config {
	c = c.resolved()
	for _, t := range []*tokenize.Config{&c.Source, &c.Target} {
		if t.Kind == "" {
			t.Kind = tokenize.BPE
		}
		if t.Normalize == "" {
			t.Normalize = tokenize.NFC
		}
		if t.Merges == 0 && t.Kind == tokenize.BPE {
			t.Merges = tokenize.DefaultMerges
		}
		t.MinCount = max(1, t.MinCount)
	}
	return c
}

// plainData returns a configuration as decoded JSON.
func plainData(c Config) any {
	text, err := json.Marshal(c)
	var v any
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err != nil {
		panic(err) // a Config is plain data
	}
	return v
}

// unequal yields the paths where two JSON values differ, in order, each with both values.
func unequal(path string, a, b any) iter.Seq2[string, [2]any] {
	return func(yield func(string, [2]any) bool) {
		x, ok1 := a.(map[string]any)
		y, ok2 := b.(map[string]any)
		if !ok1 || !ok2 {
			if !reflect.DeepEqual(a, b) {
				yield(path, [2]any{a, b})
			}
			return
		}
		keys := maps.Clone(x)
		maps.Copy(keys, y)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			for p, v := range unequal(strings.TrimPrefix(path+"."+key, "."), x[key], y[key]) {
				if !yield(p, v) {
					return
				}
			}
		}
	}
}
