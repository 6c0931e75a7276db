package rnn

import (
	"math"

	"github.com/retell-rnn/retell/internal/setting"
)

// ScheduleKind names the form of a [Schedule], which describes each. Empty means [ScheduleConstant].
type ScheduleKind string

const (
	ScheduleConstant    ScheduleKind = "constant"
	ScheduleInverseSqrt ScheduleKind = "inverse_sqrt"
	ScheduleCosine      ScheduleKind = "cosine"
	ScheduleOneCycle    ScheduleKind = "one_cycle"
	SchedulePlateau     ScheduleKind = "plateau"
)

// ScheduleKinds returns all forms of a schedule.
func ScheduleKinds() []ScheduleKind {
	return []ScheduleKind{ScheduleConstant, ScheduleInverseSqrt, ScheduleCosine, ScheduleOneCycle, SchedulePlateau}
}

// MarshalText implements [encoding.TextMarshaler]. A kind outside [ScheduleKinds] is an error.
func (k ScheduleKind) MarshalText() ([]byte, error) { return setting.Marshal(k, ScheduleKinds()...) }

// UnmarshalText implements [encoding.TextUnmarshaler]. A text outside [ScheduleKinds] is an error.
func (k *ScheduleKind) UnmarshalText(text []byte) error {
	return setting.Unmarshal(k, text, ScheduleKinds()...)
}

// Violations lists every invalid setting of a [Schedule] with its path. [errors.As] finds it.
type Violations = setting.Violations

// Schedule is how the learning rate changes over a training.
type Schedule struct {
	// Kind is one of
	//	constant      Rate
	//	inverse_sqrt  falls with 1/√step from Rate at the end of the warm-up (Vaswani et al. 2017)
	//	cosine        falls to Floor·Rate over Steps (Loshchilov and Hutter, SGDR, 2017)
	//	one_cycle     rises from Rate/25 over the warm-up, 0 for 30 % of Steps, and falls to Floor·Rate at Steps, both
	//	              along a cosine; a Floor of 0 means 1/250,000 (Smith and Topin, Super-Convergence, 2018)
	//	plateau       multiplied by Factor after Patience validations in a row without a new best
	// Empty means constant.
	Kind     ScheduleKind `yaml:"kind,omitempty" json:"kind,omitempty"`
	Rate     float64      `yaml:"rate" json:"rate"`                             // highest learning rate
	Warmup   int          `yaml:"warmup,omitempty" json:"warmup,omitempty"`     // steps in which the rate rises to Rate: linearly, or along a cosine with one_cycle
	Steps    int          `yaml:"steps,omitempty" json:"steps,omitempty"`       // cosine, one_cycle: last step of the schedule; 0 means the last step of the training
	Floor    float64      `yaml:"floor,omitempty" json:"floor,omitempty"`       // cosine, one_cycle, plateau: lowest rate as a share of Rate, 0 to 1
	Factor   float64      `yaml:"factor,omitempty" json:"factor,omitempty"`     // plateau: factor by which the rate falls; 0 means 0.5
	Patience int          `yaml:"patience,omitempty" json:"patience,omitempty"` // plateau: validations in a row without a new best before the rate falls; 0 means 1
}

// Validate returns [Violations], or nil.
func (s Schedule) Validate() error {
	var v setting.Check
	v.Name("kind", s.Kind)
	if s.ends() && s.Steps != 0 && s.Steps <= s.Warmup {
		v.Add("steps", "%d: want more than the %d of the warm-up for a %s schedule, or 0 for the whole training", s.Steps, s.Warmup, s.Kind)
	}
	if !(s.Rate > 0) || math.IsInf(s.Rate, 0) {
		v.Add("rate", "%g: want a number above 0", s.Rate)
	}
	v.AtLeast("warmup", s.Warmup, 0)
	v.Within("floor", s.Floor, 0, 1)
	if !(s.Factor >= 0 && s.Factor < 1) {
		v.Add("factor", "%g: want above 0 and below 1 (0 means 0.5)", s.Factor)
	}
	v.AtLeast("patience", s.Patience, 0)
	return v.Err()
}

// ends reports whether the schedule has a last step.
func (s Schedule) ends() bool { return s.Kind == ScheduleCosine || s.Kind == ScheduleOneCycle }

// Over returns the schedule of a training of the given number of steps. It changes schedules that have an end and no
// Steps: it sets Steps, and a warm-up as long as the training shrinks to a tenth of it.
func (s Schedule) Over(steps int) Schedule {
	if s.Steps != 0 || !s.ends() {
		return s
	}
	if steps <= s.Warmup {
		s.Warmup = steps / 10
	}
	s.Steps = steps
	return s
}

// Plateau is the state of a plateau schedule; other kinds ignore it. The zero value is the beginning.
type Plateau struct {
	Drops int // times that the rate has been lowered
	Worse int // validations since the best one or since the last drop
}

// Validated returns the state after a validation. better reports whether its score was a new best.
func (s Schedule) Validated(p Plateau, better bool) Plateau {
	if s.Kind != SchedulePlateau {
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

// At returns the learning rate of a step, counted from 1. If the kind has an end, Steps must not be 0; [Schedule.Over]
// sets it.
func (s Schedule) At(step int, p Plateau) float64 {
	if s.Kind == ScheduleOneCycle {
		return s.oneCycle(step)
	}
	if step < s.Warmup {
		return s.Rate * float64(step) / float64(s.Warmup)
	}
	switch s.Kind {
	case ScheduleInverseSqrt:
		return s.Rate * math.Sqrt(float64(max(s.Warmup, 1))/float64(step))
	case ScheduleCosine:
		done := min(1, float64(step-s.Warmup)/float64(s.Steps-s.Warmup))
		return s.Rate * cosineBetween(1, s.Floor, done)
	case SchedulePlateau:
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
