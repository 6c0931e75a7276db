package rnn

import "gorgonia.org/gorgonia"

// Beside returns the states around each token, [rows, size]: of states [rows, size], the forward half of the token
// before it and the backward half of the token after it. Zeros stand beside a sequence's ends. With one bidirectional
// layer, nothing in a row depends on the row's own token.
func Beside(p *Pass, states *gorgonia.Node, lay *Layout) *gorgonia.Node {
	if !p.placed("beside", lay) || !p.matrix("beside", states, lay.Rows(), -1) {
		return nil
	}
	return gather(p, states, states.Shape()[1]/2, 2, beside(lay))
}

// PackedBeside is [Beside] without a graph.
func PackedBeside(mem *Buffers, states []float32, lay *Layout) []float32 {
	out := mem.Take(len(states))
	GatherRows(out, states, len(states)/lay.Rows()/2, beside(lay))
	return out
}

// beside lists the half rows that make up each row of [Beside].
func beside(lay *Layout) []int32 {
	halves := make([]int32, 2*lay.Rows())
	for s := range lay.Batch() {
		for t := range lay.Length(s) {
			at := 2 * lay.Row(s, t)
			halves[at], halves[at+1] = -1, -1
			if t > 0 {
				halves[at] = int32(2 * lay.Row(s, t-1))
			}
			if t+1 < lay.Length(s) {
				halves[at+1] = int32(2*lay.Row(s, t+1) + 1)
			}
		}
	}
	return halves
}
