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
	trendSteps = 20 // from this step on, every step is judged
	trendLeast = 5  // from this step on, steps whose weights are kept are judged; the last step always is
)

// mean is the average.
func (t trend) mean() float64 { return t.Loss / (1 - math.Pow(trendDecay, float64(t.Steps))) }

// divergedLoss is the training loss above which a training has diverged: far worse than guessing.
func (t *trainer) divergedLoss() float64 { return 2*t.objective.chance() + 1 }

// judge adds a step's loss to the trend and, if the training has diverged, does what the options say. due means that
// the weights are about to be kept.
func (t *trainer) judge(p Progress, due bool) error {
	if math.IsInf(t.objective.chance(), 1) {
		return nil // no loss is too high
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

// rewound counts how often a training has gone back.
type rewound struct {
	Times int `json:"times"`
	Step  int `json:"step"` // of the last time: the optimizer counts from there
}

// maxRewinds is how often a training goes back before it gives up: its rate is then a thousandth.
const maxRewinds = 10

// rewind goes back to the best weights so far, or the first ones, with a new optimizer and half the rate. The order of
// the data goes on. After the last step, it returns cause unless there are weights of a validation.
func (t *trainer) rewind(cause error) error {
	if t.at.Rewound.Times == maxRewinds {
		return fmt.Errorf("%w (after going back %d times)", cause, maxRewinds)
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
