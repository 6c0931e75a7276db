package seq2seq

import (
	"slices"

	"github.com/retell-rnn/retell/rnn"
)

// adoptingHead is a head that copies some parameters of another model in its own way.
type adoptingHead interface {
	// adopt copies the donor's values of a parameter; ok is false for parameters that are copied as usual.
	adopt(d *donor, p *rnn.Param) (a AdoptedParam, ok bool)
}

// adopt copies the scores of a conditional random field for labels that both models have, matched by their text.
func (h *labeler) adopt(d *donor, p *rnn.Param) (AdoptedParam, bool) {
	k := slices.IndexFunc(h.columns, func(c labelColumn) bool {
		return c.crf != nil && (p == c.crf.Transitions || p == c.crf.Start || p == c.crf.End)
	})
	if k < 0 {
		return AdoptedParam{}, false
	}
	a := AdoptedParam{Name: p.Name, Of: len(p.W), row: 1}
	t, has := d.tensor(p.Name)
	theirs, err := labelColumns(d.target)
	if !has || err != nil || k >= len(theirs) || len(t.Shape) != len(p.Shape) || t.Shape[0] != len(theirs[k].names) {
		return a, true
	}
	ours, old := h.columns[k].names, theirs[k].names
	from := make([]int, len(ours)) // number of each label in the donor; -1 without
	for i, name := range ours {
		from[i] = slices.Index(old, name)
	}
	for i := range p.W {
		row, column := from[i/len(ours)%len(ours)], from[i%len(ours)]
		if len(p.Shape) == 1 {
			row = 0
		}
		if row >= 0 && column >= 0 {
			p.W[i] = t.Data[row*len(old)+column]
			a.Taken++
		}
	}
	a.shared = a.Taken
	return a, true
}
