package seq2seq

import (
	"errors"
	"fmt"

	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// Model is a [Network] with a decoder. It translates lines, and scores and explains translations.
type Model struct{ *Network }

// New makes an untrained model. The seed draws the first weights. [Learn] makes the tokenizers; with SharedVocab, both
// are the same one. A classifier's configuration is an error.
func New(c Config, source, target *tokenize.Codec, seed uint64) (*Model, error) {
	n, err := NewNetwork(c, source, target, seed)
	if err != nil {
		return nil, err
	}
	return ModelOf(n)
}

// Load reads a model from a file. Its errors tell files apart that are damaged, of another kind or of a later version;
// see [ErrDamaged], [ErrKind] and [ErrVersion].
func Load(path string) (*Model, error) {
	n, err := LoadKind(path, kindModel)
	if err != nil {
		return nil, err
	}
	return ModelOf(n)
}

// ModelOf returns the network as a model that shares its weights. A network without a decoder is an error.
func ModelOf(n *Network) (*Model, error) {
	if _, ok := n.net.head.(writingHead); !ok {
		return nil, safetensors.Mark(fmt.Errorf("seq2seq: a %s network does not write: want one with a decoder", n.config.head().file()), ErrKind)
	}
	return &Model{n}, nil
}

// Quantize returns a model for inference that multiplies in int8; see [Network.Quantize].
func (m *Model) Quantize() *Model { return &Model{m.Network.Quantize()} }

// VectorModel is a [Model] with a bottleneck: its decoder sees the source only as one vector. [Network.Embed] returns
// that vector, and Decode turns vectors into lines. Autoencoders are vector models.
type VectorModel struct{ *Model }

// VectorModelOf returns the network as a vector model that shares its weights. A network without a bottleneck is an
// error.
func VectorModelOf(n *Network) (*VectorModel, error) {
	if _, ok := n.net.head.(*vectorWriter); !ok {
		return nil, safetensors.Mark(errors.New("seq2seq: the network has no bottleneck: want an autoencoder"), ErrKind)
	}
	return &VectorModel{&Model{n}}, nil
}

// VectorSize returns the size of the bottleneck's vector.
func (m *VectorModel) VectorSize() int { return m.config.Bottleneck.Size }

// Quantize returns a model for inference that multiplies in int8; see [Network.Quantize].
func (m *VectorModel) Quantize() *VectorModel { return &VectorModel{m.Model.Quantize()} }

// embedding returns the table of target embeddings.
func (m *Model) embedding() *rnn.Embedding { return m.net.head.(writingHead).embedding() }
