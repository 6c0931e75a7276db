package rnn

import (
	"cmp"
	"fmt"
	"math"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/setting"
	"gorgonia.org/gorgonia"
)

// Pooling names a way to turn the states of a sequence's tokens into one vector. Empty means [PoolLast].
type Pooling string

const (
	// PoolLast is the state after the last token, or after the first token for a backward direction.
	PoolLast Pooling = "last"
	// PoolMean is the mean over the tokens.
	PoolMean Pooling = "mean"
	// PoolMax is the greatest value of each element over the tokens. Conneau et al., Supervised Learning of Universal
	// Sentence Representations from Natural Language Inference Data, 2017.
	PoolMax Pooling = "max"
	// PoolAttention is Σ α m with α = softmax over the tokens of v·tanh(W m + b). Lin et al., A Structured
	// Self-attentive Sentence Embedding, 2017.
	PoolAttention Pooling = "attention"
)

// Poolings returns all kinds of pooling.
func Poolings() []Pooling { return []Pooling{PoolLast, PoolMean, PoolMax, PoolAttention} }

// MarshalText implements [encoding.TextMarshaler]. A kind outside [Poolings] is an error.
func (p Pooling) MarshalText() ([]byte, error) { return setting.Marshal(p, Poolings()...) }

// UnmarshalText implements [encoding.TextUnmarshaler]. A text outside [Poolings] is an error.
func (p *Pooling) UnmarshalText(text []byte) error { return setting.Unmarshal(p, text, Poolings()...) }

// Pool sets out [batch, n], in the order of sequences, to the pooled states [rows, n], with no graph. The kind must be
// [PoolMean] or [PoolMax], which have no parameters.
func (p Pooling) Pool(out, states []float32, lay *Layout) {
	q := pool{kind: p, n: len(states) / lay.Rows()}
	q.forward(out, states, nil, lay)
}

// Pooler turns the states of each sequence into one vector.
type Pooler struct {
	keys    *Linear // for PoolAttention; otherwise nil
	pooling pool
}

// NewPooler adds the parameters for pooling states of the given size; only [PoolAttention] has any. An unknown kind is
// an error.
func NewPooler(ps *Params, name string, kind Pooling, size int, init Inits) (*Pooler, error) {
	kind = cmp.Or(kind, PoolLast)
	if err := setting.OneOf(kind, Poolings()...); err != nil {
		return nil, fmt.Errorf("rnn: %s: pooling %w", name, err)
	}
	q := &Pooler{pooling: pool{kind: kind, n: size}}
	if kind == PoolAttention {
		q.keys = NewLinear(ps, name+".keys", size, size, init)
		q.keys.Tanh = true
		q.pooling.key, q.pooling.v = size, ps.New(name+".v", init.matrix(1), 1, size)
	}
	return q, nil
}

// Forward returns the vectors [batch, size] for states [rows, size], laid out by lay. last [batch, size] are the states
// after each sequence's last token.
func (q *Pooler) Forward(p *Pass, states *gorgonia.Node, lay *Layout, last *gorgonia.Node) *gorgonia.Node {
	switch q.pooling.kind {
	case PoolLast:
		return last
	case PoolAttention:
		return q.pooling.apply(p, states, q.keys.Forward(p, states), lay)
	}
	return q.pooling.apply(p, states, nil, lay)
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

// Forward is [Pooler.Forward]. The result is last itself or lies in mem.
func (q *PackedPooler) Forward(mem *Buffers, states []float32, lay *Layout, last []float32) []float32 {
	a, keys := q.pooling, []float32(nil)
	switch a.kind {
	case PoolLast:
		return last
	case PoolAttention:
		keys, a.alpha = q.keys.forward(mem, lay.Rows(), states), mem.Take(lay.Rows())
	}
	out := mem.Take(lay.Batch() * a.n)
	a.forward(out, states, keys, lay)
	return out
}

// pool is the arithmetic of mean, max and attention pooling.
type pool struct {
	kind Pooling
	n    int // size of a state

	// Only PoolAttention uses these.
	key   int       // size of a token's key
	v     *Param    // [1, key]
	alpha []float32 // [rows]: weights
}

// eachRow calls f with the rows of a sequence's tokens, in order.
func (q *pool) eachRow(lay *Layout, seq int, f func(row int)) {
	for t := range lay.lens[seq] {
		f(lay.Row(seq, t))
	}
}

// forward pools states [rows, n]; keys are [rows, key].
func (q *pool) forward(out, states, keys []float32, lay *Layout) {
	kernel.Tasks(lay.Batch(), func(s int) {
		dst := out[s*q.n:][:q.n]
		switch q.kind {
		case PoolMean:
			clear(dst)
			q.eachRow(lay, s, func(r int) { kernel.Axpy(1, states[r*q.n:][:q.n], dst) })
			kernel.Scale(1/float32(lay.lens[s]), dst)
		case PoolMax:
			copy(dst, states[lay.Row(s, 0)*q.n:])
			q.eachRow(lay, s, func(r int) {
				for j, v := range states[r*q.n:][:q.n] {
					dst[j] = max(dst[j], v)
				}
			})
		case PoolAttention:
			q.weigh(keys, lay, s)
			clear(dst)
			q.eachRow(lay, s, func(r int) { kernel.Axpy(q.alpha[r], states[r*q.n:][:q.n], dst) })
		}
	})
}

// weigh sets the weights of a sequence in alpha.
func (q *pool) weigh(keys []float32, lay *Layout, seq int) {
	top := math.Inf(-1)
	q.eachRow(lay, seq, func(r int) {
		q.alpha[r] = kernel.Dot(q.v.W, keys[r*q.key:][:q.key])
		top = max(top, float64(q.alpha[r]))
	})
	sum := 0.0
	q.eachRow(lay, seq, func(r int) { sum += math.Exp(float64(q.alpha[r]) - top) })
	q.eachRow(lay, seq, func(r int) { q.alpha[r] = float32(math.Exp(float64(q.alpha[r])-top) / sum) })
}

// backward sets the gradients of the states and the keys from dout, the gradient of out, and dv [batch, key] to each
// sequence's part of v's gradient.
func (q *pool) backward(dout, out, states, keys, dstates, dkeys, dv []float32, lay *Layout) {
	kernel.Tasks(lay.Batch(), func(s int) {
		d := dout[s*q.n:][:q.n]
		switch q.kind {
		case PoolMean:
			each := 1 / float32(lay.lens[s])
			q.eachRow(lay, s, func(r int) {
				for j, v := range d {
					dstates[r*q.n+j] = each * v
				}
			})
		case PoolMax:
			top := out[s*q.n:][:q.n]
			given := make([]bool, q.n) // the first of equal maxima gets the gradient
			q.eachRow(lay, s, func(r int) {
				for j, v := range states[r*q.n:][:q.n] {
					dstates[r*q.n+j] = 0
					if v == top[j] && !given[j] {
						dstates[r*q.n+j], given[j] = d[j], true
					}
				}
			})
		case PoolAttention:
			clear(dv[s*q.key:][:q.key])
			mean := kernel.Dot(d, out[s*q.n:][:q.n]) // Σ α (d·m)
			q.eachRow(lay, s, func(r int) {
				state, dstate, key, dkey := states[r*q.n:][:q.n], dstates[r*q.n:][:q.n], keys[r*q.key:][:q.key], dkeys[r*q.key:][:q.key]
				ds := q.alpha[r] * (kernel.Dot(d, state) - mean)
				clear(dstate)
				kernel.Axpy(q.alpha[r], d, dstate)
				clear(dkey)
				kernel.Axpy(ds, q.v.W, dkey)
				kernel.Axpy(ds, key, dv[s*q.key:][:q.key])
			})
		}
	})
}

// apply adds the pooling of states to the graph; keys is nil without attention.
func (q pool) apply(p *Pass, states, keys *gorgonia.Node, lay *Layout) *gorgonia.Node {
	if !p.placed("pooling", lay) || !p.matrix("pooling", states, lay.Rows(), q.n) {
		return nil
	}
	inputs := []*gorgonia.Node{states}
	var params []*Param
	if keys != nil {
		inputs, params = append(inputs, keys), []*Param{q.v}
	}
	var in [][]float32
	var out []float32
	return p.apply(&fused{
		name:   "pool",
		params: params,
		outs:   []shape{{lay.Batch(), q.n}},
		forward: func(ins, outs [][]float32) {
			in, out = append(ins, nil)[:2], p.mem.Take(lay.Batch()*q.n)
			if keys != nil {
				q.alpha = p.mem.Take(lay.Rows())
			}
			q.forward(out, in[0], in[1], lay)
			outs[0] = out
		},
		backward: func(gout, gin [][]float32) {
			gin[0] = p.mem.Take(lay.Rows() * q.n)
			if keys == nil {
				q.backward(gout[0], out, in[0], nil, gin[0], nil, nil, lay)
				return
			}
			gin[1] = p.mem.Take(lay.Rows() * q.key)
			dv := p.mem.Take(lay.Batch() * q.key)
			q.backward(gout[0], out, in[0], in[1], gin[0], gin[1], dv, lay)
			addSums(&p.mem, lay.Batch(), dv, q.key, q.v)
		},
	}, inputs...)[0]
}
