package rnn

// repeated is the sum of min(attention, coverage) over all rows and their sources' tokens.
func (r *decoderRun) repeated() float32 {
	sum := 0.0
	for i, a := range r.tr.alpha { // both are 0 behind the end of a source
		sum += float64(min(a, r.tr.cov[i]))
	}
	return float32(sum)
}

// cover readies the gradients of a glance, whose sequence has a rank, for coverage: its weights are part of the
// coverage of all steps after, and both may be part of the loss.
func (gr *decoderGrads) cover(gg *glanceGrads, g glance, width, rank int) {
	gg.cov = gr.cov[rank*width:][:len(g.rows)]
	d := gr.dalpha[rank*width:][:len(g.rows)]
	copy(d, gg.cov)
	for i, a := range g.alpha {
		if gg.alpha != nil {
			d[i] += gg.alpha[i]
		}
		if a < g.cov[i] {
			d[i] += gr.repeated
		} else {
			gg.cov[i] += gr.repeated
		}
	}
	gg.alpha = d
}
