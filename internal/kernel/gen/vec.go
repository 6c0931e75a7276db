package main

import (
	"fmt"
	"strings"
)

// Vector functions walk their slices in parallel: at holds the offset in bytes, left the elements that are left.
const (
	at   = "AX"
	left = "CX"
)

// pointers are the registers of the slices' starts, in the order of the arguments.
var pointers = []string{"DI", "SI", "DX", "BX", "R8", "R9", "R10", "R11"}

// vectors writes the functions over vectors: element by element, reductions, cells and optimizer updates.
func vectors(m *machine) *file {
	f := newFile(m, "vec_"+m.name+"_amd64.s")
	f.maps()
	f.reductions()
	f.cells()
	f.updates()
	f.laneTable()
	f.constTable()
	return f
}

// beginSlices begins a function and loads the pointers of its slices, and the length of the first into left.
func (f *file) beginSlices(name string) {
	args := f.begin(name, 0).slices()
	for i, a := range args {
		f.op("MOVQ", f.arg(a.name, "base"), pointers[i])
	}
	f.op("MOVQ", f.arg(args[0].name, "len"), left)
}

// elem returns the operand of a slice's current elements.
func elem(pointer string) string { return fmt.Sprintf("(%s)(%s*1)", pointer, at) }

// tailMask returns the mask of the remaining lanes at the end of a slice.
func (f *file) tailMask() string {
	if f.reg == "Z" {
		return "K1"
	}
	return f.r(f.regs - 1)
}

// loop writes body twice: in a loop over full registers, and for the remainder under a mask. Both may be empty.
func (f *file) loop(body func(mask string)) {
	loop, tail, done := f.label("loop"), f.label("tail"), f.label("done")
	f.op("XORL", at, at)
	f.op("SUBQ", imm(f.lanes()), left)
	f.op("JLT", tail)
	f.op("PCALIGN", "$32")
	f.place(loop)
	body("")
	f.op("ADDQ", imm(f.width), at)
	f.op("SUBQ", imm(f.lanes()), left)
	f.op("JGE", loop)
	f.place(tail)
	f.op("ADDQ", imm(f.lanes()), left)
	f.op("JZ", done)
	if f.reg == "Z" {
		f.op("MOVL", "$1", "R12")
		f.op("SHLL", left, "R12")
		f.op("DECL", "R12")
		f.op("KMOVW", "R12", "K1")
	} else {
		f.op("NEGQ", left)
		f.op("LEAQ", fmt.Sprintf("lanes<>+%d(SB)", f.width), "R12")
		f.op("VMOVDQU", "(R12)(CX*4)", f.tailMask())
	}
	body(f.tailMask())
	f.place(done)
}

// maps writes the functions that work element by element.
func (f *file) maps() {
	for _, fn := range []struct {
		name   string
		body   func(v, t, u string)
		consts []string
	}{
		{"exp", f.exp, expConsts},
		{"tanh", f.tanh, tanhConsts},
		{"sigmoid", f.sigmoid, sigmoidConsts},
	} {
		f.beginSlices(fn.name)
		f.consts(3, fn.consts...)
		f.loop(func(mask string) {
			f.load(elem("SI"), mask, f.r(0))
			fn.body(f.r(0), f.r(1), f.r(2))
			f.put(f.r(0), mask, elem("DI"))
		})
		f.ret()
	}
	for _, name := range []string{"add", "mul"} {
		f.beginSlices(name)
		f.loop(func(mask string) {
			f.load(elem("SI"), mask, f.r(0))
			f.load(elem("DX"), mask, f.r(1))
			switch name {
			case "add":
				f.op("VADDPS", f.r(1), f.r(0), f.r(0))
			case "mul":
				f.op("VMULPS", f.r(1), f.r(0), f.r(0))
			}
			f.put(f.r(0), mask, elem("DI"))
		})
		f.ret()
	}
	f.beginSlices("axpy")
	f.op("VBROADCASTSS", f.arg("alpha", ""), f.r(2))
	f.loop(func(mask string) {
		f.load(elem("DI"), mask, f.r(0))
		f.load(elem("SI"), mask, f.r(1))
		f.op("VFMADD213PS", f.r(1), f.r(2), f.r(0))
		f.put(f.r(0), mask, elem("SI"))
	})
	f.ret()
	f.beginSlices("affine")
	f.op("VBROADCASTSS", f.arg("alpha", ""), f.r(1))
	f.op("VBROADCASTSS", f.arg("beta", ""), f.r(2))
	f.loop(func(mask string) {
		f.load(elem("DI"), mask, f.r(0))
		f.op("VFMADD213PS", f.r(2), f.r(1), f.r(0))
		f.put(f.r(0), mask, elem("DI"))
	})
	f.ret()
}

// values are the numeric constants by name.
var values = map[string]float64{
	"log2e": 1.4426950408889634,
	"ln2hi": float64(float32(0.6931471805599453)),
	"ln2lo": 0.6931471805599453 - float64(float32(0.6931471805599453)),
	"one":   1,
	"two":   2,
	// Bounds of the arguments: beyond them exp is 0 or +Inf in float32, and tanh is ±1.
	"expMin":  -104,
	"expMax":  89,
	"tanhMin": -9.1,
	"tanhMax": 9.1,
	// q(r) = (e^r − 1 − r)/r² for |r| ≤ ½ ln 2, interpolated at Chebyshev nodes; e^r − 1 has a relative error of
	// 2.4e-8.
	"q0": 0.5,
	"q1": 0.166665778,
	"q2": 0.0416665561,
	"q3": 0.00836317334,
	"q4": 0.00139261759,
}

// bits are the constants that are bit patterns.
var bits = map[string]uint32{
	"sign": 1 << 31,
	"bias": 127,
	"ninf": 0xff800000,
}

var (
	reduceConsts  = []string{"log2e", "ln2hi", "ln2lo", "q0", "q1", "q2", "q3", "q4", "one", "bias"}
	expConsts     = append([]string{"expMin", "expMax"}, reduceConsts...)
	sigmoidConsts = append([]string{"sign"}, expConsts...)
	tanhConsts    = append([]string{"tanhMin", "tanhMax", "two"}, reduceConsts...)
)

// consts makes constants available to the rest of the function. They take the registers from the last one, or the one
// before the mask, down to the free-th; constants beyond those stay in memory.
func (f *file) consts(free int, names ...string) {
	f.inReg = map[string]string{}
	last := f.regs - 1
	if f.reg == "Y" {
		last-- // tailMask
	}
	for _, n := range names {
		if f.inReg[n] != "" || last < free {
			continue
		}
		reg := f.r(last)
		f.inReg[n] = reg
		last--
		if f.reg == "Z" {
			f.op("VBROADCASTSS", f.inMem(n), reg)
		} else {
			f.op("VMOVUPS", f.inMem(n), reg)
		}
	}
}

// c returns the operand of a constant.
func (f *file) c(name string) string {
	if reg := f.inReg[name]; reg != "" {
		return reg
	}
	if f.reg == "Z" {
		panic("gen: " + name + " is not among the function's constants")
	}
	return f.inMem(name)
}

// inMem returns the operand of a constant in memory.
func (f *file) inMem(name string) string {
	for i, n := range f.used {
		if n == name {
			return fmt.Sprintf("consts<>+%d(SB)", i*f.constSize())
		}
	}
	f.used = append(f.used, name)
	return fmt.Sprintf("consts<>+%d(SB)", (len(f.used)-1)*f.constSize())
}

// constSize is the bytes of a constant in memory: one element to broadcast, or a full register.
func (f *file) constSize() int {
	if f.reg == "Z" {
		return 4
	}
	return f.width
}

// constTable writes the constants that the functions use.
func (f *file) constTable() {
	f.WriteString("\n// " + strings.Join(f.used, ", ") + "\n")
	for i, n := range f.used {
		for j := 0; j < f.constSize(); j += 4 {
			fmt.Fprintf(f, "DATA consts<>+%d(SB)/4, $0x%08x\n", i*f.constSize()+j, constBits(n))
		}
	}
	fmt.Fprintf(f, "GLOBL consts<>(SB), RODATA|NOPTR, $%d\n", len(f.used)*f.constSize())
}
