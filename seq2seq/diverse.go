package seq2seq

// diversity is what earlier groups of a diverse beam search chose at a step. Later ones search with logits that are
// lower by weight for each hypothesis that goes on with the token (the Hamming diversity of Vijayakumar et al., Diverse
// Beam Search, 2016); what the choice costs is not part of a hypothesis's probability.
type diversity struct {
	weight float32
	chosen []int32
	logits []float32 // as they were
}

// note adds what a group chose.
func (d *diversity) note(b *beam, g *group) {
	for _, p := range g.kept {
		d.chosen = append(d.chosen, b.trail[p.last].token)
	}
}

// penalize lowers the logits of what was chosen; restore brings them back.
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
