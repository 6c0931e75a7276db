package main

import "math"

// constBits returns the bits of a constant.
func constBits(name string) uint32 {
	if b, ok := bits[name]; ok {
		return b
	}
	v, ok := values[name]
	if !ok {
		panic("gen: no constant " + name)
	}
	return math.Float32bits(float32(v))
}

// clamp bounds v from below and above. NaN stays: VMAXPS and VMINPS return the operand named first here for NaN.
func (f *file) clamp(v, t, low, high string) {
	f.op("VMOVUPS", f.c(low), t)
	f.op("VMAXPS", v, t, v)
	f.op("VMOVUPS", f.c(high), t)
	f.op("VMINPS", v, t, v)
}

// reduce splits v = n·ln 2 + r with an integer n and |r| ≤ ½ ln 2, and sets v to e^r − 1 = r + r²·q(r).
func (f *file) reduce(v, n, t string) {
	f.op("VMULPS", f.c("log2e"), v, n)
	if f.reg == "Z" {
		f.op("VRNDSCALEPS", "$8", n, n)
	} else {
		f.op("VROUNDPS", "$8", n, n)
	}
	f.op("VFNMADD231PS", f.c("ln2hi"), n, v)
	f.op("VFNMADD231PS", f.c("ln2lo"), n, v)
	f.op("VMOVUPS", f.c("q4"), t)
	for _, q := range []string{"q3", "q2", "q1", "q0"} {
		f.op("VFMADD213PS", f.c(q), v, t)
	}
	f.op("VMULPS", v, t, t)
	f.op("VFMADD213PS", v, t, v)
}

// exp sets v to e^v.
func (f *file) exp(v, n, t string) {
	f.clamp(v, t, "expMin", "expMax")
	f.reduce(v, n, t)
	f.op("VADDPS", f.c("one"), v, v)
	if f.reg == "Z" {
		f.op("VSCALEFPS", n, v, v)
		return
	}
	// 2ⁿ is the product of two powers, so that each exponent is in range.
	f.op("VCVTPS2DQ", n, n)
	f.op("VPSRAD", "$1", n, t)
	f.op("VPSUBD", t, n, n)
	for _, half := range []string{t, n} {
		f.op("VPADDD", f.c("bias"), half, half)
		f.op("VPSLLD", "$23", half, half)
		f.op("VMULPS", half, v, v)
	}
}

// sigmoid sets v to 1/(1 + e^−v).
func (f *file) sigmoid(v, n, t string) {
	f.op("VXORPS", f.c("sign"), v, v)
	f.exp(v, n, t)
	f.op("VADDPS", f.c("one"), v, v)
	f.op("VMOVUPS", f.c("one"), t)
	f.op("VDIVPS", v, t, v)
}

// tanh sets v to tanh v = x/(x + 2) with x = e^2v − 1 = 2ⁿ·(e^r − 1) + (2ⁿ − 1), a form without cancellation
// near 0.
func (f *file) tanh(v, n, t string) {
	f.clamp(v, t, "tanhMin", "tanhMax")
	f.op("VADDPS", v, v, v)
	f.reduce(v, n, t)
	if f.reg == "Z" {
		f.op("VMOVUPS", f.c("one"), t)
		f.op("VSCALEFPS", n, t, t)
	} else {
		f.op("VCVTPS2DQ", n, t)
		f.op("VPADDD", f.c("bias"), t, t)
		f.op("VPSLLD", "$23", t, t)
	}
	f.op("VSUBPS", f.c("one"), t, n)
	f.op("VFMADD213PS", n, t, v)
	f.op("VADDPS", f.c("two"), v, t)
	f.op("VDIVPS", t, v, v)
}
