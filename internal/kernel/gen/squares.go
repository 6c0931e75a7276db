package main

import "fmt"

// packSquares writes the kernels that lay out 16 columns of a panel as squares of 16 by 16 pairs, one for each part.
// Values are paired into the memory of the square, which is then transposed in place.
func (f *file) packSquares() {
	f.square()
	f.transposed()
}

// square writes the kernel for panels that are not transposed: each unit of k becomes one square for each part, with a
// column of the panel in a row.
func (f *file) square() {
	f.beginPanel("square" + string(f.form))
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

// transposed writes the kernel for panels that are transposed: each unit of k becomes 16 rows of 16 columns for each
// part.
func (f *file) transposed() {
	f.beginPanel("transpose" + string(f.form))
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
		for line := 0; line < 2*f.width; line += cacheLine {
			f.op("PREFETCHT0", mem("BX", packAhead+line))
		}
		f.op("ADDQ", "R8", "BX")
		f.place(loaded)
	}, f.narrow, func() {
		f.op("ADDQ", imm(2*f.width), "SI")
		f.op("SUBQ", imm(2*matrixRows), "DX")
	})
}

// eachUnit writes a loop over units of k until DX, the columns that are left, is not positive. begin starts a unit,
// load fills two cleared registers, join pairs a part of them, and end advances to the next unit. R10 is the bytes
// between rows of a square.
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
		for _, r := range f.transposeRegisters() {
			f.op("VMOVUPS", f.r(r), "(DI)")
			f.op("ADDQ", "R10", "DI")
		}
	}
	end()
	f.op("TESTQ", "DX", "DX")
	f.op("JGT", unit)
	f.ret()
}

// beginPanel begins a packing kernel and loads its panel: dst into DI, b into SI, k into DX, cols into CX, and the
// bytes between rows of b and of dst into R8 and R10.
func (f *file) beginPanel(name string) {
	f.begin(name, 0)
	f.op("MOVQ", f.arg("p", ""), "AX")
	for _, a := range [][2]string{{"dst", "DI"}, {"b", "SI"}, {"ldb", "R8"}, {"k", "DX"}, {"cols", "CX"}, {"stride", "R10"}} {
		f.op("MOVQ", "panel_"+a[0]+"(AX)", a[1])
	}
	f.op("SHLQ", "$2", "R8")
	f.op("SHLQ", "$2", "R10")
}
