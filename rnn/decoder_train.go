package rnn

import (
	"fmt"

	"gorgonia.org/gorgonia"
)

// DecoderOutput is the output of [Decoder.Forward].
type DecoderOutput struct {
	Out *gorgonia.Node // [rows, Out]

	// Attention holds each row's weights over its source's tokens, [rows, longest source], 0 past the end of a source; nil
	// without attention.
	Attention *gorgonia.Node

	// Repeated is the coverage loss, a scalar: the sum of min(attention, coverage) over all rows and source tokens. As a
	// part of the loss it discourages repetition (See, Liu and Manning 2017). It is nil without coverage.
	Repeated *gorgonia.Node
}

// Forward decodes whole sequences by teacher forcing. x [rows, In] holds the embedded target tokens, laid out by lay.
//
// memory [source rows, Memory] holds the encoder's states, laid out by src; both are nil without attention. from holds
// the first state of each layer, bottom first, [batch, Hidden]; layers past its end start at zero. Every step reads
// condition [batch, Condition]; nil if the decoder has none.
func (d *Decoder) Forward(p *Pass, x *gorgonia.Node, lay *Layout, memory *gorgonia.Node, src *Layout, from []State, condition *gorgonia.Node) DecoderOutput {
	inputs := d.inputs(p, x, lay, memory, src, from, condition)
	if inputs == nil {
		return DecoderOutput{}
	}
	f := &fused{name: "decoder", params: d.params(), outs: []shape{{lay.Rows(), d.Out}}}
	if d.att != nil {
		f.outs = append(f.outs, shape{lay.Rows(), src.Steps()})
	}
	if d.Coverage {
		f.outs = append(f.outs, shape{})
	}
	var r *decoderRun
	f.forward = func(in, out [][]float32) {
		r = d.run(p, lay, src, from, in)
		out[0] = r.tr.out
		if d.att != nil {
			out[1] = r.tr.att.alpha
		}
		if d.Coverage {
			out[2] = []float32{r.tr.att.repeated()}
		}
	}
	f.backward = func(gout, gin [][]float32) { r.backward(p.prec, gout, gin) }
	out := append(p.apply(f, inputs...), nil, nil)
	return DecoderOutput{Out: out[0], Attention: out[1], Repeated: out[2]}
}

// inputs checks the arguments of Forward and returns the nodes among them, in order; nil after a failure.
func (d *Decoder) inputs(p *Pass, x *gorgonia.Node, lay *Layout, memory *gorgonia.Node, src *Layout, from []State, condition *gorgonia.Node) []*gorgonia.Node {
	if !p.placed("decoder", lay) || !p.matrix("decoder", x, lay.Rows(), d.In) {
		return nil
	}
	inputs := []*gorgonia.Node{x}
	if d.att != nil {
		if !p.placed("decoder's memory", src) || !p.matrix("decoder's memory", memory, src.Rows(), d.Memory) {
			return nil
		}
		if src.Batch() != lay.Batch() {
			p.fail(fmt.Errorf("rnn: decoder of %d sequences: memory of %d: want equal numbers", lay.Batch(), src.Batch()))
			return nil
		}
		inputs = append(inputs, memory)
	}
	if len(from) > d.Layers {
		p.fail(fmt.Errorf("rnn: decoder of %d layers: %d first states: want at most one a layer", d.Layers, len(from)))
		return nil
	}
	for _, s := range from {
		for _, n := range s.nodes() {
			if n == nil {
				continue
			}
			if !p.matrix("decoder's first state", n, lay.Batch(), d.Hidden) {
				return nil
			}
			inputs = append(inputs, n)
		}
	}
	if d.Condition > 0 {
		if !p.matrix("decoder's condition", condition, lay.Batch(), d.Condition) {
			return nil
		}
		inputs = append(inputs, condition)
	}
	return inputs
}
