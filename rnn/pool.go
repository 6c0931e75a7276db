package rnn

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/internal/setting"
	"gorgonia.org/gorgonia"
)

// Pooling names a way to turn the states of a sequence's tokens into one vector, or several ways joined by +, such as
// mean+max, which give their vectors side by side. Empty means [PoolLast].
type Pooling string

const (
	// PoolLast is the state after the last token, or after the first token for a backward direction.
	PoolLast Pooling = "last"
	// PoolMean is the mean over the tokens.
	PoolMean Pooling = "mean"
	// PoolMax is the greatest value of each element over the tokens. Conneau et al., Supervised Learning of Universal
	// Sentence Representations from Natural Language Inference Data, 2017.
	PoolMax Pooling = "max"
	// PoolMin is the least value of each element over the tokens.
	PoolMin Pooling = "min"
	// PoolAttention is Σ α m with α = softmax over the tokens of v·tanh(W m + b). Lin et al., A Structured
	// Self-attentive Sentence Embedding, 2017.
	PoolAttention Pooling = "attention"
)

// Poolings returns all single kinds of pooling.
func Poolings() []Pooling {
	return []Pooling{PoolLast, PoolMean, PoolMax, PoolMin, PoolAttention}
}

// Kinds returns the single kinds that a pooling joins, in order.
func (p Pooling) Kinds() []Pooling {
	if p == "" {
		return []Pooling{PoolLast}
	}
	var kinds []Pooling
	for kind := range strings.SplitSeq(string(p), "+") {
		kinds = append(kinds, Pooling(kind))
	}
	return kinds
}

// Has reports whether a pooling is, or joins, a single kind.
func (p Pooling) Has(kind Pooling) bool { return slices.Contains(p.Kinds(), kind) }

// Size returns the size of the pooled vector for states of the given size.
func (p Pooling) Size(states int) int { return len(p.Kinds()) * states }

// Check returns an error if a kind is not one of [Poolings] or occurs twice.
func (p Pooling) Check() error {
	kinds := p.Kinds()
	for i, kind := range kinds {
		if setting.OneOf(kind, Poolings()...) != nil {
			return fmt.Errorf("%q: want %s, or several joined by +", string(p), setting.List(Poolings()...))
		}
		if slices.Contains(kinds[:i], kind) {
			return fmt.Errorf("%q: %s twice: want it once", string(p), kind)
		}
	}
	return nil
}

// MarshalText implements [encoding.TextMarshaler]. It returns the error of [Pooling.Check].
func (p Pooling) MarshalText() ([]byte, error) { return []byte(p), p.Check() }

// UnmarshalText implements [encoding.TextUnmarshaler]. It returns the error of [Pooling.Check].
func (p *Pooling) UnmarshalText(text []byte) error {
	value := Pooling(text)
	if err := value.Check(); err != nil {
		return err
	}
	*p = value
	return nil
}

// Pool sets out [batch, Size(n)], in the order of sequences, to the pooled states [rows, n], with no graph. The kinds
// must be [PoolMean], [PoolMax] and [PoolMin], which have no parameters.
func (p Pooling) Pool(out, states []float32, lay *Layout) {
	q := pool{kinds: p.Kinds(), n: len(states) / lay.Rows()}
	q.forward(out, states, nil, nil, lay)
}

// Pooler turns the states of each sequence into one vector.
type Pooler struct {
	keys    *Linear // for PoolAttention; otherwise nil
	pooling pool
}

// NewPooler adds the parameters for pooling states of the given size; only [PoolAttention] has any. An unknown kind is
// an error.
func NewPooler(ps *Params, name string, kind Pooling, size int, init Inits) (*Pooler, error) {
	if err := kind.Check(); err != nil {
		return nil, fmt.Errorf("rnn: %s: pooling %w", name, err)
	}
	q := &Pooler{pooling: pool{kinds: kind.Kinds(), n: size}}
	if kind.Has(PoolAttention) {
		q.keys = NewLinear(ps, name+".keys", size, size, init)
		q.keys.Tanh = true
		q.pooling.key, q.pooling.v = size, ps.New(name+".v", init.matrix(1), 1, size)
	}
	return q, nil
}

// Out returns the size of the pooled vector.
func (q *Pooler) Out() int { return q.pooling.width() }

// Forward returns the vectors [batch, Out] for states [rows, size], laid out by lay. last [batch, size] are the states
// after each sequence's last token; it may be nil without [PoolLast].
func (q *Pooler) Forward(p *Pass, states *gorgonia.Node, lay *Layout, last *gorgonia.Node) *gorgonia.Node {
	a := q.pooling
	if last == nil && a.has(PoolLast) {
		p.fail(errors.New("rnn: pooling last: no last states: want recurrent layers or another pooling"))
		return nil
	}
	if a.has(PoolLast) && len(a.kinds) == 1 {
		return last
	}
	var keys *gorgonia.Node
	if q.keys != nil {
		keys = q.keys.Forward(p, states)
	}
	return a.apply(p, states, keys, last, lay)
}

// PackedPooler is a [Pooler] with no graph. It is immutable and safe for concurrent use.
type PackedPooler struct {
	keys    *PackedLinear // for PoolAttention; otherwise nil
	pooling pool
}

// Pack copies the weights for products in an available precision.
func (q *Pooler) Pack(prec Precision) *PackedPooler {
	packed := &PackedPooler{pooling: q.pooling}
	if q.keys != nil {
		packed.keys = q.keys.Pack(prec)
	}
	return packed
}

// Out returns the size of the pooled vector.
func (q *PackedPooler) Out() int { return q.pooling.width() }

// Forward is [Pooler.Forward]. The result is last itself or lies in mem.
func (q *PackedPooler) Forward(mem *Buffers, states []float32, lay *Layout, last []float32) []float32 {
	a, keys := q.pooling, []float32(nil)
	if a.has(PoolLast) && len(a.kinds) == 1 {
		return last
	}
	if q.keys != nil {
		keys, a.alpha = q.keys.forward(mem, lay.Rows(), states), mem.Take(lay.Rows())
	}
	out := mem.Take(lay.Batch() * a.width())
	a.forward(out, states, keys, last, lay)
	return out
}
