package seq2seq

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/corpora"
)

// BalancedWeights returns a weight for each label. With these weights, all labels contribute equally in training:
//
//	examples / (labels · examples with the label)
//
// Only an example's first label counts. The mean weight over the examples is 1.
func (c *Classifier) BalancedWeights(examples []corpora.Example) map[string]float64 {
	counts := map[string]int{}
	for _, e := range examples {
		if label := c.firstLabel(e); label != "" {
			counts[label]++
		}
	}
	return balanced(counts)
}

// balanced returns a weight for each label with a count: all counts / (labels · count).
func balanced(counts map[string]int) map[string]float64 {
	all := 0
	for _, n := range counts {
		all += n
	}
	weights := map[string]float64{}
	for label, n := range counts {
		weights[label] = float64(all) / float64(len(counts)) / float64(n)
	}
	return weights
}

// Weigh multiplies each example's weight by the weight of its first label, or by 1 if the label has none. A weight for
// a label that the classifier lacks is an error. Weigh the validation examples too; otherwise patience may end the
// training while the classifier predicts only large classes.
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

// firstLabel returns an example's first label, normalized; "" if it has none.
func (c *Classifier) firstLabel(e corpora.Example) string {
	if len(e.Targets) == 0 {
		return ""
	}
	return c.target.Normalize(e.Targets[0])
}
