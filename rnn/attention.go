package rnn

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/setting"
)

// Attention names a decoder's attention by its score of a decoder state h and an encoder state m. Empty means
// [NoAttention].
type Attention string

const (
	// NoAttention means that the decoder sees no encoder states.
	NoAttention Attention = "none"
	// Dot is h·m. Luong, Pham and Manning, Effective Approaches to Attention-based Neural Machine Translation, 2015.
	Dot Attention = "dot"
	// ScaledDot is h·m/√n for states of n numbers. Vaswani et al., Attention Is All You Need, 2017.
	ScaledDot Attention = "scaled_dot"
	// General is h·W m (Luong et al. 2015).
	General Attention = "general"
	// Concat is v·tanh(W [h; m]) (Luong et al. 2015).
	Concat Attention = "concat"
	// Bahdanau is v·tanh(W h + U m + b). Bahdanau, Cho and Bengio, Neural Machine Translation by Jointly Learning to
	// Align and Translate, 2015. The paper's h is the decoder's previous state; here h is the new one, as in the other
	// scores.
	Bahdanau Attention = "bahdanau"
)

// attentionScores is the table of all scores.
var attentionScores = [...]attentionScore{
	{name: Dot, scorer: newDot, equalSizes: true},
	{name: ScaledDot, scorer: newScaledDot, equalSizes: true},
	{name: General, scorer: newGeneral},
	{name: Concat, scorer: newConcat, coverage: true},
	{name: Bahdanau, scorer: newBahdanau, coverage: true},
}

// attentionScore describes a score.
type attentionScore struct {
	name       Attention
	scorer     func(ps *Params, name string, c DecoderConfig) scorer // adds the score's parameters
	equalSizes bool                                                  // see [Attention.EqualSizes]
	coverage   bool                                                  // the scorer reads coverage
}

// Attentions returns all kinds of attention.
func Attentions() []Attention {
	all := []Attention{NoAttention}
	for _, s := range attentionScores {
		all = append(all, s.name)
	}
	return all
}

// score returns the kind's row of the table, or the zero value if the table has none.
func (a Attention) score() attentionScore {
	for _, s := range attentionScores {
		if s.name == a {
			return s
		}
	}
	return attentionScore{}
}

// EqualSizes reports whether the states of decoder and encoder must have the same size, because the score multiplies
// them without a matrix.
func (a Attention) EqualSizes() bool { return a.score().equalSizes }

// CheckCoverage returns nil if the score can read coverage (see [DecoderConfig]), else an error that lists the scores
// that can.
func (a Attention) CheckCoverage() error {
	var with []Attention
	for _, s := range attentionScores {
		if s.coverage {
			with = append(with, s.name)
		}
	}
	if slices.Contains(with, a) {
		return nil
	}
	return fmt.Errorf("with %s attention: want %s", cmp.Or(a, NoAttention), setting.List(with...))
}

// MarshalText implements [encoding.TextMarshaler]. A kind outside [Attentions] is an error.
func (a Attention) MarshalText() ([]byte, error) { return setting.Marshal(a, Attentions()...) }

// UnmarshalText implements [encoding.TextUnmarshaler]. A text outside [Attentions] is an error.
func (a *Attention) UnmarshalText(text []byte) error {
	return setting.Unmarshal(a, text, Attentions()...)
}

// check returns the kind, or the default for an empty one.
func (a Attention) check() (Attention, error) {
	a = cmp.Or(a, NoAttention)
	if err := setting.OneOf(a, Attentions()...); err != nil {
		return a, fmt.Errorf("attention %w", err)
	}
	return a, nil
}

// attention is the attention of a decoder. For a decoder state h and encoder states m:
//
//	α = softmax(score(h, m)),  context = Σ α m,  out = tanh(W [context; h])
type attention struct {
	scorer
	toQuery, toKey *linearMap // the scorer's; nil is the identity
	own            []*Param   // the scorer's vectors

	hidden, memory int // sizes of h and m
	key            int // size of queries and keys
	out            int // size of the attentional vector

	wc *Param // [out, memory+hidden]
}

// newAttention adds an attention's parameters.
func newAttention(ps *Params, name string, c DecoderConfig) (*attention, error) {
	score := c.Attention.score()
	if score.equalSizes && c.Hidden != c.Memory {
		return nil, fmt.Errorf("rnn: %s: %s attention between states of %d and %d: want equal sizes", name, c.Attention, c.Hidden, c.Memory)
	}
	if c.Coverage {
		if err := c.Attention.CheckCoverage(); err != nil {
			return nil, fmt.Errorf("rnn: %s: coverage %w", name, err)
		}
	}
	a := &attention{scorer: score.scorer(ps, name, c), hidden: c.Hidden, memory: c.Memory, key: c.Hidden, out: c.Out}
	a.toQuery, a.toKey = a.maps()
	a.own = a.vectors()
	if a.toQuery != nil {
		a.key = a.toQuery.out
	}
	a.wc = ps.New(name+".output.weight", c.Init.matrix(1), c.Out, c.Memory+c.Hidden)
	return a, nil
}

func (a *attention) params() []*Param {
	return slices.Concat(a.toKey.params(), a.toQuery.params(), a.own, []*Param{a.wc})
}

// packedAttention is an attention with packed weights, for forward or for backward steps.
type packedAttention struct {
	*attention
	wq, wk, wcMemory, wcState kernel.Packed
}

func (s *packedAttention) packForward(prec Precision, a *attention) {
	s.attention = a
	if a.toQuery != nil {
		a.toQuery.pack(&s.wq, prec, true)
	}
	if a.toKey != nil {
		a.toKey.pack(&s.wk, prec, true)
	}
	s.wcMemory.PackAs(prec, true, a.memory, a.out, a.wc.W, a.memory+a.hidden)
	s.wcState.PackAs(prec, true, a.hidden, a.out, a.wc.W[a.memory:], a.memory+a.hidden)
}

func (s *packedAttention) packBackward(prec Precision, a *attention) {
	s.attention = a
	if a.toQuery != nil {
		a.toQuery.pack(&s.wq, prec, false)
	}
	s.wcMemory.PackAs(prec, false, a.out, a.memory, a.wc.W, a.memory+a.hidden)
	s.wcState.PackAs(prec, false, a.out, a.hidden, a.wc.W[a.memory:], a.memory+a.hidden)
}
