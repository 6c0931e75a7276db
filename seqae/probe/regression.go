package probe

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Regression is a multinomial logistic regression:
//
//	p(class|x) = softmax over classes of (weights of the class · x + its bias)
type Regression struct {
	Weights []float32 // [classes, numbers of x]
	Biases  []float32 // [classes]

	Penalty  float64 // L2 penalty that was chosen
	HeldOut  int     // number of lines that chose it
	Accuracy float64 // share of these lines whose class is right, 0 to 1
}

// RegressionOptions say how a regression is fitted. The zero value and a nil pointer mean the defaults.
type RegressionOptions struct {
	Weights []float64 // weight of each class; nil means 1
	Valid   []int     // lines that choose the penalty and are not fitted; none means a fifth of the lines, fitted afterwards
}

// FitRegression fits a regression to dense vectors, beside which there may be sparse ones, of the same lines; sparse
// may be nil. x is a dense vector and, behind it, the sparse one. labels are the classes of the lines, 0 to classes-1.
//
// Dense vectors are standardized as they are fitted; the weights returned are for vectors as they are. The L2 penalty
// is the one of 1, 0.1, ... 1e-6 with the greatest accuracy, weighted by class, and of equal ones the least loss.
func FitRegression(ctx context.Context, dense *Dense, sparse *Sparse, labels []int, classes int, opts *RegressionOptions) (*Regression, error) {
	var o RegressionOptions
	if opts != nil {
		o = *opts
	}
	n := dense.Len()
	f := fold{test: o.Valid}
	switch {
	case len(labels) != n || sparse != nil && sparse.Len() != n:
		return nil, fmt.Errorf("probe: %d labels for %d vectors: want as many, and as many sparse vectors if there are any", len(labels), n)
	case classes < 2:
		return nil, fmt.Errorf("probe: %d classes: want at least 2", classes)
	case len(o.Valid) == 0:
		const parts = 5
		if n < parts {
			return nil, fmt.Errorf("probe: %d training lines: want at least %d", n, parts)
		}
		f = stratified(labels, parts, 0)[0]
	default:
		held := make([]bool, n)
		for _, i := range o.Valid {
			held[i] = true
		}
		for i := range n {
			if !held[i] {
				f.train = append(f.train, i)
			}
		}
	}
	if len(f.train) == 0 {
		return nil, fmt.Errorf("probe: all %d lines are to choose the penalty: want lines to fit", n)
	}
	x, deviation := dense.features(), 1.0
	if sparse != nil {
		deviation = 1 / math.Sqrt(float64(dense.size))
		x = &jointFeatures{dense.standardized(deviation), sparse.features()}
	}
	l := newLogistic(x, n, x.width(), classes)
	l.weights = o.Weights
	penalty, err := l.choose(ctx, f, labels, func(rows []int) (goodness, tie float64) {
		for _, i := range l.right(rows, labels) {
			goodness += l.weight(labels[i])
		}
		return goodness, -l.loss(l.params, make([]float64, len(l.params)), rows, labels, 0)
	})
	right := len(l.right(f.test, labels))
	if err == nil && len(o.Valid) == 0 {
		err = l.fit(slices.Concat(f.train, f.test), labels, penalty)
	}
	if err != nil {
		return nil, err
	}
	r := &Regression{Penalty: penalty, HeldOut: len(f.test), Accuracy: float64(right) / float64(len(f.test))}
	r.Weights, r.Biases = l.unscaled(dense, deviation)
	return r, nil
}

// unscaled returns weights and biases for vectors as they are, of parameters for dense vectors that were standardized
// to a deviation.
func (l *logistic) unscaled(dense *Dense, deviation float64) (weights, biases []float32) {
	mean, own := dense.moments()
	weights = make([]float32, l.classes*l.size)
	for c := range l.classes {
		row, scale := c, 1.0
		if l.rows < l.classes { // opposite halves of one row
			row, scale = 0, float64(c)-0.5
		}
		bias := scale * l.params[len(l.w)+row]
		from, to := l.params[row*l.size:][:l.size], weights[c*l.size:][:l.size]
		for d, w := range from {
			w *= scale
			if d < dense.size {
				if own[d] == 0 {
					continue
				}
				w *= deviation / own[d]
				bias -= w * mean[d]
			}
			to[d] = float32(w)
		}
		biases = append(biases, float32(bias))
	}
	return weights, biases
}
