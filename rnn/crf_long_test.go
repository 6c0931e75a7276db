package rnn

import (
	"fmt"
	"math"
	"testing"
)

// refPass holds a sequence's sums in float64 log space: label probabilities, expected transitions, log Z and the
// greatest score.
type refPass struct {
	p, pairs   [][]float64
	logZ, best float64
}

// pass computes the sums of the case's first sequence.
func (c *crfCase) pass() refPass {
	n, steps := c.Labels, c.lens[0]
	matrix := func(rows int) [][]float64 {
		m := make([][]float64, rows)
		for i := range m {
			m[i] = make([]float64, n)
		}
		return m
	}
	score := func(p *Param, at, from, to int) float64 {
		if !c.permits(from, to) {
			return math.Inf(-1)
		}
		return float64(p.W[at])
	}
	trans := matrix(n)
	for i := range n {
		for j := range n {
			trans[i][j] = score(c.Transitions, i*n+j, i, j)
		}
	}
	x := func(t, j int) float64 { return float64(c.x[c.lay.Row(0, t)*n+j]) }
	alpha, beta, best := matrix(steps), matrix(steps), matrix(steps)
	for t := range steps {
		for j := range n {
			if t == 0 {
				alpha[t][j] = score(c.Start, j, -1, j)
				best[t][j] = alpha[t][j]
			} else {
				alpha[t][j], best[t][j] = math.Inf(-1), math.Inf(-1)
				for i := range n {
					alpha[t][j] = addLogs(alpha[t][j], alpha[t-1][i]+trans[i][j])
					best[t][j] = max(best[t][j], best[t-1][i]+trans[i][j])
				}
			}
			alpha[t][j] += x(t, j)
			best[t][j] += x(t, j)
		}
	}
	r := refPass{p: matrix(steps), pairs: matrix(n), logZ: math.Inf(-1), best: math.Inf(-1)}
	for j := range n {
		beta[steps-1][j] = score(c.End, j, j, -1)
		r.logZ = addLogs(r.logZ, alpha[steps-1][j]+beta[steps-1][j])
		r.best = max(r.best, best[steps-1][j]+beta[steps-1][j])
	}
	for t := steps - 1; t >= 0; t-- {
		for i := range n {
			if t+1 < steps {
				beta[t][i] = math.Inf(-1)
				for j := range n {
					step := trans[i][j] + x(t+1, j) + beta[t+1][j]
					beta[t][i] = addLogs(beta[t][i], step)
					r.pairs[i][j] += math.Exp(alpha[t][i] + step - r.logZ)
				}
			}
			r.p[t][i] = math.Exp(alpha[t][i] + beta[t][i] - r.logZ)
		}
	}
	return r
}

// TestCRFLong checks sequences of 10,000 tokens, and transitions that outweigh the emissions, against float64.
func TestCRFLong(t *testing.T) {
	for name, set := range map[string]struct{ emissions, transitions float64 }{
		"flat": {0.1, 0.1}, "usual": {5, 2}, "emissions": {1e4, 2}, "transitions": {3, 300}, "both": {1e4, 1e4},
	} {
		t.Run(name, func(t *testing.T) {
			steps := 10_000
			if testing.Short() {
				steps = 1000
			}
			c := newCRFCase(5, 5, set.emissions, noRepeat(5), steps)
			for i := range c.Transitions.W {
				c.Transitions.W[i] *= float32(set.transitions / 2)
			}
			ref := c.pass()
			var stats LossStats
			_, dx, grads := c.backward(t, nil, 0, &stats)
			gold := make([]int, steps)
			for k, y := range c.gold {
				gold[k] = int(y)
			}
			unit := 1 + set.emissions + set.transitions
			want := ref.logZ - c.refScore(0, gold)
			near(t, "loss", stats.NLL, want, 1e-7*want+1e-6*unit)
			for k, y := range gold {
				for j, p := range ref.p[k] {
					if j == y {
						p--
					}
					near(t, fmt.Sprint("gradient of token ", k), float64(dx[k*5+j]), p, 1e-5*unit)
				}
				if k > 0 {
					ref.pairs[gold[k-1]][y]--
				}
			}
			for i, row := range ref.pairs {
				for j, g := range row {
					near(t, "gradient of a transition", float64(grads["labels.transitions"][i*5+j]), g, 1e-2*unit)
				}
			}
			var mem Buffers
			q := c.Pack()
			for k, y := range q.Viterbi(&mem, c.x, c.lay)[0] {
				gold[k] = int(y)
			}
			near(t, "score of the best labels", c.refScore(0, gold), ref.best, 1e-6*unit)
			for r, l := range q.KBest(&mem, c.x, c.lay, 3)[0] {
				for k, y := range l.Labels {
					gold[k] = int(y)
				}
				score := c.refScore(0, gold)
				near(t, fmt.Sprint("log-probability of labeling ", r), l.LogProb, score-ref.logZ, 1e-7*want+1e-6*unit)
				if r == 0 {
					near(t, "score of the first labeling", score, ref.best, 1e-9*math.Abs(ref.best))
				}
			}
		})
	}
}
