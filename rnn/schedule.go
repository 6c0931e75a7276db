package rnn

import (
	"errors"
	"fmt"
	"math"
)

// Schedule is how the learning rate changes over a training.
type Schedule struct {
	// Kind is one of
	//	constant      Rate
	//	inverse_sqrt  falls with 1/√step from Rate at the end of the warm-up (Vaswani et al. 2017)
	//	cosine        falls to Floor·Rate over Steps (Loshchilov and Hutter, SGDR, 2017)
	//	one_cycle     rises from Rate/25 over the warm-up, 0 for 30 % of Steps, and falls to Floor·Rate at Steps, both
	//	              along a cosine; a Floor of 0 means 1/250,000 (Smith and Topin, Super-Convergence, 2018)
	//	plateau       multiplied by Factor after a validation that brought nothing better (Patience of them)
	// Empty means constant.
	Kind     string  `yaml:"kind,omitempty" json:"kind,omitempty"`
	Rate     float64 `yaml:"rate" json:"rate"`                             // learning rate, at its highest
	Warmup   int     `yaml:"warmup,omitempty" json:"warmup,omitempty"`     // steps in which the rate rises to Rate, evenly with all kinds but one_cycle
	Steps    int     `yaml:"steps,omitempty" json:"steps,omitempty"`       // cosine, one_cycle: step where the schedule ends; 0 is the end of the training
	Floor    float64 `yaml:"floor,omitempty" json:"floor,omitempty"`       // cosine, one_cycle, plateau: share of Rate that the rate does not fall below, 0 to 1
	Factor   float64 `yaml:"factor,omitempty" json:"factor,omitempty"`     // plateau: factor by which the rate falls; 0 means 0.5
	Patience int     `yaml:"patience,omitempty" json:"patience,omitempty"` // plateau: validations in a row without a better one before the rate falls; 0 means 1
}

// Validate reports everything that is wrong.
func (s Schedule) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	switch s.Kind {
	case "", "constant", "inverse_sqrt", "plateau":
	case "cosine", "one_cycle":
		if s.Steps != 0 && s.Steps <= s.Warmup {
			bad("steps: %d: want more than the %d of the warm-up for a %s schedule, or 0 for the whole training", s.Steps, s.Warmup, s.Kind)
		}
	default:
		bad("kind: %q: want constant, inverse_sqrt, cosine, one_cycle or plateau", s.Kind)
	}
	if !(s.Rate > 0) || math.IsInf(s.Rate, 0) {
		bad("rate: %g: want a number above 0", s.Rate)
	}
	if s.Warmup < 0 {
		bad("warmup: %d: want 0 or more", s.Warmup)
	}
	if !(s.Floor >= 0 && s.Floor <= 1) {
		bad("floor: %g: want 0 to 1", s.Floor)
	}
	if !(s.Factor >= 0 && s.Factor < 1) {
		bad("factor: %g: want above 0 and below 1 (0 means 0.5)", s.Factor)
	}
	if s.Patience < 0 {
		bad("patience: %d: want 0 or more", s.Patience)
	}
	return errors.Join(errs...)
}

// Over returns the schedule of a training of so many steps: Steps is set where it is 0 and the kind has an end. A
// warm-up that would leave no step after it becomes a tenth of them.
func (s Schedule) Over(steps int) Schedule {
	if s.Steps != 0 || s.Kind != "cosine" && s.Kind != "one_cycle" {
		return s
	}
	if steps <= s.Warmup {
		s.Warmup = steps / 10
	}
	s.Steps = steps
	return s
}

// Plateau is the memory of a plateau schedule; other kinds leave it alone. The zero value is the beginning.
type Plateau struct {
	Drops int // times that the rate has been lowered
	Worse int // validations since the best, or since the last drop
}

// Validated counts a validation, better than all before or not.
func (s Schedule) Validated(p Plateau, better bool) Plateau {
	if s.Kind != "plateau" {
		return p
	}
	if better {
		p.Worse = 0
		return p
	}
	p.Worse++
	if p.Worse >= max(1, s.Patience) {
		p.Drops++
		p.Worse = 0
	}
	return p
}

// At is the rate of a step, counted from 1. Steps is not 0 where the kind has an end.
func (s Schedule) At(step int, p Plateau) float64 {
	if s.Kind == "one_cycle" {
		return s.oneCycle(step)
	}
	if step < s.Warmup {
		return s.Rate * float64(step) / float64(s.Warmup)
	}
	switch s.Kind {
	case "inverse_sqrt":
		return s.Rate * math.Sqrt(float64(max(s.Warmup, 1))/float64(step))
	case "cosine":
		done := min(1, float64(step-s.Warmup)/float64(s.Steps-s.Warmup))
		return s.Rate * cosineBetween(1, s.Floor, done)
	case "plateau":
		factor := s.Factor
		if factor == 0 {
			factor = 0.5
		}
		return s.Rate * max(s.Floor, math.Pow(factor, float64(p.Drops)))
	}
	return s.Rate
}

func (s Schedule) oneCycle(step int) float64 {
	const start, end = 1.0 / 25, 1.0 / 250_000
	rise, floor := s.Warmup, s.Floor
	if rise == 0 {
		rise = max(1, s.Steps*3/10)
	}
	if floor == 0 {
		floor = end
	}
	if step < rise {
		return s.Rate * cosineBetween(start, 1, float64(step-1)/float64(rise-1))
	}
	return s.Rate * cosineBetween(1, floor, min(1, float64(step-rise)/float64(max(1, s.Steps-rise))))
}

// cosineBetween goes from a to b along half a wave as x goes from 0 to 1.
func cosineBetween(a, b, x float64) float64 { return b + (a-b)*(1+math.Cos(math.Pi*x))/2 }
