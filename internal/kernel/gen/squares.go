package main

// packSquares writes func square(p *panel) and func turn(p *panel): 16 columns of a panel at a time, whose values become pairs of each part
// and are turned round as squares of 16 by 16 pairs.
func (f *file) packSquares() {
	f.square()
	f.turned()
}

// square writes the kernel for panels that are not transposed: of each unit of k and each part a square, 16 columns of 16 pairs.
func (f *file) square() {
	f.panelArgs("square" + string(f.form))
	f.pairMask("", "")
	unit := f.label("unit")
	f.place(unit)
	for part := range f.form.parts() {
		loaded := f.label("loaded")
		f.clearSquare()
		f.op("MOVQ", "SI", "BX")
		for i := range matrixRows {
			x, y, one := f.r(16), f.r(17), f.label("one")
			f.op("CMPQ", "DX", imm(2*i))
			f.op("JLE", loaded)
			f.load("(BX)", "K1", x)
			f.op("VXORPS", y, y, y)
			f.op("CMPQ", "DX", imm(2*i+1))
			f.op("JLE", one)
			f.load("(BX)(R8*1)", "K1", y)
			f.place(one)
			f.op("LEAQ", "(BX)(R8*2)", "BX")
			if f.form == bf16s {
				f.narrow(x, y, x)
				f.op("VPERMW", x, f.r(f.regs-1), f.r(i))
				continue
			}
			f.splitTo(part, x, f.r(18))
			f.splitTo(part, y, f.r(19))
			f.op("VPSRLD", "$16", f.r(18), f.r(18))
			f.op("VPORD", f.r(18), f.r(19), f.r(i))
		}
		f.place(loaded)
		for j, r := range f.turn() {
			f.op("VMOVUPS", f.r(r), mem("DI", j*f.width))
		}
		f.op("ADDQ", imm(matrixRows*f.width), "DI")
	}
	f.op("MOVQ", "BX", "SI")
	f.op("SUBQ", imm(2*matrixRows), "DX")
	f.op("JGT", unit)
	f.ret()
}

// turned writes the kernel for panels that are transposed: of each unit of k and each part 16 rows of 16 columns.
func (f *file) turned() {
	f.panelArgs("turn" + string(f.form))
	f.op("MOVQ", "CX", "R9")
	unit := f.label("unit")
	f.place(unit)
	f.op("MOVQ", imm(2*f.lanes()), "CX")
	f.op("CMPQ", "DX", "CX")
	f.op("CMOVQLT", "DX", "CX")
	mask := f.pairMask("", "")
	for part := range f.form.parts() {
		loaded := f.label("loaded")
		f.clearSquare()
		f.op("MOVQ", "SI", "BX")
		for j := range matrixRows {
			x, y := f.r(16), f.r(17)
			f.op("CMPQ", "R9", imm(j))
			f.op("JLE", loaded)
			f.load("(BX)", mask(0), x)
			f.load(mem("BX", f.width), mask(1), y)
			if part == 0 {
				for line := 0; line < 2*f.width; line += 64 {
					f.op("PREFETCHT0", mem("BX", packAhead+line))
				}
			}
			f.op("ADDQ", "R8", "BX")
			if f.form == splits {
				f.splitTo(part, x, f.r(18))
				f.splitTo(part, y, f.r(19))
				x, y = f.r(18), f.r(19)
			}
			f.narrow(x, y, f.r(j))
		}
		f.place(loaded)
		for _, r := range f.turn() {
			f.op("VMOVUPS", f.r(r), "(DI)")
			f.op("ADDQ", "R10", "DI")
		}
	}
	f.op("ADDQ", imm(2*f.width), "SI")
	f.op("SUBQ", imm(2*matrixRows), "DX")
	f.op("JGT", unit)
	f.ret()
}

// panelArgs begins a kernel that packs: DI is where to, SI and R8 the values and the bytes between rows of them, DX how many along k, CX
// how many columns, R10 the bytes between rows of the packed panel.
func (f *file) panelArgs(name string) {
	f.text(name, 8)
	f.op("MOVQ", "p+0(FP)", "AX")
	for _, a := range [][2]string{{"dst", "DI"}, {"b", "SI"}, {"ldb", "R8"}, {"k", "DX"}, {"cols", "CX"}, {"stride", "R10"}} {
		f.op("MOVQ", "panel_"+a[0]+"(AX)", a[1])
	}
	f.op("SHLQ", "$2", "R8")
	f.op("SHLQ", "$2", "R10")
}

// clearSquare clears the registers of a square and prepares those that loading it needs.
func (f *file) clearSquare() {
	for i := range matrixRows {
		f.op("VXORPS", f.r(i), f.r(i), f.r(i))
	}
	if f.form == bf16s {
		f.op("VMOVUPS", "interleave<>(SB)", f.r(f.regs-1))
	} else {
		f.splitMasks()
	}
}

// splitTo moves a part of x, which it destroys, to another register.
func (f *file) splitTo(part int, x, to string) {
	for range part {
		f.splitOff(x, to)
	}
	if part == f.form.parts()-1 {
		f.op("VPANDD", f.r(f.regs-1), x, to) // of a NaN alone anything is left
		return
	}
	f.nextPart(x, to)
}

// nextPart rounds x to bf16, as float32.
func (f *file) nextPart(x, to string) {
	f.op("VPADDD", f.r(f.regs-2), x, to)
	f.op("VPANDD", f.r(f.regs-1), to, to)
}
