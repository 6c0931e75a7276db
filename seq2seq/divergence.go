package seq2seq

import (
	"fmt"
	"math"

	"github.com/retell-rnn/retell/rnn"
)

// trend is a moving average of the training loss.
type trend struct {
	Loss   float64 `json:"loss"` // decayed sum
	Steps  int     `json:"steps"`
	Warned bool    `json:"warned"`
}

const (
	trendDecay = 0.95
	trendSteps = 20 // steps until every step is judged
	trendLeast = 5  // steps until a step is judged whose weights are kept; the last step always is
)

// mean is the average loss.
func (t trend) mean() float64 { return t.Loss / (1 - math.Pow(trendDecay, float64(t.Steps))) }

// divergedLoss is the average training loss above which a training counts as diverged: far worse than guessing.
func (t *trainer) divergedLoss() float64 { return 2*t.objective.chance() + 1 }

// judge adds a step's loss to the trend. If the training has diverged, it warns or returns an error, as the options
// say. due means that the weights are about to be kept.
func (t *trainer) judge(p Progress, due bool) error {
	if math.IsInf(t.objective.chance(), 1) {
		return nil // an objective without a greatest loss
	}
	r := &t.at.Trend
	r.Loss = trendDecay*r.Loss + (1-trendDecay)*p.Loss
	r.Steps++
	mean := r.mean()
	if mean <= t.divergedLoss() {
		r.Warned = false
		return nil
	}
	if r.Warned || r.Steps < trendSteps && !(due && r.Steps >= trendLeast) && !t.finished() {
		return nil
	}
	err := fmt.Errorf("%w at step %d: the training loss is %.4g, where guessing has %.2f; want a train.schedule.rate below %g, or train.on_divergence: rewind",
		ErrDiverged, t.at.Step, mean, t.objective.chance(), p.Rate)
	if t.o.OnDivergence == DivergenceWarn {
		r.Warned = true
		t.o.Log.Warn(err.Error())
		return nil
	}
	return err
}

// healthy reports whether the weights are worth saving.
func (t *trainer) healthy() bool {
	return t.at.Trend.Steps == 0 || t.at.Trend.mean() <= t.divergedLoss() || t.o.OnDivergence == DivergenceWarn
}

// rewound counts the rewinds of a training.
type rewound struct {
	Times int `json:"times"`
	Step  int `json:"step"` // step of the last rewind; the optimizer counts from there
}

// maxRewinds is the number of rewinds before a training gives up. Its rate is then a thousandth.
const maxRewinds = 10

// rewind goes back to the best weights so far, or to the first ones, with a new optimizer and half the rate. Batches
// continue in their order. After the last step, rewind returns cause unless a validation has kept weights.
func (t *trainer) rewind(cause error) error {
	if t.at.Rewound.Times == maxRewinds {
		return fmt.Errorf("%w (after %d rewinds)", cause, maxRewinds)
	}
	to := t.best
	if to == nil {
		to = t.first
	}
	t.setWeights(to)
	t.opt = t.o.Optimizer.optimizer()
	if t.average != nil {
		t.average = rnn.NewAverage(t.net.params, t.o.Average)
	}
	t.at.Trend = trend{}
	t.at.Rewound = rewound{t.at.Rewound.Times + 1, t.at.Step}
	t.o.Log.Warn("gone back to the best weights so far, with half the rate", "step", t.at.Step, "rate", t.rate(), "cause", cause)
	switch {
	case !t.finished():
		return nil
	case t.best == nil:
		return cause
	}
	return t.saveState()
}

// rate is the learning rate of the next step.
func (t *trainer) rate() float64 {
	return math.Ldexp(t.schedule.At(t.at.Step+1, t.at.Plateau), -t.at.Rewound.Times)
}

// optimizerSteps is the number of steps that the optimizer has made.
func (t *trainer) optimizerSteps() int { return t.at.Step - t.at.Rewound.Step }
