package seq2seq

import (
	"gorgonia.org/gorgonia"

	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/tokenize"
)

// Sizes of the language models beside a labeler, as in the paper.
const (
	neighborHidden = 50
	neighborTokens = 7500
)

// neighbors predicts the tokens beside each token: the next one from the forward states of the lowest recurrent layer,
// and the previous one from its backward states. Only training has it.
//
// Rei, Semi-supervised Multitask Learning for Sequence Labeling, 2017.
type neighbors struct {
	sides  []neighborSide
	tokens int // rarer tokens are <unk>
}

// neighborSide predicts the token on one side.
type neighborSide struct {
	states []int32 // columns of the states
	hidden *rnn.Linear
	output *rnn.Output
	before bool // predicts the previous token
}

func newNeighbors(b *builder) (*neighbors, error) {
	e := b.config.Encoder
	n := &neighbors{tokens: min(b.source.Size(), neighborTokens)}
	names := []string{"labels.next", "labels.previous"}
	if !e.Bidirectional {
		names = names[:1]
	}
	size := e.Hidden / len(names)
	for k, name := range names {
		side := neighborSide{before: k > 0, hidden: rnn.NewLinear(b.params, name+".hidden", size, neighborHidden, b.init)}
		side.hidden.Tanh = true
		for i := range size {
			side.states = append(side.states, int32(k*size+i))
		}
		var err error
		if side.output, err = rnn.NewOutput(b.params, name, neighborHidden, n.tokens, nil, b.init); err != nil {
			return nil, err
		}
		n.sides = append(n.sides, side)
	}
	return n, nil
}

// loss adds the cross-entropy of the neighbors to a pass. weights has the weight of each row; nil means 1.
func (n *neighbors) loss(p *rnn.Pass, e encoderOutput, pairs []pair, weights []float32) *gorgonia.Node {
	var sum *gorgonia.Node
	for _, side := range n.sides {
		targets := make([][]int32, len(pairs))
		for i, q := range pairs {
			targets[i] = side.targets(q.src, n.tokens)
		}
		x := side.hidden.Forward(p, rnn.Columns(p, e.lowest, side.states))
		sum = p.Sum(sum, side.output.WeightedLoss(p, x, e.layout.Place(targets), weights, 0, nil))
	}
	return sum
}

// targets returns the neighbor of each token.
func (s *neighborSide) targets(src []int32, tokens int) []int32 {
	var out []int32
	if s.before {
		out = append([]int32{tokenize.BOS}, src[:len(src)-1]...)
	} else {
		out = append(append(out, src[1:]...), tokenize.EOS)
	}
	for i, id := range out {
		if int(id) >= tokens {
			out[i] = tokenize.Unk
		}
	}
	return out
}
