package seq2seq

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// Adopted says, for each parameter of a model in order, how much of it was copied from another model.
type Adopted []AdoptedParam

// AdoptedParam counts the rows of a parameter that were copied. A vector counts as one row, but the output layer's bias
// has a row for each token.
type AdoptedParam struct {
	Name      string
	Taken, Of int

	row    int // length of a row
	shared int // rows whose tokens the donor has too; Of for a parameter without a vocabulary
}

// Parameters returns the number of parameters copied, in whole or in part.
func (a Adopted) Parameters() int {
	n := 0
	for _, p := range a {
		if p.Taken > 0 {
			n++
		}
	}
	return n
}

// Numbers returns the number of weights copied and the number of all weights.
func (a Adopted) Numbers() (taken, of int) {
	for _, p := range a {
		taken, of = taken+p.Taken*p.row, of+p.Of*p.row
	}
	return taken, of
}

// Log logs one line: how much was copied from the named model, and which parts begin anew. At debug level, it also logs
// a line for each parameter.
func (a Adopted) Log(log *slog.Logger, name string) {
	var anew []string
	for _, p := range a {
		log.Debug("taken over", "parameter", p.Name, "rows", p.Taken, "of", p.Of)
		if part := partOf(p.Name); p.Taken == 0 && !slices.Contains(anew, part) {
			anew = append(anew, part)
		}
	}
	taken, of := a.Numbers()
	args := []any{"model", name, "parameters", fmt.Sprintf("%d of %d", a.Parameters(), len(a)), "numbers", fmt.Sprintf("%d of %d", taken, of)}
	if anew != nil {
		args = append(args, "new", strings.Join(anew, ","))
	}
	log.Info("begun with another model", args...)
}

// takeOver copies the weights of a file for a training. Unless partial is set, they must cover most of the model.
func (t *trainer) takeOver(path string, partial bool) error {
	d, err := openDonor(path)
	if err != nil {
		return err
	}
	a, err := t.adopt(d)
	if err == nil && !partial {
		err = t.enough(a, d)
	}
	if err != nil {
		return fmt.Errorf("taking over weights of %s: %w", path, err)
	}
	a.Log(t.o.Log, filepath.Base(path))
	for _, s := range []struct {
		name        string
		ours, their *tokenize.Codec
	}{{"source", t.source, d.source}, {"target", t.target, d.target}} {
		if a.uses(s.name) && !extends(s.ours, s.their) {
			t.o.Log.Warn("the tokenizer differs from the one of the model begun with: lines become other tokens", "side", s.name)
		}
	}
	return nil
}

// uses reports whether rows of a side's embedding were copied.
func (a Adopted) uses(side string) bool {
	return slices.ContainsFunc(a, func(p AdoptedParam) bool { return p.Taken > 0 && p.Name == side+".embedding.weight" })
}

// extends reports whether the vocabulary of c begins with the whole vocabulary of old.
func extends(c, old *tokenize.Codec) bool {
	if c.Size() < old.Size() {
		return false
	}
	for id := range int32(old.Size()) {
		if c.Vocab().Token(id) != old.Vocab().Token(id) {
			return false
		}
	}
	return true
}

// donor is a model whose weights another model may copy.
type donor struct {
	config         Config
	kind           string
	tensors        []safetensors.Tensor
	source, target *tokenize.Codec
	origin         Origin
}

// donor returns the model as a donor. name is the name of its file.
func (m *Network) donor(name string) *donor {
	d := &donor{
		config: m.config, kind: m.kind, tensors: m.net.tensors(""), source: m.source, target: m.target,
		origin: Origin{Model: name, Kind: m.kind, Weights: m.Fingerprint(), Steps: m.summary.Steps},
	}
	if m.config.TiedEmbeddings == TieAll { // one matrix for both
		t := d.tensors[slices.IndexFunc(d.tensors, func(t safetensors.Tensor) bool { return t.Name == m.net.source.Weight.Name })]
		t.Name = sourceEmbedding
		d.tensors = append(d.tensors, t)
	}
	return d
}

// Parameters of embeddings.
const (
	sourceEmbedding = "source.embedding.weight"
	ngramEmbedding  = "source.ngrams.weight"
	charEmbedding   = "source.chars.weight"
)

func openDonor(path string) (*donor, error) {
	m, err := loadKind(path, AnyKind)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", path, err)
	}
	return m.donor(filepath.Base(path)), nil
}

// adopt copies the donor's parameters of the same name and shape. For embeddings and the output layer, it copies the
// rows of tokens that both vocabularies have, matched by their text. Other parameters stay as they are. A donor without
// a matching parameter is an error.
//
// Dai and Le, Semi-supervised Sequence Learning, 2015.
func (m *Network) adopt(d *donor) (Adopted, error) {
	if m.quantized {
		return nil, errors.New("the model is quantized: want the original")
	}
	var taken Adopted
	head, own := m.net.head.(adoptingHead)
	for p := range m.net.params.All() {
		var a AdoptedParam
		var done bool
		if own {
			a, done = head.adopt(d, p)
		}
		if !done {
			a = d.copyParam(p, m.sideOf(p))
		}
		taken = append(taken, a)
	}
	if taken.Parameters() == 0 {
		return nil, errors.New("the models have no parameter of the same name and shape")
	}
	m.summary.Start = m.net.hash()
	origin := d.origin
	origin.Taken, origin.Of = taken.Numbers()
	m.summary.Origin = &origin
	m.changed()
	return taken, nil
}

// enough returns an error if too little was copied: half of the weights or less from a donor of the same kind, or less
// than the whole encoder from a donor of another kind.
func (m *Network) enough(a Adopted, d *donor) error {
	taken, of := 0, 0
	for _, p := range a {
		switch {
		case d.kind == m.kind:
			rows := p.Of
			if m.kept(p.Name, d) {
				rows = p.shared // other rows are new
			}
			taken, of = taken+p.Taken*p.row, of+rows*p.row
		case p.Name == sourceEmbedding || p.Name == ngramEmbedding || p.Name == charEmbedding || strings.HasPrefix(p.Name, "encoder."):
			taken, of = taken+min(p.Taken, p.shared), of+p.shared
		}
	}
	if enough := 2*taken > of; enough && (d.kind == m.kind || taken == of) {
		return nil
	}
	what, unit := "model", "numbers"
	if d.kind != m.kind {
		what, unit = "encoder", "rows"
	}
	err := fmt.Errorf("too little of the %s fits, %d of %d %s: want a model of the same settings, or train.from_partial", what, taken, of, unit)
	o := BeginOptions{Name: d.origin.Model, Kind: m.kind}
	return errors.Join(err, o.check(m.config, d))
}

// kept reports whether a parameter has rows over a vocabulary that extends the donor's.
func (m *Network) kept(name string, d *donor) bool {
	s := m.sideOf(m.net.params.Get(name))
	return s.codec != nil && extends(s.codec, d.codec(s))
}

// codec returns the donor's tokenizer for a side.
func (d *donor) codec(s side) *tokenize.Codec {
	if s.source {
		return d.source
	}
	return d.target
}

// tensor returns the donor's values of the named parameter, if it has one.
func (d *donor) tensor(name string) (safetensors.Tensor, bool) {
	at := slices.IndexFunc(d.tensors, func(t safetensors.Tensor) bool { return t.Name == name })
	if at < 0 {
		return safetensors.Tensor{}, false
	}
	return d.tensors[at], true
}

// copyParam copies the donor's values of p. side is the vocabulary whose tokens the rows of p stand for.
func (d *donor) copyParam(p *rnn.Param, side side) AdoptedParam {
	t, has := d.tensor(p.Name)
	if side.codec == nil {
		out := AdoptedParam{Name: p.Name, Of: len(p.W) / p.Columns(), row: p.Columns()}
		out.shared = out.Of
		if has && slices.Equal(t.Shape, p.Shape) {
			copy(p.W, t.Data)
			out.Taken = out.Of
		}
		return out
	}
	out := AdoptedParam{Name: p.Name, Of: side.codec.Size()}
	out.row = len(p.W) / out.Of
	fits := has && d.rowsFit(t, p, side)
	for id := range out.Of {
		k, ok := d.id(side, side.codec.Vocab().Token(int32(id)))
		if !ok {
			continue
		}
		out.shared++
		if fits {
			copy(p.W[id*out.row:][:out.row], t.Data[int(k)*out.row:])
			out.Taken++
		}
	}
	return out
}

// id returns the donor's id of a token. Punctuation that the donor joins to words is the same token without them.
func (d *donor) id(side side, token string) (int32, bool) {
	codec := d.codec(side)
	id, ok := codec.Vocab().ID(token)
	if ok || side.codec.Config().Kind != tokenize.Fields || codec.Config().Kind != tokenize.Words {
		return id, ok
	}
	for _, joined := range []string{"￭" + token, token + "￭", "￭" + token + "￭"} {
		if id, ok := codec.Vocab().ID(joined); ok {
			return id, true
		}
	}
	return 0, false
}

// rowsFit reports whether t has one row for each of the donor's tokens, and rows as long as those of p.
func (d *donor) rowsFit(t safetensors.Tensor, p *rnn.Param, side side) bool {
	row := len(p.W) / side.codec.Size()
	return len(t.Data) == d.codec(side).Size()*row && slices.Equal(t.Shape[1:], p.Shape[1:])
}

// side is the tokenizer whose tokens the rows of a parameter stand for. The zero value means none.
type side struct {
	codec  *tokenize.Codec
	source bool
}

// sideOf returns the side whose tokens the rows of a parameter stand for.
func (m *Network) sideOf(p *rnn.Param) side {
	switch {
	case p.Name == sourceEmbedding:
		return side{m.source, true}
	case m.net.head.rows(p) != noTokens:
		return side{m.target, false}
	}
	return side{}
}

// Origin describes the model that another model began with.
type Origin struct {
	Model   string `json:"model,omitempty"` // name of the file, without its folder
	Kind    string `json:"kind"`            // kind of the model
	Weights string `json:"weights"`         // hash of the weights
	Steps   int    `json:"steps"`           // optimizer steps that made the weights
	Taken   int    `json:"taken"`           // number of weights copied
	Of      int    `json:"of"`              // number of weights of the new model
}

// Fingerprint returns a hash of the weights.
func (m *Network) Fingerprint() string { return m.net.hash() }

// hash returns a hash of the parameters' values.
func (n *layers) hash() string {
	h := sha256.New()
	var b []byte
	for p := range n.params.All() {
		b = append(b[:0], p.Name...)
		for _, w := range p.W {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(w))
		}
		_, _ = h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
