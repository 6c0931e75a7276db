package rnn

import (
	"cmp"
	"fmt"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/setting"
)

// Attention is the kind of a decoder's attention: how it scores the fit of its state h to an encoder state m. Empty means
// [NoAttention].
type Attention string

const (
	// NoAttention: the decoder sees the source through its first state alone.
	NoAttention Attention = "none"
	// Dot is h·m. Luong, Pham and Manning, Effective Approaches to Attention-based Neural Machine Translation, 2015.
	Dot Attention = "dot"
	// General is h·W m (Luong et al. 2015).
	General Attention = "general"
	// Concat is v·tanh(W [h; m]) (Luong et al. 2015).
	Concat Attention = "concat"
	// Bahdanau is v·tanh(W h + U m + b). Bahdanau, Cho and Bengio, Neural Machine Translation by Jointly Learning to Align
	// and Translate, 2015. The query is the decoder's new state, as for the other scores.
	Bahdanau Attention = "bahdanau"
)

// Attentions returns all kinds.
func Attentions() []Attention { return []Attention{NoAttention, Dot, General, Concat, Bahdanau} }

// MarshalText implements [encoding.TextMarshaler]. A kind that is none of [Attentions] is an error.
func (a Attention) MarshalText() ([]byte, error) { return setting.Marshal(a, Attentions()...) }

// UnmarshalText implements [encoding.TextUnmarshaler]. A text that is none of [Attentions] is an error.
func (a *Attention) UnmarshalText(text []byte) error {
	return setting.Unmarshal(a, text, Attentions()...)
}

// check returns the kind, the default in place of an empty one.
func (a Attention) check() (Attention, error) {
	a = cmp.Or(a, NoAttention)
	if err := setting.OneOf(a, Attentions()...); err != nil {
		return a, fmt.Errorf("attention %w", err)
	}
	return a, nil
}

// Additive reports whether the score is additive: [Concat] or [Bahdanau]. Coverage wants it.
func (a Attention) Additive() bool { return a == Concat || a == Bahdanau }

// attention is the attention part of a decoder: weights α = softmax over the source of score(h, m), context Σ α m, and
// the attentional vector tanh(W [context; h]).
type attention struct {
	score         Attention
	query, memory int // sizes of h and m
	out           int // size of the attentional vector
	key           int // size in which h and m are compared

	wk *Param // [key, memory]: general, additive
	wq *Param // [key, query]: additive
	bq *Param // [key]: bahdanau
	v  *Param // [1, key]: additive

	// wcov is [1, key], the weight of a row's coverage, the sum of its weights in the steps before, in an additive
	// score; nil without. See, Liu and Manning, Get To The Point: Summarization with Pointer-Generator Networks, 2017;
	// Tu et al., Modeling Coverage for Neural Machine Translation, 2016.
	wcov *Param

	wc *Param // [out, memory+query]
}

func newAttention(ps *Params, name string, c DecoderConfig) (*attention, error) {
	score, query, memory, out, init := c.Attention, c.Hidden, c.Memory, c.Out, c.Init
	a := &attention{score: score, query: query, memory: memory, out: out, key: query}
	if score == Dot && query != memory {
		return nil, fmt.Errorf("rnn: %s: dot attention between states of %d and %d: want equal sizes", name, query, memory)
	}
	if c.Coverage && !score.Additive() {
		return nil, fmt.Errorf("rnn: %s: coverage with %s attention: want concat or bahdanau", name, score)
	}
	if score != Dot {
		a.wk = ps.New(name+".memory.weight", init.matrix(1), a.key, memory)
	}
	if score.Additive() {
		a.wq = ps.New(name+".query.weight", init.matrix(1), a.key, query)
		a.v = ps.New(name+".v", init.matrix(1), 1, a.key)
	}
	if score == Bahdanau {
		a.bq = ps.New(name+".query.bias", Zero(), a.key)
	}
	if c.Coverage {
		a.wcov = ps.New(name+".coverage.weight", init.matrix(1), 1, a.key)
	}
	a.wc = ps.New(name+".output.weight", init.matrix(1), out, memory+query)
	return a, nil
}

// params are the attention's parameters.
func (a *attention) params() []*Param {
	var all []*Param
	for _, p := range []*Param{a.wk, a.wq, a.bq, a.v, a.wcov, a.wc} {
		if p != nil {
			all = append(all, p)
		}
	}
	return all
}

// attentionSteps is an attention with its weights packed: for forward steps transposed, for backward steps as they are.
type attentionSteps struct {
	*attention
	wk, wq, wcMemory, wcQuery kernel.Packed
}

func (s *attentionSteps) packForward(prec Precision, a *attention) {
	s.attention = a
	if a.wk != nil {
		s.wk.PackAs(prec, true, a.memory, a.key, a.wk.W, a.memory)
	}
	if a.wq != nil {
		s.wq.PackAs(prec, true, a.query, a.key, a.wq.W, a.query)
	}
	s.wcMemory.PackAs(prec, true, a.memory, a.out, a.wc.W, a.memory+a.query)
	s.wcQuery.PackAs(prec, true, a.query, a.out, a.wc.W[a.memory:], a.memory+a.query)
}

func (s *attentionSteps) packBackward(prec Precision, a *attention) {
	s.attention = a
	if a.wq != nil {
		s.wq.PackAs(prec, false, a.key, a.query, a.wq.W, a.query)
	}
	s.wcMemory.PackAs(prec, false, a.out, a.memory, a.wc.W, a.memory+a.query)
	s.wcQuery.PackAs(prec, false, a.out, a.query, a.wc.W[a.memory:], a.memory+a.query)
}

// keys returns what queries are compared with, [rows, key]: computed once for all steps.
func (s *attentionSteps) keys(mem *Buffers, memory []float32, rows int) []float32 {
	if s.score == Dot {
		return memory
	}
	keys := mem.Take(rows * s.key)
	s.wk.MulParallel(rows, memory, s.memory, 0, keys, s.key)
	return keys
}

// source is what one query may look at: rows of the memory and of the keys.
type source struct {
	memory, keys []float32
	rows         [][]int32 // of each sequence
}

// queries computes n queries of an additive score, q [n, key], from decoder states h [n, query].
func (s *attentionSteps) queries(n int, h, q []float32, mul product) {
	if s.bq != nil {
		kernel.SetRows(n, s.key, q, s.key, s.bq.W)
	} else {
		clear(q[:n*s.key])
	}
	mul(&s.wq, n, h, s.query, 1, q, s.key)
}

// glance is one query's look at its source.
type glance struct {
	q     []float32
	rows  []int32
	alpha []float32 // weights of the rows
	cov   []float32 // sums of the rows' weights in the steps before; nil without coverage
}

// attend computes a glance's weights over its rows and the context.
func (a *attention) attend(g glance, src *source, context, scratch []float32) {
	for i, r := range g.rows {
		key := src.keys[int(r)*a.key:][:a.key]
		if a.score.Additive() {
			a.compare(g, i, key, scratch)
			g.alpha[i] = kernel.Dot(a.v.W, scratch)
		} else {
			g.alpha[i] = kernel.Dot(g.q, key)
		}
	}
	kernel.Softmax(g.alpha)
	clear(context)
	for i, r := range g.rows {
		kernel.Axpy(g.alpha[i], src.memory[int(r)*a.memory:][:a.memory], context)
	}
}

// compare sets y to tanh of the sum that an additive score makes of the query and the key of row i.
func (a *attention) compare(g glance, i int, key, y []float32) {
	kernel.Add(y, g.q, key)
	if g.cov != nil {
		kernel.Axpy(g.cov[i], a.wcov.W, y)
	}
	kernel.Tanh(y, y)
}

// glanceGrads are the gradients of one glance. Those of the memory, the keys (the same buffer for dot scores) and all
// below are added to.
type glanceGrads struct {
	context      []float32 // given
	alpha        []float32 // given: what the loss has of the weights but for the context; nil for nothing
	memory, keys []float32
	q            []float32
	v            []float32 // additive scores
	cov, wcov    []float32 // coverage
}

// attendBackward computes the gradients of a glance. da is scratch as long as its rows.
func (a *attention) attendBackward(g glance, src *source, gr glanceGrads, da, scratch []float32) {
	var mean float32
	for i, r := range g.rows {
		at := int(r) * a.memory
		da[i] = kernel.Dot(gr.context, src.memory[at:][:a.memory])
		if gr.alpha != nil {
			da[i] += gr.alpha[i]
		}
		mean += g.alpha[i] * da[i]
		kernel.Axpy(g.alpha[i], gr.context, gr.memory[at:][:a.memory])
	}
	for i, r := range g.rows {
		ds := g.alpha[i] * (da[i] - mean)
		at := int(r) * a.key
		key, dkey := src.keys[at:][:a.key], gr.keys[at:][:a.key]
		if !a.score.Additive() {
			kernel.Axpy(ds, key, gr.q)
			kernel.Axpy(ds, g.q, dkey)
			continue
		}
		a.compare(g, i, key, scratch)
		for j, th := range scratch {
			gr.v[j] += ds * th
			d := ds * a.v.W[j] * (1 - th*th)
			scratch[j] = d
			gr.q[j] += d
			dkey[j] += d
		}
		if g.cov != nil {
			gr.cov[i] += kernel.Dot(scratch, a.wcov.W)
			kernel.Axpy(g.cov[i], scratch, gr.wcov)
		}
	}
}
