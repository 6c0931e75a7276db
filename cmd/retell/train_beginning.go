package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

// readBeginning reads the model that train.from names and the given tokenizers; it returns nil if there are none. kind
// is the kind of the new model.
func readBeginning(kind string, o seq2seq.TrainOptions, given givenTokenizers) (*seq2seq.BeginOptions, error) {
	if o.From == "" && given == (givenTokenizers{}) {
		return nil, nil
	}
	b := &seq2seq.BeginOptions{Kind: kind, Partial: o.FromPartial, Extend: o.ExtendVocabulary}
	if o.From != "" {
		var err error
		if b.From, err = seq2seq.LoadKind(o.From, seq2seq.AnyKind); err != nil {
			return nil, fmt.Errorf("train.from: %w", err)
		}
		b.Name = filepath.Base(o.From)
	}
	if err := given.read(b); err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	return b, nil
}

// withoutIt adds a hint to err if a file that the training began with is missing.
func withoutIt(err error, o outputConfig) error {
	if _, noState := os.Stat(o.state()); noState == nil && o.Model != "" && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w; train --continue -o %s continues without it", err, o.Model)
	}
	return err
}

// options returns the options of the training. They lack train.from, because the model has taken over those weights.
func (c *runConfig) options() seq2seq.TrainOptions {
	o := c.Train
	o.From = ""
	return o
}

// givenTokenizers names files of tokenizers or of models that contain them; "" means none.
type givenTokenizers struct{ both, source, target string }

// read reads the tokenizers into b.
func (g givenTokenizers) read(b *seq2seq.BeginOptions) error {
	if g.both != "" && g.source+g.target != "" {
		return misusef("one for both sides beside one for a single side: want either alone")
	}
	var err error
	if g.both != "" {
		b.Source, b.Target, err = readTokenizers(g.both)
	}
	if g.source != "" && err == nil {
		b.Source, _, err = readTokenizers(g.source)
	}
	if g.target != "" && err == nil {
		_, b.Target, err = readTokenizers(g.target)
	}
	return err
}

// readTokenizers reads both tokenizers of a model, or one tokenizer for both sides.
func readTokenizers(path string) (source, target *tokenize.Codec, err error) {
	head := make([]byte, 8)
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	n, _ := file.Read(head)
	if err := file.Close(); err != nil {
		return nil, nil, err
	}
	if !slices.Contains(head[:n], 0) { // a model's file begins with its header's length, which has zero bytes; text has none
		source, err = readTokenizer(path)
		return source, source, err
	}
	m, err := seq2seq.LoadKind(path, seq2seq.AnyKind)
	if err != nil {
		return nil, nil, err
	}
	return m.Source(), m.Target(), nil
}

// inherited returns the settings that a model takes over from b; the user's settings are read over them.
func inherited(b *seq2seq.BeginOptions, defaults seq2seq.Config) seq2seq.Config {
	if b.From != nil && b.From.Kind() == b.Kind {
		defaults = b.From.Config()
	}
	return b.Inherit(defaults)
}

// inherit takes over the settings of the model in train.from, before other settings are read.
func (c *runConfig) inherit() error {
	c.Model = inherited(c.from, c.Model)
	from := c.from.From
	if from == nil || from.Kind() != c.Kind {
		return nil
	}
	switch c.Kind {
	case kindSeqAE:
		return from.About(&c.Autoencoder)
	case kindRepairer:
		return from.About(&c.Repair.Task)
	}
	return nil
}

// inheritFormat takes over the data format of the model in train.from, if no format is set and no named file implies
// one.
func (c *runConfig) inheritFormat() {
	d := &c.Data
	if c.from == nil || c.from.From == nil || c.from.From.Kind() != c.Kind || len(d.TrainSource)+len(d.TrainTarget)+len(d.Text)+len(d.Corpora) > 0 {
		return
	}
	theirs := formatOf(c.from.From.Summary())
	if d.Format == (corpora.Format{}) || d.Format == (corpora.Format{Type: theirs.Type}) {
		d.Format = theirs
	}
}

// learns reports whether a model that begins with b learns the tokenizer of a side.
func learns(b *seq2seq.BeginOptions, source, shared bool) bool {
	switch {
	case b == nil:
		return true
	case shared:
		return b.From == nil && b.Source == nil && b.Target == nil
	case source:
		return b.From == nil && b.Source == nil
	}
	return b.Target == nil && (b.From == nil || b.From.Kind() != b.Kind)
}

// logBeginning logs the model that the training begins with.
func logBeginning(log *slog.Logger, b *seq2seq.BeginOptions, m *seq2seq.Network, taken seq2seq.Adopted) {
	if taken == nil {
		return
	}
	taken.Log(log, b.Name)
	sides := []struct {
		side     string
		now, was *tokenize.Codec
	}{{"source", m.Source(), b.From.Source()}, {"target", m.Target(), b.From.Target()}}
	if m.Kind() == kindEmbedder {
		sides = sides[:1] // one vocabulary
	}
	for _, s := range sides {
		if n := s.now.Size() - s.was.Size(); n > 0 && s.now.Vocab().Token(int32(s.was.Size()-1)) == s.was.Vocab().Token(int32(s.was.Size()-1)) {
			log.Info("new tokens", "side", s.side, "tokens", n, "of", s.now.Size())
		}
	}
}
