package metric

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/integrate"
	"gonum.org/v1/gonum/stat"
)

// Pearson returns the linear correlation of two series, -1 to 1. A constant series is an error.
func Pearson(x, y []float64) (float64, error) {
	if err := checkSeries(len(x), len(y), x, y); err != nil {
		return 0, err
	}
	r := stat.Correlation(x, y, nil)
	if math.IsNaN(r) {
		return 0, errors.New("metric: a series is constant: want different values")
	}
	return max(-1, min(1, r)), nil
}

// Spearman returns the rank correlation of two series, -1 to 1. Equal values share their average rank. A constant
// series is an error.
func Spearman(x, y []float64) (float64, error) {
	if err := checkSeries(len(x), len(y), x, y); err != nil {
		return 0, err
	}
	return Pearson(ranks(x), ranks(y))
}

// AUROC returns the area under the receiver operating characteristic: the probability that a positive scores higher
// than a negative, where equal scores count one half. It is an error if there are no positives or no negatives.
func AUROC(scores []float64, positive []bool) (float64, error) {
	if err := checkSeries(len(scores), len(positive), scores); err != nil {
		return 0, err
	}
	if !slices.Contains(positive, true) || !slices.Contains(positive, false) {
		return 0, fmt.Errorf("metric: labels of %d scores are all positive or all negative: want both", len(scores))
	}
	x, classes := slices.Clone(scores), slices.Clone(positive)
	stat.SortWeightedLabeled(x, classes, nil)
	tpr, fpr, _ := stat.ROC(nil, x, classes, nil)
	return integrate.Trapezoidal(fpr, tpr), nil
}

// checkSeries checks that two series have equal lengths of at least 2 and finite values.
func checkSeries(n, m int, series ...[]float64) error {
	if n != m {
		return fmt.Errorf("metric: series of %d and %d values: want equal numbers", n, m)
	}
	if n < 2 {
		return fmt.Errorf("metric: series of %d values: want 2 or more", n)
	}
	for _, s := range series {
		for i, x := range s {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return fmt.Errorf("metric: value %d is %v: want a finite number", i+1, x)
			}
		}
	}
	return nil
}

// ranks returns the ranks of values, from 1. Equal values share their average rank.
func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case values[a] < values[b]:
			return -1
		case values[a] > values[b]:
			return 1
		}
		return 0
	})
	out := make([]float64, len(values))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && values[order[j]] == values[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			out[k] = float64(i+1+j) / 2
		}
		i = j
	}
	return out
}
