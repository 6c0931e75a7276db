package seq2seq

import (
	"errors"
	"fmt"

	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
	"github.com/retell-rnn/retell/tokenize"
)

// Ensemble averages the probabilities that several models give to each token. The models share one target vocabulary;
// each reads the source with its own tokenizer. Attention is the mean over the models that read the source in the same
// tokens as the first.
//
// An ensemble of one model is that model, at no cost. Like its models, an ensemble is safe for concurrent use.
//
// Sutskever, Vinyals and Le, Sequence to Sequence Learning with Neural Networks, 2014.
type Ensemble struct {
	models []*Model
	alike  []bool // whether a model reads the source as the first does
}

// NewEnsemble makes an ensemble of one model or more. Different target vocabularies are an error.
func NewEnsemble(models ...*Model) (*Ensemble, error) {
	if len(models) == 0 {
		return nil, errors.New("seq2seq: ensemble of no models: want at least one")
	}
	e := &Ensemble{models: models}
	for i, m := range models {
		if place := differing(models[0].target, m.target); place != "" {
			return nil, fmt.Errorf("seq2seq: ensemble: target vocabulary of model %d: %s: want that of model 1", i+1, place)
		}
		columns := m.config.Encoder.Factors.Columns == models[0].config.Encoder.Factors.Columns // they are no tokens
		e.alike = append(e.alike, columns && differing(models[0].source, m.source) == "")
	}
	return e, nil
}

// differing describes the first difference of b from a, "" if there is none.
func differing(a, b *tokenize.Codec) string {
	switch {
	case a == b:
		return ""
	case a.Config() != b.Config():
		return "another kind of tokens"
	case a.Size() != b.Size():
		return fmt.Sprintf("%d tokens, not %d", b.Size(), a.Size())
	}
	for id := range int32(a.Size()) {
		if x, y := a.Vocab().Token(id), b.Vocab().Token(id); x != y {
			return fmt.Sprintf("token %d is %q, not %q", id, y, x)
		}
	}
	return ""
}

// alone returns the model as an ensemble.
func (m *Model) alone() *Ensemble { return &Ensemble{[]*Model{m}, []bool{true}} }

// Models returns the models. The caller must not change the slice.
func (e *Ensemble) Models() []*Model { return e.models }

// Source returns the first model's source tokenizer, whose tokens attention and alignments refer to.
func (e *Ensemble) Source() *tokenize.Codec { return e.models[0].source }

// text returns a line without its features, as the first model tokenizes it.
func (e *Ensemble) text(line string) string {
	return e.models[0].config.Encoder.Factors.text(e.Source().Config(), line)
}

// Unseen returns the words of a line that the first model's source tokenizer lacks; see [Network.Unseen].
func (e *Ensemble) Unseen(line string) []string { return e.models[0].Unseen(line) }

// Target returns the tokenizer of the target side.
func (e *Ensemble) Target() *tokenize.Codec { return e.models[0].target }

// runner is an ensemble with its models' weights at one time, packed.
type runner struct {
	*Ensemble
	parts []*inference
}

// runner returns a runner for about that many rows at a time.
func (e *Ensemble) runner(rows int) *runner {
	r := &runner{Ensemble: e}
	for _, m := range e.models {
		r.parts = append(r.parts, m.inference(rows))
	}
	return r
}

// buffers returns a workspace; give returns it to the pool.
func (e *Ensemble) buffers() *rnn.Buffers { return e.models[0].buffers() }

func (e *Ensemble) give(b *rnn.Buffers) { e.models[0].give(b) }

// readings are lines as each model reads them.
type readings [][]reading // [model][line]

// encode returns a line as each model reads it; nil if a model finds no tokens in it.
func (e *Ensemble) encode(line string) []reading {
	read, words := make([]reading, len(e.models)), new([]string)
	for k, m := range e.models {
		if read[k] = m.read(line, words); len(read[k].src) == 0 {
			return nil
		}
	}
	return read
}

// add adds an encoded line.
func (s readings) add(read []reading) {
	for k := range read {
		s[k] = append(s[k], read[k])
	}
}

// start begins a hypothesis for each line of src, at least one, with room for limit hypotheses.
func (r *runner) start(mem *rnn.Buffers, src readings, limit int) search.Stepper {
	var parts, attentive []search.Stepper
	var first *decoding
	for k, f := range r.parts {
		d := f.decode(mem, f.encode(mem, src[k]), limit)
		if len(r.parts) == 1 {
			return d
		}
		parts = append(parts, d)
		if first == nil {
			first = d
		}
		if r.alike[k] && d.attends() && first.attends() {
			attentive = append(attentive, d)
		}
	}
	return search.Ensemble(parts, attentive)
}
