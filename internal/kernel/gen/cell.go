package main

import "fmt"

// gates sets the pointers of a row's other gates; each gate begins CX elements after the previous one.
func (f *file) gates(first string, others ...string) {
	before := first
	for _, g := range others {
		f.op("LEAQ", fmt.Sprintf("(%s)(%s*4)", before, left), g)
		before = g
	}
}

// beginRow begins a function of one row. It loads h into CX and the slices, in order, into registers.
func (f *file) beginRow(name string, registers ...string) {
	fn := f.begin(name, 0)
	f.op("MOVQ", f.arg("h", ""), left)
	for i, a := range fn.slices() {
		f.op("MOVQ", f.arg(a.name, "base"), registers[i])
	}
}

// cells writes the forward and backward step of each cell, for one row.
func (f *file) cells() {
	f.lstmForward()
	f.lstmBackward()
	f.gruForward()
	f.gruBackward()
}

var cellConsts = append(append(append([]string{}, reduceConsts...), sigmoidConsts...), tanhConsts...)

func (f *file) lstmForward() {
	f.beginRow("lstmForward", "DI", "R8", "R9", "R10", "R11") // gates, c0, c1, tc, hOut
	f.gates("DI", "SI", "DX", "BX")
	f.consts(6, cellConsts...)
	f.loop(func(mask string) {
		i, ff, g, o, t, u := f.r(0), f.r(1), f.r(2), f.r(3), f.r(4), f.r(5)
		for _, gate := range []struct {
			reg, at string
			fn      func(v, n, t string)
		}{{i, "DI", f.sigmoid}, {ff, "SI", f.sigmoid}, {g, "DX", f.tanh}, {o, "BX", f.sigmoid}} {
			f.load(elem(gate.at), mask, gate.reg)
			gate.fn(gate.reg, t, u)
			f.put(gate.reg, mask, elem(gate.at))
		}
		f.load(elem("R8"), mask, t)
		f.op("VMULPS", g, i, i)
		f.op("VFMADD231PS", t, ff, i) // c1
		f.put(i, mask, elem("R9"))
		f.tanh(i, t, u)
		f.put(i, mask, elem("R10"))
		f.op("VMULPS", o, i, i)
		f.put(i, mask, elem("R11"))
	})
	f.ret()
}

// sigmoidSlope sets v, the value of a sigmoid, to its derivative v·(1−v).
func (f *file) sigmoidSlope(v, t string) {
	f.op("VMOVUPS", f.c("one"), t)
	f.op("VSUBPS", v, t, t)
	f.op("VMULPS", t, v, v)
}

// tanhSlope sets t to the derivative of tanh where its value is v, 1 − v².
func (f *file) tanhSlope(v, t string) {
	f.op("VMOVUPS", f.c("one"), t)
	f.op("VFNMADD231PS", v, v, t)
}

func (f *file) lstmBackward() {
	f.beginRow("lstmBackward", "DI", "R8", "R9", "R10", "R11") // gates, c0, tc, dh, dc
	f.gates("DI", "SI", "DX", "BX")
	f.consts(9, "one")
	f.loop(func(mask string) {
		i, ff, g, o := f.r(0), f.r(1), f.r(2), f.r(3)
		tc, dh, dc, t, u := f.r(4), f.r(5), f.r(6), f.r(7), f.r(8)
		for _, l := range [][2]string{{"DI", i}, {"SI", ff}, {"DX", g}, {"BX", o}, {"R9", tc}, {"R10", dh}, {"R11", dc}} {
			f.load(elem(l[0]), mask, l[1])
		}
		// the whole gradient of c1: dc + dh·o·(1−tc²)
		f.tanhSlope(tc, t)
		f.op("VMULPS", o, dh, u)
		f.op("VFMADD231PS", u, t, dc)
		// output gate
		f.op("VMULPS", tc, dh, dh)
		f.sigmoidSlope(o, t)
		f.op("VMULPS", dh, o, o)
		f.put(o, mask, elem("BX"))
		// candidate
		f.tanhSlope(g, t)
		f.op("VMULPS", i, dc, u)
		f.op("VMULPS", t, u, u)
		f.put(u, mask, elem("DX"))
		// input gate
		f.sigmoidSlope(i, t)
		f.op("VMULPS", g, dc, u)
		f.op("VMULPS", u, i, i)
		f.put(i, mask, elem("DI"))
		// forget gate and the gradient of c0
		f.load(elem("R8"), mask, t)
		f.op("VMULPS", t, dc, u)
		f.op("VMULPS", ff, dc, dc)
		f.put(dc, mask, elem("R11"))
		f.sigmoidSlope(ff, t)
		f.op("VMULPS", u, ff, ff)
		f.put(ff, mask, elem("SI"))
	})
	f.ret()
}

func (f *file) gruForward() {
	f.beginRow("gruForward", "DI", "BX", "R10", "R11") // gx, gh, h0, h1
	f.gates("DI", "SI", "DX")
	f.gates("BX", "R8", "R9")
	f.consts(5, cellConsts...)
	f.loop(func(mask string) {
		r, z, n, t, u := f.r(0), f.r(1), f.r(2), f.r(3), f.r(4)
		for _, gate := range []struct{ reg, x, h string }{{r, "DI", "BX"}, {z, "SI", "R8"}} {
			f.load(elem(gate.x), mask, gate.reg)
			f.load(elem(gate.h), mask, t)
			f.op("VADDPS", t, gate.reg, gate.reg)
			f.sigmoid(gate.reg, t, u)
			f.put(gate.reg, mask, elem(gate.x))
		}
		f.load(elem("DX"), mask, n)
		f.load(elem("R9"), mask, t)
		f.op("VFMADD231PS", t, r, n)
		f.tanh(n, t, u)
		f.put(n, mask, elem("DX"))
		// (1−z)·n + z·h0
		f.load(elem("R10"), mask, t)
		f.op("VMOVUPS", f.c("one"), u)
		f.op("VSUBPS", z, u, u)
		f.op("VMULPS", n, u, u)
		f.op("VFMADD231PS", t, z, u)
		f.put(u, mask, elem("R11"))
	})
	f.ret()
}

func (f *file) gruBackward() {
	f.beginRow("gruBackward", "DI", "BX", "R10", "R11") // gx, gh, h0, dh
	f.gates("DI", "SI", "DX")
	f.gates("BX", "R8", "R9")
	f.consts(9, "one")
	f.loop(func(mask string) {
		r, z, n := f.r(0), f.r(1), f.r(2)
		dh, h0, hn, t, u := f.r(3), f.r(4), f.r(5), f.r(6), f.r(7)
		for _, l := range [][2]string{{"DI", r}, {"SI", z}, {"DX", n}, {"R11", dh}, {"R10", h0}, {"R9", hn}} {
			f.load(elem(l[0]), mask, l[1])
		}
		f.op("VMULPS", z, dh, t)
		f.put(t, mask, elem("R11"))
		// candidate: dh·(1−z)·(1−n²)
		f.op("VSUBPS", t, dh, u)
		f.tanhSlope(n, t)
		f.op("VMULPS", t, u, u)
		f.put(u, mask, elem("DX"))
		f.op("VMULPS", r, u, t)
		f.put(t, mask, elem("R9"))
		// reset gate
		f.op("VMULPS", hn, u, u)
		f.sigmoidSlope(r, t)
		f.op("VMULPS", u, r, r)
		f.put(r, mask, elem("DI"))
		f.put(r, mask, elem("BX"))
		// update gate
		f.op("VSUBPS", n, h0, h0)
		f.op("VMULPS", dh, h0, h0)
		f.sigmoidSlope(z, t)
		f.op("VMULPS", h0, z, z)
		f.put(z, mask, elem("SI"))
		f.put(z, mask, elem("R8"))
	})
	f.ret()
}
