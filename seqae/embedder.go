package seqae

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/quote"
	"github.com/retell-rnn/retell/seq2seq"
)

// Embedder turns texts into vectors for search and comparison. Unless its options say otherwise, vectors have length 1,
// so that dot products are cosines. A vector has the same bits whatever the other texts. An Embedder is safe for
// concurrent use.
//
// A text without tokens, such as a blank one, has a vector of zeros, whose cosine with every vector is 0.
// EmbedDocuments, EmbedQuery and EmbeddingFunc return an error instead, because a database cannot search for a vector
// without direction.
type Embedder struct {
	net     *seq2seq.Network
	options seq2seq.EmbedOptions
	size    int
}

// EmbedderOptions say which vectors an [Embedder] returns. The zero value and a nil pointer mean the defaults.
type EmbedderOptions struct {
	// Size is the number of first numbers of a vector to keep; 0 means all or, if contrast has trained only the first
	// numbers (bottleneck.contrast) and Raw is false, those. A model that was trained for several sizes (Kusupati et al.,
	// Matryoshka Representation Learning, 2022) loses little by fewer.
	Size int

	// Raw keeps the lengths of vectors. [seq2seq.VectorModel.Decode] needs raw vectors of full size.
	Raw bool

	Pool           seq2seq.EmbedPooling // see [seq2seq.EmbedOptions]
	BatchSentences int                  // texts encoded at a time; 0 means the default of [seq2seq.EmbedOptions]; does not change vectors
}

// EmbedderOf returns an embedder that uses the weights of a network: an autoencoder, an embedder, or any other, whose
// encoder's states are then pooled. Options that do not fit the network are an error.
func EmbedderOf(net *seq2seq.Network, opts *EmbedderOptions) (*Embedder, error) {
	var o EmbedderOptions
	if opts != nil {
		o = *opts
	}
	whole := o.Raw || o.Pool != "" && o.Pool != seq2seq.EmbedBottleneck
	if b := net.Config().Bottleneck; o.Size == 0 && !whole && b.Post == "" { // a post-processed vector is mapped as a whole
		o.Size = b.Contrast
	}
	e := &Embedder{net: net, options: seq2seq.EmbedOptions{Pool: o.Pool, Size: o.Size, Normalize: !o.Raw, BatchSentences: o.BatchSentences}}
	var err error
	if e.size, err = net.EmbeddingSize(&e.options); err != nil {
		return nil, err
	}
	return e, nil
}

// LoadEmbedder reads a model of any kind from a file. The errors are those of [seq2seq.LoadKind] and [EmbedderOf].
func LoadEmbedder(path string, opts *EmbedderOptions) (*Embedder, error) {
	net, err := seq2seq.LoadKind(path, seq2seq.AnyKind)
	if err != nil {
		return nil, err
	}
	e, err := EmbedderOf(net, opts)
	if err != nil {
		return nil, fmt.Errorf("seqae: model %s: %w", path, err)
	}
	return e, nil
}

// Size returns the size of the vectors.
func (e *Embedder) Size() int { return e.size }

// Stream yields the vector of each text, in order. An error about one text takes the place of its vector; see
// [corpora.IsLineError].
func (e *Embedder) Stream(ctx context.Context, texts iter.Seq2[string, error]) iter.Seq2[seq2seq.Embedding, error] {
	return e.net.Embed(ctx, texts, &e.options)
}

// Encode returns the vectors of texts, in order.
func (e *Embedder) Encode(ctx context.Context, texts []string) ([][]float32, error) {
	return e.encode(ctx, texts, e.options)
}

func (e *Embedder) encode(ctx context.Context, texts []string, o seq2seq.EmbedOptions) ([][]float32, error) {
	out := make([][]float32, 0, len(texts))
	for row, err := range e.net.Embed(ctx, corpora.Stream(texts), &o) {
		if err != nil {
			return nil, err
		}
		out = append(out, row.Vector)
	}
	return out, nil
}

// Similarity returns the cosine of each text of a with each text of b, [len(a)][len(b)].
func (e *Embedder) Similarity(ctx context.Context, a, b []string) ([][]float32, error) {
	u, v, err := e.both(ctx, a, b)
	if err != nil {
		return nil, err
	}
	all := make([]float32, len(a)*len(b))
	out := make([][]float32, len(a))
	kernel.Tasks(len(a), func(i int) {
		out[i] = all[i*len(b):][:len(b):len(b)]
		for j := range out[i] {
			out[i][j] = kernel.Dot(u[i], v[j])
		}
	})
	return out, nil
}

// PairSimilarity returns the cosine of each text of a with the text at the same place of b. Unequal numbers of texts
// are an error.
func (e *Embedder) PairSimilarity(ctx context.Context, a, b []string) ([]float32, error) {
	if len(a) != len(b) {
		return nil, fmt.Errorf("seqae: similarity of %d texts and %d: want equal numbers", len(a), len(b))
	}
	u, v, err := e.both(ctx, a, b)
	if err != nil {
		return nil, err
	}
	out := make([]float32, len(a))
	for i := range out {
		out[i] = kernel.Dot(u[i], v[i])
	}
	return out, nil
}

// both returns the vectors of a and b with length 1.
func (e *Embedder) both(ctx context.Context, a, b []string) (u, v [][]float32, err error) {
	o := e.options
	o.Normalize = true
	if u, err = e.encode(ctx, a, o); err == nil {
		v, err = e.encode(ctx, b, o)
	}
	return u, v, err
}

// EmbedDocuments is Encode without texts that have no tokens: the first is an error. With [Embedder.EmbedQuery] it
// implements embeddings.Embedder of LangChain-Go (tmc/langchaingo).
func (e *Embedder) EmbedDocuments(ctx context.Context, texts []string) ([][]float32, error) {
	out, err := e.Encode(ctx, texts)
	if err != nil {
		return nil, err
	}
	for i, v := range out {
		if !slices.ContainsFunc(v, func(x float32) bool { return x != 0 }) {
			return nil, fmt.Errorf("seqae: embedding: text %d: %s: its vector is zero: want a text with words", i+1, quote.Text(texts[i]))
		}
	}
	return out, nil
}

// EmbedQuery returns the vector of one text. Its result fits pgvector.NewVector of pgvector-go.
func (e *Embedder) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	out, err := e.EmbedDocuments(ctx, []string{text})
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// EmbeddingFunc returns EmbedQuery in the form that chromem-go (philippgille/chromem-go) takes.
func (e *Embedder) EmbeddingFunc() func(ctx context.Context, text string) ([]float32, error) {
	return e.EmbedQuery
}
