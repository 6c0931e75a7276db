package kernel

import "math"

// generic is the portable path. Products are rounded before they are added, on every machine: the explicit conversions
// keep the compiler from fusing the two.
var generic = path{
	name:    "generic",
	shape:   shape{mr: 2, nr: genericNR, lanes: genericNR / 2, panels: [maxSmall]int{1, 1, 1, 1}},
	kBlock:  256,
	byPanel: true,
	tile:    genericTile,
	pack:    genericPack,
	ints:    &intKernels{values: 2, tile: genericIntTile, rescale: genericRescale, rescaleAdd: genericRescaleAdd, greatest: genericGreatest, lanes: 2, round: genericRound},

	limit:    genericLimit,
	limitOps: genericLimitOps,

	exp:          genericExp,
	tanh:         genericTanh,
	sigmoid:      genericSigmoid,
	add:          genericAdd,
	mul:          genericMul,
	axpy:         genericAxpy,
	affine:       genericAffine,
	dot:          genericDot,
	sum:          genericSum,
	sumSquares:   genericSumSquares,
	max:          genericMax,
	maxPlus:      genericMaxPlus,
	expSum:       genericExpSum,
	sumExp:       genericSumExp,
	lstmForward:  genericLSTMForward,
	lstmBackward: genericLSTMBackward,
	gruForward:   genericGRUForward,
	gruBackward:  genericGRUBackward,
	adam:         genericAdam,
	drift:        genericDrift,
	momentum:     genericMomentum,
}

func exp32(x float32) float32     { return float32(math.Exp(float64(x))) }
func tanh32(x float32) float32    { return float32(math.Tanh(float64(x))) }
func sigmoid32(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }

func genericExp(dst, src []float32) {
	for i, x := range src {
		dst[i] = exp32(x)
	}
}

func genericTanh(dst, src []float32) {
	for i, x := range src {
		dst[i] = tanh32(x)
	}
}

func genericSigmoid(dst, src []float32) {
	for i, x := range src {
		dst[i] = sigmoid32(x)
	}
}

func genericAdd(dst, a, b []float32) {
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}

func genericMul(dst, a, b []float32) {
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

func genericAxpy(alpha float32, x, y []float32) {
	for i := range y {
		y[i] += float32(alpha * x[i])
	}
}

func genericAffine(alpha, beta float32, x []float32) {
	for i := range x {
		x[i] = float32(alpha*x[i]) + beta
	}
}

func genericDot(x, y []float32) float32 {
	var sum [4]float32
	i := 0
	for ; i+4 <= len(x); i += 4 {
		a, b := x[i:i+4:i+4], y[i:i+4:i+4]
		sum[0] += float32(a[0] * b[0])
		sum[1] += float32(a[1] * b[1])
		sum[2] += float32(a[2] * b[2])
		sum[3] += float32(a[3] * b[3])
	}
	for ; i < len(x); i++ {
		sum[0] += float32(x[i] * y[i])
	}
	return (sum[0] + sum[1]) + (sum[2] + sum[3])
}

func genericSum(x []float32) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v)
	}
	return sum
}

func genericSumSquares(x []float32) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum
}

func genericMax(x []float32) float32 {
	top := float32(math.Inf(-1))
	for _, v := range x {
		if v > top {
			top = v
		}
	}
	return top
}

func genericMaxPlus(dst, x, m []float32) {
	for j := range dst {
		dst[j] = float32(math.Inf(-1))
	}
	for i, v := range x {
		for j, w := range m[i*len(dst):][:len(dst)] {
			if sum := v + w; sum > dst[j] {
				dst[j] = sum
			}
		}
	}
}

func genericExpSum(shift float32, x []float32) float64 {
	var sum float64
	for i, v := range x {
		x[i] = exp32(v - shift)
		sum += float64(x[i])
	}
	return sum
}

func genericSumExp(shift float32, x []float32) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(exp32(v - shift))
	}
	return sum
}

func genericAdam(s *adamStep, w, g, m, v []float32) {
	for i := range w {
		gi := g[i] * s.scale
		mi := float32(s.beta1*m[i]) + float32(s.rest1*gi)
		vi := float32(s.beta2*v[i]) + float32(s.rest2*float32(gi*gi))
		m[i], v[i] = mi, vi
		d := float32(float32(math.Sqrt(float64(vi)))*s.root) + s.epsilon
		w[i] = float32(s.keep*w[i]) - float32(float32(s.rate*mi)/d)
	}
}

func genericDrift(s *AdamDrift, w, m, v []float32) {
	for i, mi := range m {
		w[i] = s.Keep*w[i] - s.Factor*mi/(float32(math.Sqrt(float64(v[i])))+s.Epsilon)
		m[i], v[i] = s.Fall1*mi, s.Fall2*v[i]
	}
}

func genericMomentum(w, g, v []float32, rate, momentum, scale, keep float32) {
	for i := range w {
		v[i] = float32(momentum*v[i]) + float32(scale*g[i])
		w[i] = float32(keep*w[i]) - float32(rate*v[i])
	}
}
