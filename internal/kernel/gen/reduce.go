package main

import "fmt"

// reductions writes the functions that return one number for a slice.
func (f *file) reductions() {
	f.dot()
	f.sums64()
	f.max()
	f.maxPlus()
	f.expSums()
}

// half returns the low half of the i-th register.
func (f *file) half(i int) string {
	if f.reg == "Z" {
		return fmt.Sprint("Y", i)
	}
	return fmt.Sprint("X", i)
}

// highHalf moves the high half of register from into the low half of register to.
func (f *file) highHalf(from, to int) {
	if f.reg == "Z" {
		f.op("VEXTRACTF64X4", "$1", f.r(from), f.half(to))
	} else {
		f.op("VEXTRACTF128", "$1", f.r(from), f.half(to))
	}
}

// keep clears the lanes of v outside the mask.
func (f *file) keep(mask, v string) {
	switch {
	case mask == "":
	case f.reg == "Z":
		f.op("VMOVAPS.Z", v, mask, v)
	default:
		f.op("VANDPS", mask, v, v)
	}
}

// widen adds the lanes of register v, or their squares, as float64 to the sums lo and hi. It clobbers registers v+1 and
// v+2.
func (f *file) widen(v, lo, hi int, square bool) {
	f.highHalf(v, v+1)
	for i, sum := range []int{lo, hi} {
		f.op("VCVTPS2PD", f.half(v+i), f.r(v+2))
		if square {
			f.op("VFMADD231PD", f.r(v+2), f.r(v+2), f.r(sum))
		} else {
			f.op("VADDPD", f.r(v+2), f.r(sum), f.r(sum))
		}
	}
}

// fold64 adds all float64 lanes of registers a and b into the lowest lane of a.
func (f *file) fold64(a, b int) {
	f.op("VADDPD", f.r(b), f.r(a), f.r(a))
	if f.reg == "Z" {
		f.op("VEXTRACTF64X4", "$1", f.r(a), fmt.Sprint("Y", b))
		f.op("VADDPD", fmt.Sprint("Y", b), fmt.Sprint("Y", a), fmt.Sprint("Y", a))
	}
	f.op("VEXTRACTF128", "$1", fmt.Sprint("Y", a), fmt.Sprint("X", b))
	f.op("VADDPD", fmt.Sprint("X", b), fmt.Sprint("X", a), fmt.Sprint("X", a))
	f.op("VPERMILPD", "$1", fmt.Sprint("X", a), fmt.Sprint("X", b))
	f.op("VADDSD", fmt.Sprint("X", b), fmt.Sprint("X", a), fmt.Sprint("X", a))
}

// fold32 combines the float32 lanes of register a by an instruction into the lowest lane. It clobbers b.
func (f *file) fold32(op string, a, b int) {
	if f.reg == "Z" {
		f.op("VEXTRACTF64X4", "$1", f.r(a), fmt.Sprint("Y", b))
		f.op(op, fmt.Sprint("Y", b), fmt.Sprint("Y", a), fmt.Sprint("Y", a))
	}
	x, y := fmt.Sprint("X", a), fmt.Sprint("X", b)
	f.op("VEXTRACTF128", "$1", fmt.Sprint("Y", a), y)
	f.op(op, y, x, x)
	f.op("VPERMILPS", "$0x4e", x, y)
	f.op(op, y, x, x)
	f.op("VPERMILPS", "$0xb1", x, y)
	f.op(op, y, x, x)
}

// clear zeros registers.
func (f *file) clear(regs ...int) {
	for _, r := range regs {
		f.op("VXORPS", f.r(r), f.r(r), f.r(r))
	}
}

// dot writes the dot product, with four independent registers of sums while the slices last.
func (f *file) dot() {
	f.beginSlices("dot")
	f.clear(0, 1, 2, 3)
	four, rest := f.label("four"), f.label("rest")
	f.place(four)
	f.op("CMPQ", left, imm(4*f.lanes()))
	f.op("JLT", rest)
	for i := range 4 {
		f.op("VMOVUPS", mem("DI", i*f.width), f.r(4+i))
		f.op("VFMADD231PS", mem("SI", i*f.width), f.r(4+i), f.r(i))
	}
	f.op("ADDQ", imm(4*f.width), "DI")
	f.op("ADDQ", imm(4*f.width), "SI")
	f.op("SUBQ", imm(4*f.lanes()), left)
	f.op("JMP", four)
	f.place(rest)
	f.loop(func(mask string) {
		f.load(elem("DI"), mask, f.r(4))
		f.load(elem("SI"), mask, f.r(5))
		f.op("VFMADD231PS", f.r(5), f.r(4), f.r(0))
	})
	f.op("VADDPS", f.r(1), f.r(0), f.r(0))
	f.op("VADDPS", f.r(3), f.r(2), f.r(2))
	f.op("VADDPS", f.r(2), f.r(0), f.r(0))
	f.fold32("VADDPS", 0, 1)
	f.op("VMOVSS", "X0", f.arg("ret", ""))
	f.ret()
}

// sums64 writes the sums of elements and of squares in float64.
func (f *file) sums64() {
	for _, name := range []string{"sum", "sumSquares"} {
		f.beginSlices(name)
		f.clear(0, 1)
		f.loop(func(mask string) {
			f.load(elem("DI"), mask, f.r(2))
			f.widen(2, 0, 1, name == "sumSquares")
		})
		f.fold64(0, 1)
		f.op("VMOVSD", "X0", f.arg("ret", ""))
		f.ret()
	}
}

// max writes the maximum. VMAXPS returns the operand named first here, the maximum so far, if the other is NaN.
func (f *file) max() {
	f.beginSlices("max")
	f.consts(3, "ninf")
	f.op("VMOVUPS", f.c("ninf"), f.r(0))
	f.op("VMOVUPS", f.c("ninf"), f.r(1))
	f.loop(func(mask string) {
		switch {
		case mask == "":
			f.op("VMOVUPS", elem("DI"), f.r(2))
		case f.reg == "Z":
			f.op("VMOVUPS", f.r(1), f.r(2))
			f.op("VMOVUPS", elem("DI"), mask, f.r(2))
		default:
			f.load(elem("DI"), mask, f.r(2))
			f.op("VBLENDVPS", mask, f.r(2), f.r(1), f.r(2))
		}
		f.op("VMAXPS", f.r(0), f.r(2), f.r(0))
	})
	f.fold32("VMAXPS", 0, 1)
	f.op("VMOVSS", "X0", f.arg("ret", ""))
	f.ret()
}

// maxPlus writes the product of a vector and a matrix where sums are maxima and products are sums. Four registers of
// columns go at a time while they last.
func (f *file) maxPlus() {
	f.beginSlices("maxPlus")
	f.consts(8, "ninf")
	f.op("MOVQ", left, "R11")
	f.op("SHLQ", "$2", "R11")
	four, rest := f.label("four"), f.label("rest")
	f.place(four)
	f.op("CMPQ", left, imm(4*f.lanes()))
	f.op("JLT", rest)
	f.columns(4, "DX", "")
	for i := range 4 {
		f.op("VMOVUPS", f.r(i), mem("DI", i*f.width))
	}
	f.op("ADDQ", imm(4*f.width), "DI")
	f.op("ADDQ", imm(4*f.width), "DX")
	f.op("SUBQ", imm(4*f.lanes()), left)
	f.op("JMP", four)
	f.place(rest)
	f.loop(func(mask string) {
		f.op("LEAQ", elem("DX"), "BX")
		f.columns(1, "BX", mask)
		f.put(f.r(0), mask, elem("DI"))
	})
	f.ret()
}

// columns sets the first n registers to the maxima of maxPlus for the columns that begin at a pointer. R11 is the bytes
// of a row.
func (f *file) columns(n int, pointer, mask string) {
	f.op("MOVQ", pointer, "R8")
	f.op("MOVQ", "SI", "R9")
	f.op("MOVQ", f.arg("x", "len"), "R10")
	for i := range n {
		f.op("VMOVUPS", f.c("ninf"), f.r(i))
	}
	loop := f.label("rows")
	f.place(loop)
	f.op("VBROADCASTSS", "(R9)", f.r(4))
	for i := range n {
		f.load(mem("R8", i*f.width), mask, f.r(5))
		f.op("VADDPS", f.r(4), f.r(5), f.r(5))
		f.op("VMAXPS", f.r(i), f.r(5), f.r(i))
	}
	f.op("ADDQ", "$4", "R9")
	f.op("ADDQ", "R11", "R8")
	f.op("DECQ", "R10")
	f.op("JNZ", loop)
}

// expSums writes the sums of exponentials: expSum stores the exponentials in x, sumExp leaves x unchanged.
func (f *file) expSums() {
	for _, name := range []string{"expSum", "sumExp"} {
		f.beginSlices(name)
		f.consts(6, expConsts...)
		f.op("VBROADCASTSS", f.arg("shift", ""), f.r(5))
		f.clear(0, 1)
		f.loop(func(mask string) {
			f.load(elem("DI"), mask, f.r(2))
			f.op("VSUBPS", f.r(5), f.r(2), f.r(2))
			f.exp(f.r(2), f.r(3), f.r(4))
			if name == "expSum" {
				f.put(f.r(2), mask, elem("DI"))
			}
			f.keep(mask, f.r(2))
			f.widen(2, 0, 1, false)
		})
		f.fold64(0, 1)
		f.op("VMOVSD", "X0", f.arg("ret", ""))
		f.ret()
	}
}
