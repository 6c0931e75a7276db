package seq2seq

import (
	"fmt"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/setting"
	"github.com/retell-rnn/retell/rnn"
)

// EmbedPooling says how a line becomes a vector: one way, or several joined by +, such as bottleneck+max+min, whose
// vectors stand side by side. Empty means [EmbedBottleneck] in a model with a bottleneck, else [EmbedMean].
type EmbedPooling string

const (
	EmbedBottleneck EmbedPooling = "bottleneck" // the vector that the decoder reads
	EmbedMean       EmbedPooling = "mean"       // mean of the encoder's states
	EmbedMax        EmbedPooling = "max"        // greatest values of the encoder's states
	EmbedMin        EmbedPooling = "min"        // least values of the encoder's states
	EmbedUnit       EmbedPooling = "unit"       // mean of the encoder's states, each scaled to length 1
	EmbedFirst      EmbedPooling = "first"      // sum of the encoder's states, each with half the weight of the one before
	EmbedLast       EmbedPooling = "last"       // last states of the encoder
	EmbedWords      EmbedPooling = "words"      // mean of the embedded tokens, whatever their order
)

// EmbedPoolings returns all single kinds of pooling.
func EmbedPoolings() []EmbedPooling {
	return []EmbedPooling{EmbedBottleneck, EmbedMean, EmbedMax, EmbedMin, EmbedUnit, EmbedFirst, EmbedLast, EmbedWords}
}

// Kinds returns the single kinds that a pooling joins, in order; none for the default.
func (e EmbedPooling) Kinds() []EmbedPooling {
	if e == "" {
		return nil
	}
	var kinds []EmbedPooling
	for kind := range strings.SplitSeq(string(e), "+") {
		kinds = append(kinds, EmbedPooling(kind))
	}
	return kinds
}

// Check returns an error if a kind is not one of [EmbedPoolings] or occurs twice.
func (e EmbedPooling) Check() error {
	kinds := e.Kinds()
	for i, kind := range kinds {
		if setting.OneOf(kind, EmbedPoolings()...) != nil {
			return fmt.Errorf("%q: want %s, or several joined by +", string(e), setting.List(EmbedPoolings()...))
		}
		if slices.Contains(kinds[:i], kind) {
			return fmt.Errorf("%q: %s twice: want it once", string(e), kind)
		}
	}
	return nil
}

// MarshalText implements [encoding.TextMarshaler]. It returns the error of [EmbedPooling.Check].
func (e EmbedPooling) MarshalText() ([]byte, error) { return []byte(e), e.Check() }

// UnmarshalText implements [encoding.TextUnmarshaler]. It returns the error of [EmbedPooling.Check].
func (e *EmbedPooling) UnmarshalText(text []byte) error {
	value := EmbedPooling(text)
	if err := value.Check(); err != nil {
		return err
	}
	*e = value
	return nil
}

// pooled returns the vectors of lines, [lines, size]. Each line has at least one token.
func (f *inference) pooled(mem *rnn.Buffers, src []sourceLine, pool EmbedPooling, size int) []float32 {
	if pool == EmbedWords {
		return f.pooledWords(mem, src)
	}
	e := f.encode(mem, src)
	kinds := pool.Kinds()
	if len(kinds) == 1 {
		return f.pooledStates(mem, e, pool)
	}
	z, at := mem.Take(len(src)*size), 0
	for _, kind := range kinds {
		part := f.pooledStates(mem, e, kind)
		width := len(part) / len(src)
		for i := range src {
			copy(z[i*size+at:][:width], part[i*width:])
		}
		at += width
	}
	return z
}

// pooledWords returns the mean of each line's embedded tokens, [lines, size].
func (f *inference) pooledWords(mem *rnn.Buffers, src []sourceLine) []float32 {
	x, layout := f.embedTokens(mem, src)
	z := mem.Take(len(src) * len(x) / layout.Rows())
	rnn.PoolMean.Pool(z, x, layout)
	return z
}

// pooledStates returns the vectors of one kind of pooling, [lines, size].
func (f *inference) pooledStates(mem *rnn.Buffers, e packedEncoderOutput, kind EmbedPooling) []float32 {
	n := len(e.memory) / e.layout.Rows()
	z := mem.Take(len(e.lines) * n)
	switch kind {
	case EmbedBottleneck:
		z, _ = f.head.(packedVectors).vectors(mem, e)
	case EmbedMean:
		rnn.PoolMean.Pool(z, e.memory, e.layout)
	case EmbedMax:
		rnn.PoolMax.Pool(z, e.memory, e.layout)
	case EmbedMin:
		rnn.PoolMin.Pool(z, e.memory, e.layout)
	case EmbedUnit:
		unit := mem.Take(len(e.memory))
		for r := range e.layout.Rows() {
			if !kernel.Unit(unit[r*n:][:n], e.memory[r*n:][:n]) {
				clear(unit[r*n:][:n])
			}
		}
		rnn.PoolMean.Pool(z, unit, e.layout)
	case EmbedFirst:
		clear(z)
		for i := range e.lines {
			weight := float32(0.5)
			for t := range len(e.lines[i].src) {
				kernel.Axpy(weight, e.memory[e.layout.Row(i, t)*n:][:n], z[i*n:][:n])
				weight /= 2
			}
		}
	case EmbedWords:
		return f.pooledWords(mem, e.lines)
	default:
		return e.top()
	}
	return z
}
