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

// Adopted lists the parameters of a model, in order, with what each took over from another model.
type Adopted []AdoptedParam

// AdoptedParam counts the rows that a parameter took over. A vector is one row, unless it has a number for each token.
type AdoptedParam struct {
	Name      string
	Taken, Of int

	row   int // numbers in a row
	known int // rows whose tokens the donor has, of a parameter over a vocabulary; else Of
}

// Parameters returns the number of parameters taken over, in whole or in part.
func (a Adopted) Parameters() int {
	n := 0
	for _, p := range a {
		if p.Taken > 0 {
			n++
		}
	}
	return n
}

// Numbers returns the number of weights taken over, and of all weights.
func (a Adopted) Numbers() (taken, of int) {
	for _, p := range a {
		taken, of = taken+p.Taken*p.row, of+p.Of*p.row
	}
	return taken, of
}

// Log logs what was taken over from the model of that name and which parts begin anew, in one line; at debug level, a
// line for each parameter.
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

// Adopt copies the parameters of another model that have the same name and shape. Of embeddings and the output layer,
// it copies the rows of tokens in both vocabularies, matched by their text. Other parameters stay as they are. A model
// that shares no parameter is an error. [Begin] makes a model that fits.
//
// Dai and Le, Semi-supervised Sequence Learning, 2015.
func (m *Network) Adopt(from *Network) (Adopted, error) {
	a, err := m.adopt(from.donor(""))
	if err != nil {
		return nil, fmt.Errorf("seq2seq: taking over weights: %w", err)
	}
	return a, nil
}

// AdoptFile is [Network.Adopt] from a model's file, of any kind.
func (m *Network) AdoptFile(path string) (Adopted, error) {
	d, err := openDonor(path)
	if err != nil {
		return nil, fmt.Errorf("seq2seq: %w", err)
	}
	a, err := m.adopt(d)
	if err != nil {
		return nil, fmt.Errorf("seq2seq: taking over weights of %s: %w", path, err)
	}
	return a, nil
}

// takeOver adopts the weights of a file for a training. Unless partial, they must cover most of the model.
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
			t.o.Log.Warn("the tokenizer is another than that of the model begun with: its lines become other tokens", "side", s.name)
		}
	}
	return nil
}

// uses reports whether rows of a side's embedding were taken over.
func (a Adopted) uses(side string) bool {
	return slices.ContainsFunc(a, func(p AdoptedParam) bool { return p.Taken > 0 && p.Name == side+".embedding.weight" })
}

// extends reports whether a tokenizer's vocabulary begins with another's whole vocabulary.
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

// donor is a model that another may adopt from.
type donor struct {
	config         Config
	kind           string
	tensors        []safetensors.Tensor
	source, target *tokenize.Codec
	origin         Origin
}

// donor returns the model as a donor. name is that of its file.
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

const sourceEmbedding = "source.embedding.weight"

func openDonor(path string) (*donor, error) {
	m, err := loadKind(path, AnyKind)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", path, err)
	}
	return m.donor(filepath.Base(path)), nil
}

func (m *Network) adopt(d *donor) (Adopted, error) {
	if m.fixed {
		return nil, errors.New("the model is quantized: want the one that it was made of")
	}
	var taken Adopted
	for p := range m.net.params.All() {
		taken = append(taken, d.give(p, m.sideOf(p)))
	}
	if taken.Parameters() == 0 {
		return nil, errors.New("the models have no parameter of one name and shape")
	}
	m.summary.Start = m.net.hash()
	origin := d.origin
	origin.Taken, origin.Of = taken.Numbers()
	m.summary.Origin = &origin
	m.changed()
	return taken, nil
}

// enough returns an error if a model took over too little: less than half of the weights of a donor of its kind, or
// less than the whole encoder of a donor of another kind.
func (m *Network) enough(a Adopted, d *donor) error {
	taken, of := 0, 0
	for _, p := range a {
		switch {
		case d.kind == m.kind:
			rows := p.Of
			if m.kept(p.Name, d) {
				rows = p.known // other rows are new
			}
			taken, of = taken+p.Taken*p.row, of+rows*p.row
		case p.Name == sourceEmbedding || strings.HasPrefix(p.Name, "encoder."):
			taken, of = taken+min(p.Taken, p.known), of+p.known
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

// codec returns the donor's tokenizer of a side.
func (d *donor) codec(s side) *tokenize.Codec {
	if s.source {
		return d.source
	}
	return d.target
}

// tensor returns the donor's values of a parameter of that name, if it has one.
func (d *donor) tensor(name string) (safetensors.Tensor, bool) {
	at := slices.IndexFunc(d.tensors, func(t safetensors.Tensor) bool { return t.Name == name })
	if at < 0 {
		return safetensors.Tensor{}, false
	}
	return d.tensors[at], true
}

// give copies the donor's values of p. side is the vocabulary that p has rows for.
func (d *donor) give(p *rnn.Param, side side) AdoptedParam {
	t, has := d.tensor(p.Name)
	if side.codec == nil {
		out := AdoptedParam{Name: p.Name, Of: len(p.W) / p.Columns(), row: p.Columns()}
		out.known = out.Of
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
		k, ok := d.codec(side).Vocab().ID(side.codec.Vocab().Token(int32(id)))
		if !ok {
			continue
		}
		out.known++
		if fits {
			copy(p.W[id*out.row:][:out.row], t.Data[int(k)*out.row:])
			out.Taken++
		}
	}
	return out
}

// rowsFit reports whether t has a row for each of the donor's tokens, as long as the rows of p.
func (d *donor) rowsFit(t safetensors.Tensor, p *rnn.Param, side side) bool {
	row := len(p.W) / side.codec.Size()
	return len(t.Data) == d.codec(side).Size()*row && slices.Equal(t.Shape[1:], p.Shape[1:])
}

// side is the tokenizer whose tokens a parameter has rows for, and whether it is the source's; the zero value is none.
type side struct {
	codec  *tokenize.Codec
	source bool
}

// sideOf returns the side whose tokens a parameter has rows for.
func (m *Network) sideOf(p *rnn.Param) side {
	switch {
	case p.Name == sourceEmbedding:
		return side{m.source, true}
	case m.net.head.rows(p) != noTokens:
		return side{m.target, false}
	}
	return side{}
}

// Origin describes the model that another began with.
type Origin struct {
	Model   string `json:"model,omitempty"` // name of the file, without its folder
	Kind    string `json:"kind"`            // kind of the model
	Weights string `json:"weights"`         // hash of the weights
	Steps   int    `json:"steps"`           // optimizer steps behind the weights
	Taken   int    `json:"taken"`           // number of weights taken over
	Of      int    `json:"of"`              // number of weights of the model that took them over
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
