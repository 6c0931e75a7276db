package seq2seq

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// Adopted says what a model took over from another: one entry for each of its parameters, in their order.
type Adopted []AdoptedParam

// AdoptedParam says how many rows of a parameter were taken over; a vector other than one over a vocabulary is one row.
type AdoptedParam struct {
	Name      string
	Taken, Of int
}

// Parameters returns how many parameters were taken over, in whole or in part.
func (a Adopted) Parameters() int {
	n := 0
	for _, p := range a {
		if p.Taken > 0 {
			n++
		}
	}
	return n
}

// Adopt begins where another model has come to: it copies every parameter that both have under one name and in one shape. Of
// embeddings and the output layer it copies the rows of the tokens that both vocabularies have, by their written form, whatever
// their sizes. What the other does not have stays as it is. To take over nothing at all is an error.
//
// Dai and Le, Semi-supervised Sequence Learning, 2015.
func (m *Model) Adopt(from *Model) (Adopted, error) {
	a, err := m.adopt(&donor{from.net.tensors(""), from.source.Vocab(), from.target.Vocab()})
	if err != nil {
		return nil, fmt.Errorf("seq2seq: taking over weights: %w", err)
	}
	return a, nil
}

// AdoptFile is [Model.Adopt] from a file of a model of any kind.
func (m *Model) AdoptFile(path string) (Adopted, error) {
	a, err := m.adoptFile(path)
	if err != nil {
		return nil, fmt.Errorf("seq2seq: %w", err)
	}
	return a, nil
}

func (m *Model) adoptFile(path string) (Adopted, error) {
	d, err := openDonor(path)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", path, err)
	}
	a, err := m.adopt(d)
	if err != nil {
		return nil, fmt.Errorf("taking over weights of %s: %w", path, err)
	}
	return a, nil
}

// donor is what others may take over of a model.
type donor struct {
	tensors        []safetensors.Tensor
	source, target *tokenize.Vocab
}

func openDonor(path string) (*donor, error) {
	f, closeFile, err := open(path, AnyKind)
	if err != nil {
		return nil, err
	}
	defer closeFile()
	meta := f.Metadata()
	source, target, err := codecs(meta, meta[metaTarget] == "")
	if err != nil {
		return nil, err
	}
	d := &donor{source: source.Vocab(), target: target.Vocab()}
	for _, t := range f.Tensors() {
		data := make([]float32, t.Len())
		if err := f.Read(t.Name, data); err != nil {
			return nil, err
		}
		d.tensors = append(d.tensors, safetensors.Tensor{Name: t.Name, Shape: t.Shape, Data: data})
	}
	return d, nil
}

func (m *Model) adopt(d *donor) (Adopted, error) {
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
	m.changed()
	return taken, nil
}

// give copies into p what the donor has of it. side is that of the vocabulary whose tokens have a row each in p.
func (d *donor) give(p *rnn.Param, side side) AdoptedParam {
	at := slices.IndexFunc(d.tensors, func(t safetensors.Tensor) bool { return t.Name == p.Name })
	if side.vocab == nil {
		out := AdoptedParam{Name: p.Name, Of: len(p.W) / p.Columns()}
		if at >= 0 && slices.Equal(d.tensors[at].Shape, p.Shape) {
			copy(p.W, d.tensors[at].Data)
			out.Taken = out.Of
		}
		return out
	}
	out := AdoptedParam{Name: p.Name, Of: side.vocab.Size()}
	theirs := d.target
	if side.source {
		theirs = d.source
	}
	if at < 0 {
		return out
	}
	t, columns := d.tensors[at], len(p.W)/out.Of
	if len(t.Data) != theirs.Size()*columns || !slices.Equal(t.Shape[1:], p.Shape[1:]) {
		return out
	}
	for id := range out.Of {
		if k, ok := theirs.ID(side.vocab.Token(int32(id))); ok {
			copy(p.W[id*columns:][:columns], t.Data[int(k)*columns:])
			out.Taken++
		}
	}
	return out
}

// side is a vocabulary and which one it is; the zero value is none.
type side struct {
	vocab  *tokenize.Vocab
	source bool
}

// sideOf returns the side whose tokens have a row each in a parameter.
func (m *Model) sideOf(p *rnn.Param) side {
	switch p {
	case m.net.source.Weight:
		return side{m.source.Vocab(), true}
	case m.net.output.Weight, m.net.output.Bias:
		return side{m.target.Vocab(), false}
	}
	if m.net.target != nil && p == m.net.target.Weight {
		return side{m.target.Vocab(), false}
	}
	return side{}
}

// hash tells sets of weights apart.
func (n *network) hash() string {
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
