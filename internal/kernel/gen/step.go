package main

// updates writes the optimizers' updates.
func (f *file) updates() {
	f.adam()
	f.drift()
	f.momentum()
}

func (f *file) adam() {
	f.beginSlices("adam")
	f.op("MOVQ", f.arg("s", ""), "R8")
	const scale, beta1, rest1, beta2, rest2, rate, root, epsilon, keep = 6, 7, 8, 9, 10, 11, 12, 13, 14
	for _, c := range []struct {
		reg  int
		name string
	}{{scale, "scale"}, {beta1, "beta1"}, {rest1, "rest1"}, {beta2, "beta2"}, {rest2, "rest2"}, {rate, "rate"}, {root, "root"}, {epsilon, "epsilon"}, {keep, "keep"}} {
		f.op("VBROADCASTSS", "adamStep_"+c.name+"(R8)", f.r(c.reg))
	}
	f.loop(func(mask string) {
		w, g, m, v, t := f.r(0), f.r(1), f.r(2), f.r(3), f.r(4)
		for _, l := range [][2]string{{"DI", w}, {"SI", g}, {"DX", m}, {"BX", v}} {
			f.load(elem(l[0]), mask, l[1])
		}
		f.op("VMULPS", f.r(scale), g, g)
		f.op("VMULPS", f.r(beta1), m, m)
		f.op("VFMADD231PS", f.r(rest1), g, m)
		f.put(m, mask, elem("DX"))
		f.op("VMULPS", g, g, g)
		f.op("VMULPS", f.r(beta2), v, v)
		f.op("VFMADD231PS", f.r(rest2), g, v)
		f.put(v, mask, elem("BX"))
		f.op("VSQRTPS", v, t)
		f.op("VFMADD213PS", f.r(epsilon), f.r(root), t)
		f.op("VMULPS", f.r(rate), m, m)
		f.op("VDIVPS", t, m, m)
		f.op("VFMSUB213PS", m, f.r(keep), w)
		f.put(w, mask, elem("DI"))
	})
	f.ret()
}

// drift rounds every product, as the Go version does on this processor.
func (f *file) drift() {
	f.beginSlices("drift")
	f.op("MOVQ", f.arg("s", ""), "R8")
	const factor, epsilon, keep, fall1, fall2 = 5, 6, 7, 8, 9
	for _, c := range []struct {
		reg  int
		name string
	}{{factor, "Factor"}, {epsilon, "Epsilon"}, {keep, "Keep"}, {fall1, "Fall1"}, {fall2, "Fall2"}} {
		f.op("VBROADCASTSS", "AdamDrift_"+c.name+"(R8)", f.r(c.reg))
	}
	f.loop(func(mask string) {
		w, m, v, root, move := f.r(0), f.r(1), f.r(2), f.r(3), f.r(4)
		for _, l := range [][2]string{{"DI", w}, {"SI", m}, {"DX", v}} {
			f.load(elem(l[0]), mask, l[1])
		}
		f.op("VSQRTPS", v, root)
		f.op("VADDPS", f.r(epsilon), root, root)
		f.op("VMULPS", f.r(factor), m, move)
		f.op("VDIVPS", root, move, move)
		f.op("VMULPS", f.r(keep), w, w)
		f.op("VSUBPS", move, w, w)
		f.put(w, mask, elem("DI"))
		f.op("VMULPS", f.r(fall1), m, m)
		f.put(m, mask, elem("SI"))
		f.op("VMULPS", f.r(fall2), v, v)
		f.put(v, mask, elem("DX"))
	})
	f.ret()
}

func (f *file) momentum() {
	f.beginSlices("momentum")
	const rate, momentum, scale, keep = 4, 5, 6, 7
	f.op("VBROADCASTSS", f.arg("rate", ""), f.r(rate))
	f.op("VBROADCASTSS", f.arg("momentum", ""), f.r(momentum))
	f.op("VBROADCASTSS", f.arg("scale", ""), f.r(scale))
	f.op("VBROADCASTSS", f.arg("keep", ""), f.r(keep))
	f.loop(func(mask string) {
		w, g, v := f.r(0), f.r(1), f.r(2)
		for _, l := range [][2]string{{"DI", w}, {"SI", g}, {"DX", v}} {
			f.load(elem(l[0]), mask, l[1])
		}
		f.op("VMULPS", f.r(scale), g, g)
		f.op("VFMADD231PS", f.r(momentum), v, g)
		f.put(g, mask, elem("DX"))
		f.op("VMULPS", f.r(rate), g, v)
		f.op("VFMSUB213PS", v, f.r(keep), w)
		f.put(w, mask, elem("DI"))
	})
	f.ret()
}
