package seq2seq

import "time"

// Progress is what is known after one step of a training.
type Progress struct {
	Step, Steps int // steps made, and planned in all
	Epoch       int // from 1
	Epochs      int
	Loss        float64 // mean loss a target token in this step, in nats, without label smoothing; with Risk, mean risk a sentence
	Tokens      int     // target tokens of this step; with Risk, sentences
	Rate        float64 // learning rate
	GradNorm    float64 // norm of the mean gradient, before clipping
	Figures     Figures // what the objective reports beside the loss: of a variational model, vector.divergence

	// Speed is target tokens a second and Left the time to the planned end, both since Train was called; validations
	// count.
	Speed float64
	Left  time.Duration

	Validation *Validation // nil if there was none after this step
	End        string      // why the training ends with this step; empty if it goes on
}

// pace measures how fast training goes.
type pace struct {
	*trainer
	start         time.Time
	first, tokens int // steps before; target tokens since
}

func (t *trainer) start() *pace { return &pace{trainer: t, start: t.o.Now(), first: t.at.Step} }

// note sets a step's speed and the time left.
func (c *pace) note(p *Progress) {
	c.tokens += p.Tokens
	if spent := c.o.Now().Sub(c.start).Seconds(); spent > 0 {
		p.Speed = float64(c.tokens) / spent
		p.Left = time.Duration(spent / float64(c.at.Step-c.first) * float64(p.Steps-c.at.Step) * float64(time.Second))
	}
}

// finished reports whether all epochs or steps are done.
func (t *trainer) finished() bool {
	return t.at.Epoch >= t.o.Epochs || t.o.MaxSteps > 0 && t.at.Step >= t.o.MaxSteps
}

// planned estimates the steps in all from the number of batches of an epoch, which a budget of tokens lets vary a
// little.
func (t *trainer) planned(batches int) int {
	perStep := t.o.Accumulate
	steps := t.at.Step + (t.o.Epochs-t.at.Epoch)*((batches+perStep-1)/perStep) - t.at.Batch/perStep
	if t.o.MaxSteps > 0 {
		steps = min(steps, t.o.MaxSteps)
	}
	return steps
}
