package seq2seq

import (
	"errors"
	"fmt"

	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
	"github.com/retell-rnn/retell/tokenize"
)

// Ensemble averages the probabilities that several models give to each token. The models share one target vocabulary;
// each reads the source with its own tokenizer. Attention is the mean over the models whose source tokens equal the
// first model's.
//
// An ensemble of one model returns the same results as that model, at the same speed. An ensemble is safe for
// concurrent use, like its models.
//
// Sutskever, Vinyals and Le, Sequence to Sequence Learning with Neural Networks, 2014.
type Ensemble struct {
	models []*Model
	alike  []bool // whether each model has the first model's source tokens
}

// NewEnsemble makes an ensemble of one or more models. Different target vocabularies are an error.
func NewEnsemble(models ...*Model) (*Ensemble, error) {
	if len(models) == 0 {
		return nil, errors.New("seq2seq: ensemble of no models: want at least one")
	}
	e := &Ensemble{models: models}
	for i, m := range models {
		if place := differing(models[0].target, m.target); place != "" {
			return nil, fmt.Errorf("seq2seq: ensemble: target vocabulary of model %d: %s: want the one of model 1", i+1, place)
		}
		columns := m.config.Encoder.Factors.Columns == models[0].config.Encoder.Factors.Columns // columns are not part of the tokens
		e.alike = append(e.alike, columns && differing(models[0].source, m.source) == "")
	}
	return e, nil
}

// differing describes the first difference between a and b; "" means none.
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

// Source returns the first model's source tokenizer. Attention and alignments refer to its tokens.
func (e *Ensemble) Source() *tokenize.Codec { return e.models[0].source }

// text returns a line without its feature columns, as the first model tokenizes it.
func (e *Ensemble) text(line string) string {
	return e.models[0].config.Encoder.Factors.text(e.Source().Config(), line)
}

// Unseen returns the words and characters of a line that the first model's source tokenizer lacks; see
// [Network.Unseen].
func (e *Ensemble) Unseen(line string) []string { return e.models[0].Unseen(line) }

// Target returns the tokenizer of the target side.
func (e *Ensemble) Target() *tokenize.Codec { return e.models[0].target }

// runner is an ensemble with a snapshot of its models' packed weights.
type runner struct {
	*Ensemble
	parts []*inference
}

// runner returns a runner for about the given number of rows at a time.
func (e *Ensemble) runner(rows int) *runner {
	r := &runner{Ensemble: e}
	for _, m := range e.models {
		r.parts = append(r.parts, m.inference(rows))
	}
	return r
}

// buffers returns a workspace; give returns it to the pool.
func (e *Ensemble) buffers() *rnn.Buffers { return e.models[0].buffers() }

func (e *Ensemble) release(b *rnn.Buffers) { e.models[0].release(b) }

// sourceBatch holds lines as each model reads them.
type sourceBatch [][]sourceLine // [model][line]

// encode returns a line as each model reads it; nil if any model finds no tokens in it.
func (e *Ensemble) encode(line string) []sourceLine {
	read, words := make([]sourceLine, len(e.models)), new([]string)
	for k, m := range e.models {
		if read[k] = m.encodeSource(line, words); len(read[k].src) == 0 {
			return nil
		}
	}
	return read
}

// add adds an encoded line.
func (s sourceBatch) add(read []sourceLine) {
	for k := range read {
		s[k] = append(s[k], read[k])
	}
}

// start begins a hypothesis for each of the one or more lines of src, with room for limit hypotheses.
func (r *runner) start(mem *rnn.Buffers, src sourceBatch, limit int) search.Stepper {
	var parts, attentive []search.Stepper
	var first *decoderStepper
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
