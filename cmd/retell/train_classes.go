package main

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
)

// balanced is the value of classes.weights with which all classes count alike.
const balanced = "balanced"

// parseClassWeights reads LABEL=WEIGHT,...; it returns nil for balanced and "". A label may contain commas and equals
// signs: the last equals sign before a number ends it.
func parseClassWeights(text string) (map[string]float64, error) {
	if text == "" || text == balanced {
		return nil, nil
	}
	weights := map[string]float64{}
	label := ""
	for piece := range strings.SplitSeq(text, ",") {
		label += piece
		at := strings.LastIndexByte(label, '=')
		w, err := strconv.ParseFloat(label[at+1:], 64)
		if at < 1 || err != nil {
			label += ","
			continue
		}
		if !(w > 0) {
			return nil, fmt.Errorf("%s: want a weight above 0", label)
		}
		if _, ok := weights[label[:at]]; ok {
			return nil, fmt.Errorf("two weights for the label %q: want one", label[:at])
		}
		weights[label[:at]] = w
		label = ""
	}
	if label != "" {
		return nil, fmt.Errorf("%q: want balanced or a list of LABEL=WEIGHT", strings.TrimSuffix(label, ","))
	}
	return weights, nil
}

// unequal is the least ratio of the largest to the smallest class that brings a warning.
const unequal = 5

// weigh sets the weights of examples from their classes. The training examples decide balanced weights.
func (c classesConfig) weigh(classifier *seq2seq.Classifier, train, valid []corpora.Example, log *slog.Logger) error {
	weights, err := parseClassWeights(c.Weights)
	if err != nil {
		return err
	}
	even := classifier.BalancedWeights(train)
	if c.Weights == balanced {
		weights = even
	}
	if weights == nil {
		warnUnequal(even, log)
		return nil
	}
	for _, examples := range [][]corpora.Example{train, valid} {
		if err := classifier.Weigh(examples, weights); err != nil {
			return err
		}
	}
	var said []string
	for _, label := range slices.Sorted(maps.Keys(weights)) {
		said = append(said, fmt.Sprintf("%s=%.4g", label, weights[label]))
	}
	log.Info("weights of classes", "weights", strings.Join(said, ","))
	return nil
}

// warnUnequal warns if the balanced weights of labels say that the largest class is several times the smallest.
func warnUnequal(even map[string]float64, log *slog.Logger) {
	by := func(a, b string) int { return cmp.Compare(even[a], even[b]) }
	labels := slices.Sorted(maps.Keys(even))
	large, small := slices.MinFunc(labels, by), slices.MaxFunc(labels, by)
	if even[small] >= unequal*even[large] {
		log.Warn("classes are of unequal size, and small ones may never be predicted: --class-weights balanced makes all count equally",
			"largest", large, "smallest", small, "times", fmt.Sprintf("%.0f", even[small]/even[large]))
	}
}

// unseenLabels returns the labels of examples that the classifier lacks, sorted.
func unseenLabels(c *seq2seq.Classifier, examples []corpora.Example) []string {
	known := map[string]bool{}
	for _, label := range c.Labels() {
		known[label] = true
	}
	unseen := map[string]bool{}
	for _, e := range examples {
		if label := c.Target().Normalize(e.Targets[0]); !known[label] {
			unseen[label] = true
		}
	}
	return slices.Sorted(maps.Keys(unseen))
}
