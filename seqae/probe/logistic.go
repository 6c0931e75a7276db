package probe

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"
)

// logistic is a multinomial logistic regression.
//
//	p(c|x) = softmax_c(w_c·x + b_c)
//	loss = mean −log p(class|x) + penalty/2 · Σ w²
//
// The mean is weighted by the classes' weights.
//
// Of two classes, the minimum has opposite weights, w_0 = −w_1. Then one row of weights, w_1 − w_0, does for both: its
// score counts for class 1, class 0 scores 0, and the penalty is half as large.
type logistic struct {
	x       features
	n, size int
	classes int
	rows    int       // number of classes with weights: all, or the second of two
	params  []float64 // weights [rows, size], then biases [rows]
	weights []float64 // weight of each class; nil means 1

	w, grad   []float32 // [rows, size]: weights and their gradient
	scores, d []float32 // [rows, n]: scores and their gradient
}

func newLogistic(x features, n, size, classes int) *logistic {
	rows := classes
	if classes == 2 {
		rows = 1
	}
	return &logistic{
		x: x, n: n, size: size, classes: classes, rows: rows,
		params: make([]float64, rows*(size+1)),
		w:      make([]float32, rows*size),
		grad:   make([]float32, rows*size),
		scores: make([]float32, rows*n),
		d:      make([]float32, rows*n),
	}
}

// fit minimizes the loss over the given rows by L-BFGS, from the current parameters. Liu and Nocedal, On the Limited
// Memory BFGS Method for Large Scale Optimization, 1989.
func (l *logistic) fit(rows, labels []int, penalty float64) error {
	// The optimizer evaluates the value and the gradient at the same point; compute both once.
	var at, gradient []float64
	var value float64
	evaluate := func(x []float64) {
		if at == nil || !floats.Equal(at, x) {
			at = append(at[:0], x...)
			if gradient == nil {
				gradient = make([]float64, len(x))
			}
			value = l.loss(x, gradient, rows, labels, penalty)
		}
	}
	problem := optimize.Problem{
		Func: func(x []float64) float64 { evaluate(x); return value },
		Grad: func(grad, x []float64) { evaluate(x); copy(grad, gradient) },
	}
	settings := &optimize.Settings{
		GradientThreshold: 1e-4,
		Converger:         &optimize.FunctionConverge{Relative: 1e-5, Iterations: 3},
		MajorIterations:   300,
	}
	found, err := optimize.Minimize(problem, l.params, settings, &optimize.LBFGS{})
	if found == nil {
		return fmt.Errorf("probe: logistic regression: %w", err)
	}
	// Ignore err: a line search fails where float32 products allow no better point.
	copy(l.params, found.X)
	return nil
}

// loss returns the loss over the rows at params and sets its gradient.
func (l *logistic) loss(params, gradient []float64, rows, labels []int, penalty float64) float64 {
	l.predict(params)
	if l.rows < l.classes {
		penalty /= 2
	}
	weights := params[:len(l.w)]
	total := 0.0
	for _, i := range rows {
		total += l.weight(labels[i])
	}
	clear(l.d)
	loss, biases := 0.0, gradient[len(l.w):]
	clear(biases)
	p, first := make([]float64, l.classes), l.classes-l.rows
	for _, i := range rows {
		l.row(p, i)
		share := l.weight(labels[i]) / total
		own, top := p[labels[i]], slices.Max(p)
		sum := 0.0
		for c, score := range p {
			if p[c] = 1; score != top {
				p[c] = math.Exp(score - top)
			}
			sum += p[c]
		}
		loss += share * (math.Log(sum) + top - own)
		for r := range l.rows {
			g := p[first+r] / sum
			if first+r == labels[i] {
				g--
			}
			l.d[r*l.n+i] = float32(share * g)
			biases[r] += share * g
		}
	}
	l.x.gradient(l.grad, l.d, l.rows)
	for k, g := range l.grad {
		gradient[k] = float64(g) + penalty*weights[k]
	}
	return loss + penalty/2*floats.Dot(weights, weights)
}

// weight returns the weight of a class.
func (l *logistic) weight(class int) float64 {
	if l.weights == nil {
		return 1
	}
	return l.weights[class]
}

// predict computes the scores of all rows.
func (l *logistic) predict(params []float64) {
	for k := range l.w {
		l.w[k] = float32(params[k])
	}
	l.x.scores(l.scores, l.w, l.rows)
	for r := range l.rows {
		row, bias := l.scores[r*l.n:][:l.n], float32(params[len(l.w)+r])
		for i := range row {
			row[i] += bias
		}
	}
}

// row sets p to the scores of the classes of row i.
func (l *logistic) row(p []float64, i int) {
	first := l.classes - l.rows
	for r := range l.rows {
		p[first+r] = float64(l.scores[r*l.n+i])
	}
	if first > 0 {
		p[0] = 0
	}
}

// choose fits the training rows with the penalties 1, 0.1, ... 1e-6 and returns the one that is best on the test rows:
// by goodness and, of equally good ones, by tie. It ends after two penalties in a row that improve neither, and leaves
// the best parameters.
func (l *logistic) choose(ctx context.Context, f fold, labels []int, judge func(rows []int) (goodness, tie float64)) (penalty float64, err error) {
	best, improved := 0, 0
	most, mostTie, bestTie := math.Inf(-1), math.Inf(-1), math.Inf(-1)
	var params []float64
	for exponent := 0; exponent <= min(6, improved+2); exponent++ {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if err := l.fit(f.train, labels, penaltyOf(exponent)); err != nil {
			return 0, err
		}
		g, tie := judge(f.test)
		if g > most || tie > mostTie {
			improved = exponent
		}
		if g > most || g == most && tie > bestTie {
			best, bestTie, params = exponent, tie, slices.Clone(l.params)
		}
		most, mostTie = max(most, g), max(mostTie, tie)
	}
	copy(l.params, params)
	return penaltyOf(best), nil
}

func penaltyOf(exponent int) float64 { return math.Pow(10, -float64(exponent)) }

// right returns the rows whose own class has the greatest score.
func (l *logistic) right(rows, labels []int) []int {
	l.predict(l.params)
	var right []int
	p := make([]float64, l.classes)
	for _, i := range rows {
		if l.row(p, i); floats.MaxIdx(p) == labels[i] {
			right = append(right, i)
		}
	}
	return right
}
