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

// ModelSubject returns a model with its own baselines: [WordVectors], unless they are the model's vectors, and the
// untrained model with its initial weights.
func ModelSubject(name string, m *seq2seq.Network, opts *seq2seq.EmbedOptions) (Subject, error) {
	s := Subject{Model: Model(name, m, opts)}
	if words, ok := WordVectors(m, opts); ok {
		s.Baselines = append(s.Baselines, words)
	}
	untrained, err := Untrained(m, opts)
	s.Baselines = append(s.Baselines, untrained)
	return s, err
}

// WordVectors returns a baseline: the mean of a model's word vectors. It returns false if the vectors that opts choose
// are that mean, up to their length.
func WordVectors(m *seq2seq.Network, opts *seq2seq.EmbedOptions) (Embedder, bool) {
	var pool seq2seq.EmbedPooling
	if opts != nil {
		pool = opts.Pool
	}
	if m.MeansWords(pool) {
		return nil, false
	}
	return Model("word vectors", m, &seq2seq.EmbedOptions{Pool: seq2seq.EmbedWords}), true
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
