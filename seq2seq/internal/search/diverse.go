package search

// Diverse divides a beam into groups, which each step searches one after the other. A token costs Weight for each
// hypothesis of an earlier group that takes it at the same step. The cost is not part of a hypothesis's probability.
//
// Vijayakumar et al., Diverse Beam Search, 2016 (Hamming diversity).
type Diverse struct {
	Groups int // divides the beam; 1 is plain beam search
	Weight float64
}

// diversity holds the tokens that earlier groups have chosen at a step.
type diversity struct {
	weight float32
	chosen []int32
	logits []float32 // values before penalize
}

// note adds the tokens that a group has chosen.
func (d *diversity) note(b *beam, g *group) {
	for _, p := range g.kept {
		d.chosen = append(d.chosen, b.trail[p.last].token)
	}
}

// penalize lowers the logits of the chosen tokens; restore undoes it.
func (d *diversity) penalize(logits []float32) {
	d.logits = d.logits[:0]
	for _, token := range d.chosen {
		d.logits = append(d.logits, logits[token])
		logits[token] -= d.weight
	}
}

func (d *diversity) restore(logits []float32) {
	for i := len(d.chosen) - 1; i >= 0; i-- {
		logits[d.chosen[i]] = d.logits[i]
	}
}
