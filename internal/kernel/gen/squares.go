package main

import "fmt"

// packSquares writes func square(p *panel) and func turn(p *panel): 16 columns of a panel, whose values become pairs of
// each part and are turned round as squares of 16 by 16 pairs. What is packed is far apart and read once: the pairs lie
// where the square will.
func (f *file) packSquares() {
	f.square()
	f.turned()
}

// square writes the kernel for panels that are not transposed: of each unit of k and each part a square, 16 columns of
// 16 pairs.
func (f *file) square() {
	f.panelArgs("square" + string(f.form))
	f.op("MOVQ", imm(f.width), "R10")
	f.pairMask("", "")
	f.eachUnit(func() {}, func(x, y string) {
		loaded := f.label("loaded")
		f.op("CMPQ", "DX", "$0")
		f.op("JLE", loaded)
		f.load("(SI)", "K1", x)
		f.op("CMPQ", "DX", "$1")
		f.op("JLE", loaded)
		f.load("(SI)(R8*1)", "K1", y)
		f.op("PREFETCHT0", mem("SI", packAhead))
		f.op("PREFETCHT0", fmt.Sprintf("%d(SI)(R8*1)", packAhead))
		f.place(loaded)
		f.op("LEAQ", "(SI)(R8*2)", "SI")
		f.op("SUBQ", "$2", "DX")
	}, func(x, y, to string) {
		if f.form == bf16s {
			f.narrow(x, y, to)
			f.op("VPERMW", to, f.r(f.regs-1), to)
			return
		}
		f.op("VPSRLD", "$16", x, x)
		f.op("VPORD", x, y, to)
	}, func() {})
}

// turned writes the kernel for panels that are transposed: of each unit of k and each part 16 rows of 16 columns.
func (f *file) turned() {
	f.panelArgs("turn" + string(f.form))
	f.op("MOVQ", "CX", "R9")
	f.eachUnit(func() {
		f.op("MOVQ", imm(2*f.lanes()), "CX")
		f.op("CMPQ", "DX", "CX")
		f.op("CMOVQLT", "DX", "CX")
		f.pairMask("", "")
		f.op("MOVQ", "SI", "BX")
		f.op("MOVQ", "R9", "CX")
	}, func(x, y string) {
		loaded := f.label("loaded")
		f.op("DECQ", "CX")
		f.op("JLT", loaded)
		f.load("(BX)", "K1", x)
		f.load(mem("BX", f.width), "K2", y)
		for line := 0; line < 2*f.width; line += 64 {
			f.op("PREFETCHT0", mem("BX", packAhead+line))
		}
		f.op("ADDQ", "R8", "BX")
		f.place(loaded)
	}, f.narrow, func() {
		f.op("ADDQ", imm(2*f.width), "SI")
		f.op("SUBQ", imm(2*matrixRows), "DX")
	})
}

// eachUnit packs units of k until DX, how many columns are left, is none: begin prepares a unit, load sets two
// registers that are clear, join makes pairs of a part of them, end goes on to the next unit. R10 is bytes between rows
// of a square.
func (f *file) eachUnit(begin func(), load func(x, y string), join func(x, y, to string), end func()) {
	f.op("MOVQ", "R10", "R11")
	f.op("SHLQ", "$4", "R11") // bytes between parts
	unit, pairs := f.label("unit"), f.label("pairs")
	f.place(unit)
	begin()
	if f.form == bf16s {
		f.op("VMOVUPS", "interleave<>(SB)", f.r(f.regs-1))
	} else {
		f.splitMasks()
	}
	f.op("MOVQ", "DI", "AX")
	f.op("MOVQ", imm(matrixRows), "R12")
	f.place(pairs)
	x, y := f.r(0), f.r(1)
	f.op("VXORPS", x, x, x)
	f.op("VXORPS", y, y, y)
	load(x, y)
	for part := range f.form.parts() {
		low, high := x, y
		if f.form != bf16s {
			low, high = f.r(2), f.r(3)
			f.splitPart(part, x, low)
			f.splitPart(part, y, high)
		}
		join(low, high, f.r(4))
		to := "(AX)"
		if part > 0 {
			to = fmt.Sprintf("(AX)(R11*%d)", part)
		}
		f.op("VMOVUPS", f.r(4), to)
	}
	f.op("ADDQ", "R10", "AX")
	f.op("DECQ", "R12")
	f.op("JNZ", pairs)
	for range f.form.parts() {
		f.op("MOVQ", "DI", "AX")
		for i := range matrixRows {
			f.op("VMOVUPS", "(AX)", f.r(i))
			f.op("ADDQ", "R10", "AX")
		}
		for _, r := range f.turn() {
			f.op("VMOVUPS", f.r(r), "(DI)")
			f.op("ADDQ", "R10", "DI")
		}
	}
	end()
	f.op("TESTQ", "DX", "DX")
	f.op("JGT", unit)
	f.ret()
}

// panelArgs begins a kernel that packs: DI is where to, SI and R8 the values and the bytes between rows of them, DX how
// many along k, CX how many columns, R10 the bytes between rows of the packed panel.
func (f *file) panelArgs(name string) {
	f.text(name, 8)
	f.op("MOVQ", "p+0(FP)", "AX")
	for _, a := range [][2]string{{"dst", "DI"}, {"b", "SI"}, {"ldb", "R8"}, {"k", "DX"}, {"cols", "CX"}, {"stride", "R10"}} {
		f.op("MOVQ", "panel_"+a[0]+"(AX)", a[1])
	}
	f.op("SHLQ", "$2", "R8")
	f.op("SHLQ", "$2", "R10")
}
