package seq2seq

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/tokenize"
)

// BPEDropout splits training text into pieces anew each time that training reads it; see
// [tokenize.Codec.EncodeDropout]. Its numbers are the probabilities, 0 to 1, of leaving out a merge on each side. It
// helps most on small corpora; 0.1 is usual. Validation and inference leave out nothing. Limits of length count the
// pieces without dropout.
//
// Provilkov, Emelianenko and Voita, BPE-Dropout: Simple and Effective Subword Regularization, 2020.
type BPEDropout struct {
	Source float64 `yaml:"source" json:"source"` // probability of leaving out a merge of the source, 0 (the default) to 1
	Target float64 `yaml:"target" json:"target"` // probability of leaving out a merge of the target, 0 (the default) to 1
}

// Validate returns [Violations], or nil.
func (d BPEDropout) Validate() error {
	var v setting.Check
	v.Within("source", d.Source, 0, 1)
	v.Within("target", d.Target, 0, 1)
	return v.Err()
}

// check returns an error if the model cannot train with this dropout.
func (d BPEDropout) check(m *Network) error {
	for _, side := range []struct {
		name  string
		p     float64
		codec *tokenize.Codec
	}{{"source", d.Source, m.source}, {"target", d.Target, m.target}} {
		if kind := side.codec.Config().Kind; side.p > 0 && kind != tokenize.BPE && kind != "" {
			return fmt.Errorf("options: bpe_dropout.%s: %v with tokens of kind %s: want 0, or bpe", side.name, side.p, kind)
		}
	}
	if d != (BPEDropout{}) && m.readsWords() {
		return errors.New("options: bpe_dropout with a model that copies or reads features or n-grams: want neither")
	}
	return nil
}

// texts holds the text of a pair.
type texts struct{ source, target string }

// keepTexts sets the texts of pairs, which hold all targets of the examples in order.
func (m *Network) keepTexts(pairs []pair, examples []corpora.Example) {
	i := 0
	for _, e := range examples {
		for _, target := range m.targetTexts(e) {
			pairs[i].texts = &texts{e.Source, target}
			i++
		}
	}
}

// segment encodes a pair anew from its texts, with dropout.
func (d BPEDropout) segment(m *Network, p *pair, rng *rand.Rand) {
	if d.Source > 0 {
		p.src = m.source.EncodeDropout(p.texts.source, d.Source, rng)
	}
	if d.Target > 0 {
		p.tgt = m.target.EncodeDropout(p.texts.target, d.Target, rng)
	}
}
