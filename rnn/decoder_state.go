package rnn

import (
	"runtime"

	"github.com/retell-rnn/retell/internal/kernel"
)

// PackedDecoder is a [Decoder] with no graph, for decoding step by step. It is immutable and safe for concurrent use.
type PackedDecoder struct{ packed decoderUnits }

// Pack copies the weights for products in an available precision.
func (d *Decoder) Pack(prec Precision) *PackedDecoder {
	q := &PackedDecoder{}
	q.packed.packForward(prec, d)
	return q
}

// DecoderState holds hypotheses, one a row, and extends them token by token.
type DecoderState struct {
	packed    *decoderUnits
	tr        *decoderTrace
	scratch   []scratch
	condition []float32 // as long as tr.same; Reorder swaps the two
	limit     int       // rows of each half of the trace
	rows      int
	half      int // the half that holds the present states: 0 or 1
}

// DecoderInit is the input of a decoding; see [Decoder.Forward].
type DecoderInit struct {
	Batch     int
	Memory    []float32     // [source rows, Memory], laid out by Source; nil without attention
	Source    *Layout       // nil without attention
	States    []StateValues // by layer, bottom first, [Batch, Hidden]; layers past its end start at zero
	Condition []float32     // [Batch, Condition]; nil if the decoder has none
}

// Start returns a state with one hypothesis for each sequence, in order, and room for limit hypotheses. Its memory
// comes from mem.
func (q *PackedDecoder) Start(mem *Buffers, from DecoderInit, limit int) *DecoderState {
	d := q.packed.Decoder
	s := &DecoderState{packed: &q.packed, limit: max(limit, from.Batch), rows: from.Batch}
	s.tr = newDecoderTrace(mem, d, 2*s.limit, s.limit)
	if d.Condition > 0 {
		g := d.layers[0].width()
		s.tr.same, s.condition = mem.Take(s.limit*g), mem.Take(s.limit*g)
		copy(s.tr.same, q.packed.readCondition(mem, from.Batch, from.Condition))
	}
	if d.att != nil {
		order := make([]int, from.Batch)
		for i := range order {
			order[i] = i
		}
		s.tr.attend(mem, d, 2*s.limit, q.packed.att.newSource(mem, from.Memory, from.Source, order))
		clear(s.tr.out[:s.rows*d.Out])
	}
	s.setStates(from.States)
	for range runtime.GOMAXPROCS(0) {
		s.scratch = append(s.scratch, newScratch(mem, s.tr.att, d.att))
	}
	return s
}

// setStates sets the first states of all layers.
func (s *DecoderState) setStates(from []StateValues) {
	for l, lt := range s.tr.layers {
		var first states
		if l < len(from) {
			first = from[l].arrays()
		}
		for i, dst := range lt.state {
			switch {
			case dst == nil:
			case first[i] == nil:
				clear(dst[:s.rows*s.packed.Hidden])
			default:
				copy(dst[:s.rows*s.packed.Hidden], first[i])
			}
		}
	}
}

// Rows returns the number of hypotheses.
func (s *DecoderState) Rows() int { return s.rows }

// Step reads a token for each hypothesis, embedded in x [Rows, In]. It returns the decoder's outputs, [Rows, Out],
// valid until the next Step.
func (s *DecoderState) Step(x []float32) []float32 {
	d := s.packed.Decoder
	prev, at := s.half*s.limit, (1-s.half)*s.limit
	g := d.layers[0].width()
	gx := s.tr.layers[0].gx
	pieces := min(len(s.scratch), (s.rows+minPiece-1)/minPiece)
	mul := productFor(pieces)
	kernel.Tasks(pieces, func(i int) {
		lo, hi := i*s.rows/pieces, (i+1)*s.rows/pieces
		mul(&s.packed.embed, hi-lo, x[lo*d.In:], d.In, 0, gx[(at+lo)*g:], g)
		s.packed.step(s.tr, span{at: at + lo, n: hi - lo, prev: prev + lo, rank: lo}, s.scratch[i], mul)
	})
	s.half = 1 - s.half
	return s.tr.out[at*d.Out:][:s.rows*d.Out]
}

// minPiece is the smallest number of rows worth a core of their own.
const minPiece = 4

// Reorder makes hypothesis rows[i] the new hypothesis i. A hypothesis may be repeated or left out.
func (s *DecoderState) Reorder(rows []int) {
	d := s.packed.Decoder
	from, to := s.half*s.limit, (1-s.half)*s.limit
	move := func(x []float32, n int) {
		for i, r := range rows {
			copy(x[(to+i)*n:][:n], x[(from+r)*n:][:n])
		}
	}
	for _, lt := range s.tr.layers {
		for _, x := range lt.state {
			if x != nil {
				move(x, d.Hidden)
			}
		}
	}
	if d.att != nil {
		move(s.tr.att.out, d.Out)
		s.tr.att.reorder(rows, move)
	}
	if d.Condition > 0 {
		g := d.layers[0].width()
		for i, r := range rows {
			copy(s.condition[i*g:][:g], s.tr.same[r*g:][:g])
		}
		s.condition, s.tr.same = s.tr.same, s.condition
	}
	s.half, s.rows = 1-s.half, len(rows)
}

// Attention returns a row's attention weights in the last step over its source's tokens, valid until the next Step or
// Reorder; nil without attention.
func (s *DecoderState) Attention(row int) []float32 {
	if s.packed.Decoder.att == nil {
		return nil
	}
	return s.tr.att.weights(s.half*s.limit+row, row)
}
