package probe

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"

	"github.com/retell-rnn/retell/internal/kernel"
)

// logistic is a multinomial logistic regression.
//
//	p(c|x) = softmax_c(w_c·x + b_c)
//	loss = mean −log p(class|x) + penalty/2 · Σ w²
//
// The mean is weighted by the classes' weights.
type logistic struct {
	x       features
	n, size int
	classes int
	params  []float64 // weights [classes, size], then biases [classes]
	weights []float64 // weight of each class; nil means 1

	w, grad   []float32 // [classes, size]: weights and their gradient
	scores, d []float32 // [classes, n]: scores and their gradient
}

func newLogistic(x features, n, size, classes int) *logistic {
	return &logistic{
		x: x, n: n, size: size, classes: classes,
		params: make([]float64, classes*(size+1)),
		w:      make([]float32, classes*size),
		grad:   make([]float32, classes*size),
		scores: make([]float32, classes*n),
		d:      make([]float32, classes*n),
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
	weights := params[:len(l.w)]
	total := 0.0
	for _, i := range rows {
		total += l.weight(labels[i])
	}
	clear(l.d)
	loss, biases := 0.0, gradient[len(l.w):]
	clear(biases)
	p := make([]float64, l.classes)
	for _, i := range rows {
		share := l.weight(labels[i]) / total
		for c := range p {
			p[c] = float64(l.scores[c*l.n+i])
		}
		sum := floats.LogSumExp(p)
		loss += share * (sum - p[labels[i]])
		for c := range p {
			g := math.Exp(p[c] - sum)
			if c == labels[i] {
				g--
			}
			l.d[c*l.n+i] = float32(share * g)
			biases[c] += share * g
		}
	}
	l.x.gradient(l.grad, l.d, l.classes)
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
	l.x.scores(l.scores, l.w, l.classes)
	for c := range l.classes {
		row, bias := l.scores[c*l.n:][:l.n], float32(params[len(l.w)+c])
		for i := range row {
			row[i] += bias
		}
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
	scores := make([]float32, l.classes)
	for _, i := range rows {
		for c := range scores {
			scores[c] = l.scores[c*l.n+i]
		}
		if kernel.ArgMax(scores) == labels[i] {
			right = append(right, i)
		}
	}
	return right
}
