package main

import (
	"fmt"
	"strings"
)

// Vector functions go through their slices together: at holds the offset in bytes, CX the elements that are left.
const (
	at   = "AX"
	left = "CX"
)

// pointers are the registers that hold the starts of slices.
var pointers = []string{"DI", "SI", "DX", "BX", "R8", "R9", "R10", "R11"}

// vec writes the vector functions.
func vec(m *machine) []byte {
	f := newFile(m)
	f.maps()
	f.reductions()
	f.cells()
	f.steps()
	f.laneTable()
	f.constTable()
	return f.Bytes()
}

// slices begins a function whose arguments are so many slices after skip bytes of others, with result bytes of results,
// and loads their pointers. CX is the length of the first.
func (f *file) slices(name string, skip, result int, names ...string) {
	f.text(name, skip+24*len(names)+result)
	for i, n := range names {
		f.op("MOVQ", fmt.Sprintf("%s_base+%d(FP)", n, skip+24*i), pointers[i])
	}
	f.op("MOVQ", fmt.Sprintf("%s_len+%d(FP)", names[0], skip+8), left)
}

// elem returns the operand of the elements of a pointer that are at hand.
func elem(pointer string) string { return fmt.Sprintf("(%s)(%s*1)", pointer, at) }

// tailMask returns the mask of the lanes that are left over at the end.
func (f *file) tailMask() string {
	if f.reg == "Z" {
		return "K1"
	}
	return f.r(f.regs - 1)
}

// loop writes body once for whole registers and once for the rest under a mask. The rest may be empty, and so may the
// slices.
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

// maps writes the functions that treat each element alone.
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
		f.slices(fn.name, 0, 0, "dst", "src")
		f.consts(3, fn.consts...)
		f.loop(func(mask string) {
			f.load(elem("SI"), mask, f.r(0))
			fn.body(f.r(0), f.r(1), f.r(2))
			f.put(f.r(0), mask, elem("DI"))
		})
		f.ret()
	}
	for _, name := range []string{"add", "mul"} {
		f.slices(name, 0, 0, "dst", "a", "b")
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
	f.slices("axpy", 8, 0, "x", "y")
	f.op("VBROADCASTSS", "alpha+0(FP)", f.r(2))
	f.loop(func(mask string) {
		f.load(elem("DI"), mask, f.r(0))
		f.load(elem("SI"), mask, f.r(1))
		f.op("VFMADD213PS", f.r(1), f.r(2), f.r(0))
		f.put(f.r(0), mask, elem("SI"))
	})
	f.ret()
	f.slices("affine", 8, 0, "x")
	f.op("VBROADCASTSS", "alpha+0(FP)", f.r(1))
	f.op("VBROADCASTSS", "beta+4(FP)", f.r(2))
	f.loop(func(mask string) {
		f.load(elem("DI"), mask, f.r(0))
		f.op("VFMADD213PS", f.r(2), f.r(1), f.r(0))
		f.put(f.r(0), mask, elem("DI"))
	})
	f.ret()
}

// constant values, by the names that the functions use.
var values = map[string]float64{
	"log2e": 1.4426950408889634,
	"ln2hi": float64(float32(0.6931471805599453)),
	"ln2lo": 0.6931471805599453 - float64(float32(0.6931471805599453)),
	"one":   1,
	"two":   2,
	// The arguments past which exp is 0 or +Inf, and tanh is ±1, in float32.
	"expMin":  -104,
	"expMax":  89,
	"tanhMin": -9.1,
	"tanhMax": 9.1,
	// (e^r − 1 − r)/r² for |r| ≤ ½ ln 2, interpolated at Chebyshev's nodes: e^r − 1 to 2.4e-8 of itself.
	"q0": 0.5,
	"q1": 0.166665778,
	"q2": 0.0416665561,
	"q3": 0.00836317334,
	"q4": 0.00139261759,
}

// bits are constants that are not numbers.
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

// consts makes constants available to what follows: in registers, from the last one that no mask needs down to the
// first that is free, and in memory those that come after.
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

func (f *file) inMem(name string) string {
	for i, n := range f.used {
		if n == name {
			return fmt.Sprintf("consts<>+%d(SB)", i*f.constSize())
		}
	}
	f.used = append(f.used, name)
	return fmt.Sprintf("consts<>+%d(SB)", (len(f.used)-1)*f.constSize())
}

// constSize is the bytes of a constant in memory: one element to be broadcast, or a whole register.
func (f *file) constSize() int {
	if f.reg == "Z" {
		return 4
	}
	return f.width
}

// constTable writes the constants that were used.
func (f *file) constTable() {
	f.WriteString("\n// " + strings.Join(f.used, ", ") + "\n")
	for i, n := range f.used {
		for j := 0; j < f.constSize(); j += 4 {
			fmt.Fprintf(f, "DATA consts<>+%d(SB)/4, $0x%08x\n", i*f.constSize()+j, constBits(n))
		}
	}
	fmt.Fprintf(f, "GLOBL consts<>(SB), RODATA|NOPTR, $%d\n", len(f.used)*f.constSize())
}
