package seq2seq

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/corpora"
)

// BalancedWeights returns a weight for each label of the first column, for [TrainOptions].LabelWeights. With these
// weights, all labels contribute equally in training:
//
//	tokens / (labels · tokens with the label)
//
// The mean weight over the tokens is 1.
func (l *Labeler) BalancedWeights(examples []corpora.Example) map[string]float64 {
	counts := map[string]int{}
	for _, e := range examples {
		if len(e.Targets) == 0 {
			continue
		}
		for _, label := range fields(l.target.Normalize(e.Targets[0])) {
			counts[label]++
		}
	}
	return balanced(counts)
}

// labelWeights returns the weight of each id of the target vocabulary; nil if the options have no weights.
func (m *Network) labelWeights(o *TrainOptions) ([]float32, error) {
	if len(o.LabelWeights) == 0 {
		return nil, nil
	}
	h, ok := m.net.head.(*labeler)
	if !ok {
		return nil, errors.New("options: weights of labels in a model that is no labeler: want none")
	}
	out := slices.Repeat([]float32{1}, m.target.Size())
	for _, label := range slices.Sorted(maps.Keys(o.LabelWeights)) {
		w, at := o.LabelWeights[label], slices.Index(h.columns[0].names, m.target.Normalize(label))
		switch {
		case at < 0:
			return nil, fmt.Errorf("options: a weight for the label %q: want one of %s", label, strings.Join(h.columns[0].names, ", "))
		case !(w >= leastWeight && w <= mostWeight):
			return nil, fmt.Errorf("options: weight %v of the label %q: want %v to %v", w, label, leastWeight, mostWeight)
		}
		out[h.columns[0].ids[at]] = float32(w)
	}
	return out, nil
}
