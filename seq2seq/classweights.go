package seq2seq

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/corpora"
)

// BalancedWeights returns a weight for each label, with which all labels count alike in training:
//
//	examples / (labels · examples with the label)
//
// The first label of an example counts. The mean weight over the examples is 1.
func (c *Classifier) BalancedWeights(examples []corpora.Example) map[string]float64 {
	counts := map[string]int{}
	all := 0
	for _, e := range examples {
		if label := c.firstLabel(e); label != "" {
			counts[label]++
			all++
		}
	}
	weights := map[string]float64{}
	for label, n := range counts {
		weights[label] = float64(all) / float64(len(counts)) / float64(n)
	}
	return weights
}

// Weigh multiplies each example's weight by that of its first label; labels without one leave it as it is. A weight for
// a label that the classifier lacks is an error. Weigh the validation examples too, or patience ends the training while
// only large classes are found.
func (c *Classifier) Weigh(examples []corpora.Example, weights map[string]float64) error {
	labels := c.Labels()
	of := map[string]float64{}
	for _, label := range slices.Sorted(maps.Keys(weights)) {
		name, w := c.target.Normalize(label), weights[label]
		if !slices.Contains(labels, name) {
			return fmt.Errorf("seq2seq: classifier: a weight for the label %q: want one of %s", label, strings.Join(labels, ", "))
		}
		if !(w >= leastWeight && w <= mostWeight) {
			return fmt.Errorf("seq2seq: classifier: weight %v of the label %q: want %v to %v", w, label, leastWeight, mostWeight)
		}
		of[name] = w
	}
	for i := range examples {
		e := &examples[i]
		if w, ok := of[c.firstLabel(*e)]; ok {
			e.Weight = w * cmp.Or(e.Weight, 1)
		}
	}
	return nil
}

// firstLabel returns the first label of an example, normalized; "" for an example without one.
func (c *Classifier) firstLabel(e corpora.Example) string {
	if len(e.Targets) == 0 {
		return ""
	}
	return c.target.Normalize(e.Targets[0])
}
