package seq2seq

import (
	"strings"

	"github.com/retell-rnn/retell/rnn"
)

// Figure is a named number that an objective reports beside the loss.
type Figure struct {
	Name  string // a group and a name within it, such as vector.gain
	Value float64
	Unit  string // for example nats a token; empty for counts
}

// Figures are the figures of a step or a validation, in display order.
type Figures []Figure

// Of returns the value of the named figure, and whether it exists.
func (f Figures) Of(name string) (value float64, ok bool) {
	for _, g := range f {
		if g.Name == name {
			return g.Value, true
		}
	}
	return 0, false
}

// Groups returns the values by group and name: Groups()["vector"]["gain"] is vector.gain.
func (f Figures) Groups() map[string]map[string]float64 {
	groups := make(map[string]map[string]float64)
	for _, g := range f {
		of, name, _ := strings.Cut(g.Name, ".")
		if groups[of] == nil {
			groups[of] = make(map[string]float64)
		}
		groups[of][name] = g.Value
	}
	return groups
}

// lossSums sums the losses and figures of one or more batches.
type lossSums struct {
	rnn.LossStats
	sums   []Figure // further figures, summed
	counts []int    // number of terms of each sum
}

// note adds a sum of n terms to the named figure, whose value is the mean of all terms.
func (s *lossSums) note(name, unit string, sum float64, n int) {
	for i := range s.sums {
		if s.sums[i].Name == name {
			s.sums[i].Value += sum
			s.counts[i] += n
			return
		}
	}
	s.sums, s.counts = append(s.sums, Figure{name, sum, unit}), append(s.counts, n)
}

// add adds the sums of further batches.
func (s *lossSums) add(o lossSums) {
	s.LossStats.Add(o.LossStats)
	for i, f := range o.sums {
		s.note(f.Name, f.Unit, f.Value, o.counts[i])
	}
}

// figures returns the mean of each figure.
func (s *lossSums) figures() Figures {
	var means Figures
	for i, f := range s.sums {
		f.Value /= float64(s.counts[i])
		means = append(means, f)
	}
	return means
}
