package rnn

import (
	"cmp"
	"fmt"
)

// Bridge turns the last states of an encoder's layers into the first states of a decoder's. The top layers are joined
// to each other; where the decoder has more layers than the encoder, the lower ones take the encoder's lowest state,
// and an LSTM that follows a GRU starts with zero cells. States of equal size are passed on as they are; others go
// through tanh(W h + b) for h and W c + b for c.
type Bridge struct {
	layers   []bridgeLayer // of the decoder, bottom first
	fromCell Cell
	toCell   Cell
}

type bridgeLayer struct {
	from int     // encoder layer
	h, c *Linear // nil: passed on
}

// NewBridge adds a bridge's parameters, if it needs any.
func NewBridge(ps *Params, name string, from Cell, fromLayers, fromHidden int, to Cell, toLayers, toHidden int, init Inits) *Bridge {
	from, to = cmp.Or(from, LSTM), cmp.Or(to, LSTM)
	b := &Bridge{fromCell: from, toCell: to}
	for l := range toLayers {
		bl := bridgeLayer{from: max(0, fromLayers-toLayers+l)}
		if fromHidden != toHidden {
			bl.h = NewLinear(ps, fmt.Sprintf("%s.%d.h", name, l), fromHidden, toHidden, init)
			bl.h.Tanh = true
			if from == LSTM && to == LSTM {
				bl.c = NewLinear(ps, fmt.Sprintf("%s.%d.c", name, l), fromHidden, toHidden, init)
			}
		}
		b.layers = append(b.layers, bl)
	}
	return b
}

// Forward maps the encoder's last states, bottom first, to the decoder's first states.
func (b *Bridge) Forward(p *Pass, last []State) []State {
	out := make([]State, len(b.layers))
	for l, bl := range b.layers {
		s := last[bl.from]
		if bl.h != nil {
			s.H = bl.h.Forward(p, s.H)
			if bl.c != nil {
				s.C = bl.c.Forward(p, s.C)
			}
		}
		if b.toCell == GRU || b.fromCell == GRU {
			s.C = nil
		}
		out[l] = s
	}
	return out
}

// Apply is Forward with no graph: states of batch sequences, as h and c.
func (b *Bridge) Apply(mem *Buffers, batch int, last [][2][]float32) [][2][]float32 {
	out := make([][2][]float32, len(b.layers))
	for l, bl := range b.layers {
		s := last[bl.from]
		if bl.h != nil {
			for i, layer := range []*Linear{bl.h, bl.c} {
				if layer != nil {
					y := mem.Take(batch * layer.Out)
					layer.Apply(batch, y, s[i])
					s[i] = y
				}
			}
		}
		if b.toCell == GRU || b.fromCell == GRU {
			s[1] = nil
		}
		out[l] = s
	}
	return out
}
