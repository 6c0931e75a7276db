package rnn

import (
	"runtime"

	"github.com/retell-rnn/retell/internal/kernel"
)

// decoderRun is a decoder's arithmetic over one batch.
type decoderRun struct {
	*Decoder
	mem       *Buffers
	lay, src  *Layout
	x         []float32
	from      []State
	condition []float32 // [batch, Condition] by rank
	tr        *decoderTrace
	pieces    [][]span  // for each core, the steps of its ranks
	scratch   []scratch // by piece
}

// run computes the forward steps. in holds the values of the nodes that inputs returns.
func (d *Decoder) run(p *Pass, lay, src *Layout, from []State, in [][]float32) *decoderRun {
	d.packed.packForward(p.prec, d)
	r := &decoderRun{Decoder: d, mem: &p.mem, lay: lay, src: src, x: in[0], from: from}
	r.tr = newDecoderTrace(r.mem, d, lay.Rows(), lay.Batch())
	r.read(in[1:])
	r.drawMasks(p)
	r.divide()
	r.packed.embed.MulParallel(lay.Rows(), r.x, d.In, 0, r.tr.layers[0].gx, d.layers[0].width())
	mul := productFor(len(r.pieces))
	kernel.Tasks(len(r.pieces), func(i int) {
		for _, sp := range r.pieces[i] {
			if d.InputFeeding {
				r.packed.step(r.tr, sp, r.scratch[i], mul)
			} else {
				r.packed.cells(r.tr, sp, mul)
			}
		}
	})
	if !d.InputFeeding {
		r.attendRows()
	}
	return r
}

// read prepares all inputs but the tokens: the memory, the first states and the conditions.
func (r *decoderRun) read(in [][]float32) {
	next := func() []float32 {
		x := in[0]
		in = in[1:]
		return x
	}
	if r.att != nil {
		r.tr.attend(r.mem, r.Decoder, r.lay.Rows(), r.packed.att.newSource(r.mem, next(), r.src, r.lay.order))
	}
	for l, s := range r.from {
		for i, n := range s.nodes() {
			if n != nil {
				r.tr.layers[l].first[i] = r.toRanks(next(), r.Hidden)
			}
		}
	}
	if r.Condition > 0 {
		r.condition = r.toRanks(next(), r.Condition)
		r.tr.same = r.packed.readCondition(r.mem, r.lay.Batch(), r.condition)
	}
}

// drawMasks draws the dropout masks, if the pass makes random decisions.
func (r *decoderRun) drawMasks(p *Pass) {
	tr, rows := r.tr, r.lay.Rows()
	if p.rng != nil && r.Dropout > 0 {
		for l := range r.Layers {
			size := r.Hidden
			if l == 0 {
				size = r.Out
			}
			if r.Sequence {
				tr.drop[l] = p.sequenceMask(r.lay, size, r.Dropout)
			} else {
				tr.drop[l] = p.mask(rows*size, r.Dropout)
			}
			tr.in[l] = r.mem.Take(rows * size)
		}
		tr.out = tr.in[0]
	}
	for _, lt := range tr.layers {
		lt.dropRecurrent(p, r.Recurrent, rows, r.lay.Batch(), r.Hidden)
	}
}

// divide divides the ranks among the cores.
func (r *decoderRun) divide() {
	var own Buffers // r.mem must not depend on the number of cores
	for _, c := range r.lay.chunks(runtime.GOMAXPROCS(0)) {
		r.pieces = append(r.pieces, spans(r.lay, false, c[0], c[1]))
		r.scratch = append(r.scratch, newScratch(&own, r.tr.att, r.att))
	}
}

// toRanks returns x [batch, n] in the order of ranks.
func (r *decoderRun) toRanks(x []float32, n int) []float32 {
	out := r.mem.Take(len(x))
	r.lay.toRanks(out, x, n)
	return out
}
