package seq2seq

import "time"

// Progress describes one step of a training.
type Progress struct {
	Step, Steps int // steps made, and planned number of steps
	Epoch       int // from 1
	Epochs      int
	Loss        float64 // mean loss of a token, in nats, without label smoothing; with Risk, mean risk of a sentence
	Tokens      int     // target tokens of this step; with Risk, sentences
	Rate        float64 // learning rate
	GradNorm    float64 // norm of the mean gradient, before clipping
	Figures     Figures // the objective's further figures, such as a variational model's vector.divergence

	// Speed is in target tokens a second; Left is the time to the planned end. Both average over the time since the
	// call of Train, validations included.
	Speed float64
	Left  time.Duration

	Validation *Validation // nil if no validation followed this step
	End        string      // reason to end training with this step; empty if it goes on
}

// pace measures the speed of a training.
type pace struct {
	*trainer
	start         time.Time
	first, tokens int // steps made before start; target tokens since start
}

func (t *trainer) start() *pace { return &pace{trainer: t, start: t.o.Now(), first: t.at.Step} }

// note counts a step and sets its Speed and Left.
func (c *pace) note(p *Progress) {
	c.tokens += p.Tokens
	if spent := c.o.Now().Sub(c.start).Seconds(); spent > 0 {
		p.Speed = float64(c.tokens) / spent
		p.Left = time.Duration(spent / float64(c.at.Step-c.first) * float64(p.Steps-c.at.Step) * float64(time.Second))
	}
}

// finished reports whether all epochs or all steps are done.
func (t *trainer) finished() bool {
	return t.at.Epoch >= t.o.Epochs || t.o.MaxSteps > 0 && t.at.Step >= t.o.MaxSteps
}

// planned estimates the total number of steps from the number of batches in one epoch. Epochs differ a little if tokens
// bound batches.
func (t *trainer) planned(batches int) int {
	perStep := t.o.Accumulate
	steps := t.at.Step + (t.o.Epochs-t.at.Epoch)*((batches+perStep-1)/perStep) - t.at.Batch/perStep
	if t.o.MaxSteps > 0 {
		steps = min(steps, t.o.MaxSteps)
	}
	return steps
}
