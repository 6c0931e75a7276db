package seq2seq

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
)

// Embedding is a line and its vector, zeros for a line without tokens. A Row of package vectors is the same type.
type Embedding = corpora.Embedding

// EmbedOptions say how lines become vectors. The zero value and a nil pointer mean the defaults.
type EmbedOptions struct {
	// Pool is the kind of vector: bottleneck, the vector that the decoder reads; mean, max, min, unit, first or last,
	// which pool the encoder's states; words, the mean of the embedded tokens, whatever their order; or several joined
	// by +. "" means bottleneck if the model has one, else mean.
	Pool EmbedPooling

	// Size is the number of first numbers to keep of a vector; 0 means all. Kusupati et al., Matryoshka Representation
	// Learning, 2022.
	Size int

	// Normalize scales vectors to length 1, after Size has cut them, so that dot products are cosines. The vector of a
	// line without tokens stays zero.
	Normalize bool

	BatchSentences int           // lines read at a time; 0 means 2,048; does not change vectors
	MaxWait        time.Duration // see [SearchOptions]
}

// resolve returns the options with defaults filled in, and checks them against the model.
func (o *EmbedOptions) resolve(m *Network) (EmbedOptions, error) {
	var r EmbedOptions
	if o != nil {
		r = *o
	}
	if _, labels := m.net.head.(*labeler); labels {
		return r, fmt.Errorf("vectors of a %s, which reads lines of tokens: want a model that reads lines of text", m.Kind())
	}
	_, has := m.net.head.(vectorHead)
	if r.Pool == "" {
		r.Pool = EmbedMean
		if has {
			r.Pool = EmbedBottleneck
		}
	}
	if r.BatchSentences == 0 {
		r.BatchSentences = 2048
	}
	var v setting.Check
	v.Name("pool", r.Pool)
	if slices.Contains(r.Pool.Kinds(), EmbedBottleneck) && !has {
		v.Add("pool", "bottleneck, which the model does not have: want mean, max, min, unit, first, last or words")
	}
	if slices.Contains(r.Pool.Kinds(), EmbedLast) && m.config.Encoder.Layers == 0 {
		v.Add("pool", "last of an encoder without layers, which has no last state: want mean, max, min, unit or first")
	}
	v.Between("batch_sentences", r.BatchSentences, 1, maxSize)
	if v.Err() == nil {
		full := m.vectorSize(r.Pool)
		if r.Size == 0 {
			r.Size = full
		}
		v.Between("size", r.Size, 1, full)
	}
	if err := v.Err(); err != nil {
		return r, fmt.Errorf("seq2seq: embedding: %w", err)
	}
	return r, nil
}

// EmbeddingSize returns the size of the vectors that Embed yields.
func (m *Network) EmbeddingSize(opts *EmbedOptions) (int, error) {
	o, err := opts.resolve(m)
	if err != nil {
		return 0, err
	}
	return o.Size, nil
}

// MeansWords reports whether the vectors of a pooling are those of [EmbedWords], up to their length.
func (m *Network) MeansWords(pool EmbedPooling) bool {
	b := m.config.Bottleneck
	switch {
	case pool == EmbedWords:
		return true
	case m.config.Encoder.Layers > 0:
		return false
	case pool == EmbedBottleneck || pool == "" && b.Size > 0:
		return cmp.Or(b.Pool, rnn.PoolMean) == rnn.PoolMean && b.Projection == rnn.ProjectNone && b.Post == ""
	}
	return cmp.Or(pool, EmbedMean) == EmbedMean
}

// vectorSize returns the size of the vectors of a pooling, all of their numbers.
func (m *Network) vectorSize(pool EmbedPooling) int {
	size := 0
	for _, kind := range pool.Kinds() {
		switch kind {
		case EmbedBottleneck:
			size += m.net.head.(vectorHead).vectorSize()
		case EmbedWords:
			size += m.config.Encoder.Embedding
		default:
			size += m.config.states()
		}
	}
	return size
}

// Embed yields the vector of each line, in order. It reads a batch of lines at a time. A line's vector is bit-identical
// whatever the other lines. An error about one line takes the place of its vector; see [Model.Translate].
func (m *Network) Embed(ctx context.Context, lines iter.Seq2[string, error], opts *EmbedOptions) iter.Seq2[Embedding, error] {
	return func(yield func(Embedding, error) bool) {
		o, err := opts.resolve(m)
		if err != nil {
			yield(Embedding{}, err)
			return
		}
		streamBatches(ctx, lines, o.BatchSentences, o.MaxWait, func(batch []string, _ int) ([]Embedding, error) {
			return m.embedBatch(ctx, batch, &o)
		})(yield)
	}
}

// embedPiece is the number of lines that a core embeds at a time.
const embedPiece = 128

// embedBatch returns the vectors of lines. The cores share pieces of lines of similar length, whose steps have nearly
// the same number of rows. The end of the context is an error between pieces.
func (m *Network) embedBatch(ctx context.Context, lines []string, o *EmbedOptions) ([]Embedding, error) {
	all := make([]float32, len(lines)*o.Size)
	out, src := make([]Embedding, len(lines)), make([]sourceLine, len(lines))
	kernel.Parallel(len(lines), func(lo, hi int) {
		lex := m.config.Encoder.NGrams.lexicon()
		for i := lo; i < hi; i++ {
			out[i] = Embedding{Text: lines[i], Vector: all[i*o.Size:][:o.Size:o.Size]}
			src[i] = m.encodeLine(lines[i], new([]string), lex)
		}
	})
	at := make([]int, 0, len(lines))
	for i := range src {
		if len(src[i].src) > 0 {
			at = append(at, i)
		}
	}
	slices.SortStableFunc(at, func(i, j int) int { return len(src[j].src) - len(src[i].src) })
	f := m.inference(manyRows)
	kernel.Tasks((len(at)+embedPiece-1)/embedPiece, func(k int) {
		if ctx.Err() == nil {
			m.embedLines(f, src, at[k*embedPiece:min(len(at), (k+1)*embedPiece)], out, o)
		}
	})
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return out, nil
}

// embedLines sets the vectors of the lines with the given indices. Each line has at least one token.
func (m *Network) embedLines(f *inference, src []sourceLine, at []int, out []Embedding, o *EmbedOptions) {
	mem := m.buffers()
	defer m.release(mem)
	lines := make([]sourceLine, len(at))
	for k, i := range at {
		lines[k] = src[i]
	}
	full := m.vectorSize(o.Pool)
	z := f.pooled(mem, lines, o.Pool, full)
	for k, i := range at {
		v := z[k*full:][:o.Size]
		if !o.Normalize || !kernel.Unit(out[i].Vector, v) {
			copy(out[i].Vector, v)
		}
	}
}

// Decode yields the line that the model writes for each bottleneck vector, in order. Source is empty. A vector of zeros
// stands for a line without tokens and yields an empty text. A text ends at MaxLengthConstant tokens; 0 means 200. An
// error about one vector takes the place of its translation; see [Model.Translate].
func (m *VectorModel) Decode(ctx context.Context, vectors iter.Seq2[[]float32, error], opts *SearchOptions) iter.Seq2[Translation, error] {
	return func(yield func(Translation, error) bool) {
		err := opts.Validate()
		if err == nil && opts.attends() {
			err = errors.New("align or replace_unknown: a vector has no words: want neither")
		}
		if err != nil {
			yield(Translation{}, fmt.Errorf("seq2seq: decoding vectors: %w", err))
			return
		}
		o := opts.resolved()
		if opts == nil || opts.MaxLengthConstant == 0 {
			o.MaxLengthConstant = 200
		}
		w := m.inference(o.rows()).head.(*packedVectorWriter)
		streamBatches(ctx, m.checked(vectors), o.BatchSentences, o.MaxWait, func(batch [][]float32, first int) ([]Translation, error) {
			return m.decodeBatch(ctx, w, batch, first, &o)
		})(yield)
	}
}

// checked yields the vectors that a bottleneck can return, and errors in place of the others.
func (m *VectorModel) checked(vectors iter.Seq2[[]float32, error]) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		row, want := 0, m.VectorSize()
		for v, err := range vectors {
			row++
			if err == nil && len(v) != want {
				err = corpora.LineError(fmt.Errorf("seq2seq: vector %d has %d numbers: want %d, the size of the model's bottleneck", row, len(v), want))
			}
			if at := slices.IndexFunc(v, func(x float32) bool { return math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) }); err == nil && at >= 0 {
				err = corpora.LineError(fmt.Errorf("seq2seq: vector %d: number %d is %v: want a finite one", row, at+1, v[at]))
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

// decodeBatch decodes vectors; number is the first one's number in the stream.
func (m *VectorModel) decodeBatch(ctx context.Context, w *packedVectorWriter, vectors [][]float32, number int, o *SearchOptions) ([]Translation, error) {
	mem := m.buffers()
	defer m.release(mem)
	out := make([]Translation, len(vectors))
	z := mem.Take(len(vectors) * m.VectorSize())[:0]
	var at []int
	var sentences []search.Sentence
	for i, v := range vectors {
		if slices.ContainsFunc(v, func(x float32) bool { return math.Float32bits(x)<<1 != 0 }) {
			z, at = append(z, v...), append(at, i)
			sentences = append(sentences, search.Sentence{Number: uint64(number + i)})
		}
	}
	if len(at) == 0 {
		return out, nil
	}
	s := w.decodeVectors(mem, len(at), z, len(at)*o.found())
	found, err := search.Run(ctx, s, sentences, o.search())
	if err != nil {
		return nil, err
	}
	if o.observes() {
		var each []float32
		rows := 0
		for k, hyps := range found {
			each = append(each, slices.Repeat(vectors[at[k]], len(hyps))...)
			rows += len(hyps)
		}
		if err := search.Observe(ctx, w.decodeVectors(mem, rows, each, 0), found, false, o.Confidence); err != nil {
			return nil, err
		}
	}
	for k, hyps := range found {
		m.alone().fill(&out[at[k]], hyps, "", sourceLine{}, o)
	}
	return out, nil
}
