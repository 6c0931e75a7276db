package probe

import (
	"context"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
)

// model is the Embedder of a network.
type model struct {
	name string
	of   *seq2seq.Network
	opts seq2seq.EmbedOptions
}

// Model returns the embedder of a network; see [seq2seq.Network.Embed].
func Model(name string, m *seq2seq.Network, opts *seq2seq.EmbedOptions) Embedder {
	e := &model{name: name, of: m}
	if opts != nil {
		e.opts = *opts
	}
	return e
}

// ModelSubject returns a model with two baselines: the mean of its word vectors, and the untrained model with its
// initial weights.
func ModelSubject(name string, m *seq2seq.Network, opts *seq2seq.EmbedOptions) (Subject, error) {
	untrained, err := Untrained(m, opts)
	return Subject{Model: Model(name, m, opts), Baselines: []Embedder{WordVectors(m), untrained}}, err
}

// WordVectors returns a baseline: the mean of a model's word vectors.
func WordVectors(m *seq2seq.Network) Embedder {
	return Model("word vectors", m, &seq2seq.EmbedOptions{Pool: seq2seq.EmbedWords})
}

// Untrained returns a baseline: a model with its initial weights.
func Untrained(m *seq2seq.Network, opts *seq2seq.EmbedOptions) (Embedder, error) {
	untrained, err := seq2seq.NewNetwork(m.Config(), m.Source(), m.Target(), m.Summary().Seed)
	if err != nil {
		return nil, err
	}
	return Model("untrained", untrained, opts), nil
}

func (e *model) Name() string { return e.name }

func (e *model) Embed(ctx context.Context, lines []string) (Vectors, error) {
	size, err := e.of.EmbeddingSize(&e.opts)
	if err != nil {
		return nil, err
	}
	data := make([]float32, 0, size*len(lines))
	for v, err := range e.of.Embed(ctx, corpora.Stream(lines), &e.opts) {
		if err != nil {
			return nil, err
		}
		data = append(data, v.Vector...)
	}
	return NewDense(size, data)
}
