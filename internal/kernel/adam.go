package kernel

import "math"

// Adam is one update of the optimizer. Kingma and Ba, Adam, 2015; Loshchilov and Hutter, Decoupled Weight Decay
// Regularization, 2019.
//
//	g = Scale·g,  m = Beta1·m + (1−Beta1)·g,  v = Beta2·v + (1−Beta2)·g²
//	w = w − Rate·( m/(1−Beta1^Step) / (√(v/(1−Beta2^Step)) + Epsilon) + Decay·w )
type Adam struct {
	Rate         float32
	Beta1, Beta2 float32
	Epsilon      float32
	Decay        float32 // decoupled, 0 for plain Adam
	Step         int     // number of this update, from 1
	Scale        float32 // multiplies every gradient, for clipping and averaging
}

// adamStep is Adam with the values that all elements share computed.
type adamStep struct {
	scale        float32
	beta1, rest1 float32 // rest is 1−beta
	beta2, rest2 float32
	rate         float32 // Rate/(1−Beta1^Step)
	root         float32 // 1/√(1−Beta2^Step)
	epsilon      float32
	keep         float32 // 1−Rate·Decay
}

// Update updates the weights w and the moments m and v by the gradients g, on the calling goroutine. All have the same
// length.
func (a Adam) Update(w, g, m, v []float32) {
	if !same(len(w), len(g)) || !same(len(w), len(m)) || !same(len(w), len(v)) {
		return
	}
	active.adam(&adamStep{
		scale: a.Scale,
		beta1: a.Beta1, rest1: float32(1 - float64(a.Beta1)),
		beta2: a.Beta2, rest2: float32(1 - float64(a.Beta2)),
		rate:    float32(float64(a.Rate) / (1 - math.Pow(float64(a.Beta1), float64(a.Step)))),
		root:    float32(1 / math.Sqrt(1-math.Pow(float64(a.Beta2), float64(a.Step)))),
		epsilon: a.Epsilon,
		keep:    float32(1 - float64(a.Rate)*float64(a.Decay)),
	}, w, g, m, v)
}

// AdamDrift makes several updates of [Adam] without gradients at once: the moments still move the weights, and fall.
//
//	w = Keep·w − Factor·m/(√v + Epsilon),  m = Fall1·m,  v = Fall2·v
type AdamDrift struct {
	Factor, Epsilon float32
	Keep            float32
	Fall1, Fall2    float32
}

// Update updates the weights w and the moments m and v, on the calling goroutine. All have the same length.
func (a *AdamDrift) Update(w, m, v []float32) {
	if same(len(w), len(m)) && same(len(w), len(v)) {
		active.drift(a, w, m, v)
	}
}

// Momentum makes one update of gradient descent with momentum and decoupled decay, on the calling goroutine.
//
//	v = momentum·v + scale·g,  w = w − rate·(v + decay·w)
//
// v may be nil if momentum is 0; otherwise all have the same length.
func Momentum(w, g, v []float32, rate, momentum, scale, decay float32) {
	if !same(len(w), len(g)) {
		return
	}
	keep := float32(1 - float64(rate)*float64(decay))
	if momentum == 0 && v == nil {
		if keep != 1 {
			active.affine(keep, 0, w)
		}
		active.axpy(-rate*scale, g, w)
		return
	}
	same(len(w), len(v))
	active.momentum(w, g, v, rate, momentum, scale, keep)
}
