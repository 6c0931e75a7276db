package seqae

import (
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/tokenize"
)

// TestBegin holds that an autoencoder extends another one's vocabulary with new words, counts each line once, and can
// start from the encoder of a translator.
func TestBegin(t *testing.T) {
	c := smallConfig()
	c.Model.Source = tokenize.Config{Kind: tokenize.Space}
	c.Model.Target, c.Model.SharedVocab = c.Model.Source, true
	base, err := New(c, []string{"a b c", "b c"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	m, taken, err := Begin(c, []string{"a new b"}, 2, &seq2seq.BeginOptions{From: base.Network})
	if err != nil {
		t.Fatal(err)
	}
	was, is := base.Source(), m.Source()
	id, ok := is.Vocab().ID("new")
	if !ok || int(id) != was.Size() || is.Vocab().Count(id) != 1 || m.Target() != is {
		t.Errorf("a new word has the id %d (%v), count %d: want %d and 1", id, ok, is.Vocab().Count(id), was.Size())
	}
	if n, of := taken.Numbers(); n != base.Parameters() || of != m.Parameters() {
		t.Errorf("%d of %d numbers are adopted: want %d of %d", n, of, base.Parameters(), m.Parameters())
	}

	d := seq2seq.DefaultConfig()
	d.Source, d.Target = c.Model.Source, c.Model.Source
	d.Encoder.Hidden, d.Encoder.Embedding, d.Decoder.Hidden, d.Decoder.Embedding = 6, 4, 6, 4
	translator, _, err := seq2seq.Begin(d, []corpora.Example{{Source: "x y", Targets: []string{"z"}}}, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := &seq2seq.BeginOptions{From: translator.Network, Kind: Kind}
	e := c
	e.Model = o.Inherit(c.Model)
	if m, _, err = Begin(e, []string{"x w"}, 2, o); err != nil {
		t.Fatal(err)
	}
	if x, ok := m.Source().Vocab().ID("x"); !ok || m.Summary().Origin.Kind != "seq2seq" || m.VectorModel.Config().Encoder.Hidden != 6 {
		t.Errorf("token x has id %d (%v), encoder of %d, origin %+v", x, ok, m.VectorModel.Config().Encoder.Hidden, m.Summary().Origin)
	}
}
