package search

// Diverse divides a beam into groups that are searched one after the other at each step. A token costs Weight for each
// hypothesis of an earlier group that takes it at the same step: the Hamming diversity of Vijayakumar et al., Diverse
// Beam Search, 2016. The cost is no part of a hypothesis's probability.
type Diverse struct {
	Groups int // a divisor of the beam; 1 is plain beam search
	Weight float64
}

// diversity is the choice of the earlier groups at a step.
type diversity struct {
	weight float32
	chosen []int32
	logits []float32 // as they were
}

// note adds a group's choice.
func (d *diversity) note(b *beam, g *group) {
	for _, p := range g.kept {
		d.chosen = append(d.chosen, b.trail[p.last].token)
	}
}

// penalize lowers the logits of the chosen tokens; restore brings them back.
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
