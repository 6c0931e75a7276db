package rnn

import "fmt"

// Bridge turns the last states of an encoder's layers into the first states of a decoder's layers. Layers are paired
// from the top. If the decoder has more layers than the encoder, its lower layers take the state of the encoder's
// lowest layer.
//
// States of equal size pass unchanged; others become tanh(W h + b) and W c + b. The memory c of an LSTM decoder after a
// GRU encoder starts at zero.
type Bridge struct {
	layers []bridgeLayer // of the decoder, bottom first
	shared int           // arrays that the states of both cells have
}

type bridgeLayer struct {
	from int       // encoder layer
	maps []*Linear // of each shared array; none if the sizes are equal
}

// NewBridge adds a bridge's parameters; with equal sizes there are none. Both cells must be kinds of [Cells], and all
// sizes at least 1.
func NewBridge(ps *Params, name string, from Cell, fromLayers, fromHidden int, to Cell, toLayers, toHidden int, init Inits) *Bridge {
	b := &Bridge{shared: min(from.cell().states, to.cell().states)}
	for l := range toLayers {
		bl := bridgeLayer{from: max(0, fromLayers-toLayers+l)}
		if fromHidden != toHidden {
			bl.maps = newStateMaps(ps, fmt.Sprintf("%s.%d", name, l), b.shared, fromHidden, toHidden, init)
		}
		b.layers = append(b.layers, bl)
	}
	return b
}

// Forward maps the encoder's last states [batch, fromHidden] to the decoder's first states [batch, toHidden], both
// bottom first.
func (b *Bridge) Forward(p *Pass, last []State) []State {
	out := make([]State, len(b.layers))
	for l, bl := range b.layers {
		s := last[bl.from].nodes()
		for i, m := range bl.maps {
			s[i] = m.Forward(p, s[i])
		}
		clear(s[b.shared:])
		out[l] = State{s[0], s[1]}
	}
	return out
}

// PackedBridge is a [Bridge] with no graph. It is immutable and safe for concurrent use.
type PackedBridge struct {
	layers []packedBridgeLayer
	shared int
}

type packedBridgeLayer struct {
	from int
	maps []*PackedLinear
}

// Pack copies the weights for products in an available precision.
func (b *Bridge) Pack(prec Precision) *PackedBridge {
	q := &PackedBridge{shared: b.shared}
	for _, bl := range b.layers {
		q.layers = append(q.layers, packedBridgeLayer{bl.from, packAll(prec, bl.maps)})
	}
	return q
}

// Forward is [Bridge.Forward] for states of batch sequences. The results may share memory with last; the rest lies in
// mem.
func (q *PackedBridge) Forward(mem *Buffers, batch int, last []StateValues) []StateValues {
	out := make([]StateValues, len(q.layers))
	for l, bl := range q.layers {
		s := last[bl.from].arrays()
		for i, m := range bl.maps {
			s[i] = m.forward(mem, batch, s[i])
		}
		clear(s[q.shared:])
		out[l] = StateValues{s[0], s[1]}
	}
	return out
}
