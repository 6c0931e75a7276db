package seq2seq

import (
	"strings"

	"github.com/retell-rnn/retell/rnn"
)

// Figure is a number that an objective reports, beside the loss.
type Figure struct {
	Name  string // what it is of, a dot, and what it is, such as vector.gain
	Value float64
	Unit  string // such as nats a token; empty for counts
}

// Figures are what an objective reports of a step or a validation, in its order.
type Figures []Figure

// Of returns the figure of that name, and whether there is one.
func (f Figures) Of(name string) (value float64, ok bool) {
	for _, g := range f {
		if g.Name == name {
			return g.Value, true
		}
	}
	return 0, false
}

// Groups returns the figures by what they are of and what they are: vector.gain is Groups()["vector"]["gain"].
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

// lossSums are the figures of the losses of some batches.
type lossSums struct {
	rnn.LossStats
	sums []Figure // further ones, summed
	of   []int    // what each of them is a mean over
}

// note adds a figure of the mean of a sum over n.
func (s *lossSums) note(name, unit string, sum float64, n int) {
	for i := range s.sums {
		if s.sums[i].Name == name {
			s.sums[i].Value += sum
			s.of[i] += n
			return
		}
	}
	s.sums, s.of = append(s.sums, Figure{name, sum, unit}), append(s.of, n)
}

// add adds the figures of further batches.
func (s *lossSums) add(o lossSums) {
	s.LossStats.Add(o.LossStats)
	for i, f := range o.sums {
		s.note(f.Name, f.Unit, f.Value, o.of[i])
	}
}

// figures returns the means.
func (s *lossSums) figures() Figures {
	var means Figures
	for i, f := range s.sums {
		f.Value /= float64(s.of[i])
		means = append(means, f)
	}
	return means
}
