package main

import "fmt"

// splitters writes the kernels that lay out values as sums of three parts in bf16: each part is the nearest number to what the ones before
// it leave, ties away from zero, and the last one is exact.
func (f *file) splitters() {
	f.splitRow()
	f.splitPack()
}

// splitMasks prepares what splitPart needs in the last two registers.
func (f *file) splitMasks() {
	f.op("MOVL", "$0xffff0000", "AX")
	f.op("VPBROADCASTD", "AX", f.r(f.regs-1))
	f.op("MOVL", "$0x8000", "AX")
	f.op("VPBROADCASTD", "AX", f.r(f.regs-2))
}

// splitPart moves the next part of x, which is the given one, to another register, as float32; x keeps what is left.
func (f *file) splitPart(part int, x, to string) {
	if part == f.form.parts()-1 {
		f.op("VPANDD", f.r(f.regs-1), x, to) // of a NaN alone anything is left
		return
	}
	f.op("VPADDD", f.r(f.regs-2), x, to)
	f.op("VPANDD", f.r(f.regs-1), to, to)
	f.op("VSUBPS", to, x, x)
}

// splitRow writes func pairRow(dst, src []float32): dst is whole units of 16 pairs of each part, with zeros past src.
func (f *file) splitRow() {
	f.text("pairRow"+string(f.form), 48)
	f.op("MOVQ", "dst_base+0(FP)", "DI")
	f.op("MOVQ", "src_base+24(FP)", "SI")
	f.op("MOVQ", "src_len+32(FP)", "CX")
	f.splitMasks()
	loop, tail, done := f.label("loop"), f.label("tail"), f.label("done")
	unit := func() {
		for p := range f.form.parts() {
			low, high := f.r(2), f.r(3)
			f.splitPart(p, f.r(0), low)
			f.splitPart(p, f.r(1), high)
			f.narrow(low, high, low)
			f.op("VMOVUPS", low, mem("DI", p*f.width))
		}
	}
	f.op("SUBQ", imm(2*f.lanes()), "CX")
	f.op("JLT", tail)
	f.op("PCALIGN", "$32")
	f.place(loop)
	f.op("VMOVUPS", "(SI)", f.r(0))
	f.op("VMOVUPS", mem("SI", f.width), f.r(1))
	unit()
	f.op("ADDQ", imm(2*f.width), "SI")
	f.op("ADDQ", imm(f.form.parts()*f.width), "DI")
	f.op("SUBQ", imm(2*f.lanes()), "CX")
	f.op("JGE", loop)
	f.place(tail)
	f.op("ADDQ", imm(2*f.lanes()), "CX")
	f.op("JZ", done)
	mask := f.pairMask("", "")
	for i := range 2 {
		f.load(mem("SI", i*f.width), mask(i), f.r(i))
	}
	unit()
	f.place(done)
	f.ret()
}

// splitPack writes func pairPack(p *panel), for panels that are not transposed: each two rows become one of each part, the last one with
// zeros if it is alone. Parts lie 16 rows apart.
func (f *file) splitPack() {
	f.panelArgs("pairPack" + string(f.form))
	f.op("MOVQ", "R10", "R11")
	f.op("SHLQ", "$4", "R11")
	f.op("MOVQ", imm(matrixRows), "R9") // pairs of rows that are left of a unit
	f.splitMasks()
	mask := f.pairMask("", "")
	one := f.label("one")
	f.op("CMPQ", "R10", imm(f.width))
	f.op("JEQ", one)
	f.splitRows(2, mask)
	f.place(one)
	f.splitRows(1, mask)
}

// splitRows packs DX rows of so many registers and returns.
func (f *file) splitRows(vecs int, mask func(v int) string) {
	loop, last, same, done := f.label("loop"), f.label("last"), f.label("same"), f.label("done")
	first, second := func(v int) string { return f.r(v) }, func(v int) string { return f.r(vecs + v) }
	write := func() {
		for p := range f.form.parts() {
			for v := range vecs {
				low, high := f.r(2*vecs), f.r(2*vecs+1)
				f.splitPart(p, first(v), low)
				f.splitPart(p, second(v), high)
				f.op("VPSRLD", "$16", low, low)
				f.op("VPORD", low, high, high)
				to := mem("DI", v*f.width)
				if p > 0 {
					to = fmt.Sprintf("%d(DI)(R11*%d)", v*f.width, p)
				}
				f.op("VMOVUPS", high, to)
			}
		}
	}
	f.op("SUBQ", "$2", "DX")
	f.op("JLT", last)
	f.place(loop)
	for v := range vecs {
		f.load(mem("SI", v*f.width), mask(v), first(v))
		f.load(fmt.Sprintf("%d(SI)(R8*1)", v*f.width), mask(v), second(v))
	}
	write()
	f.op("LEAQ", "(SI)(R8*2)", "SI")
	f.op("ADDQ", "R10", "DI")
	f.op("DECQ", "R9")
	f.op("JNZ", same)
	f.op("LEAQ", "(DI)(R11*2)", "DI")
	f.op("MOVQ", imm(matrixRows), "R9")
	f.place(same)
	f.op("SUBQ", "$2", "DX")
	f.op("JGE", loop)
	f.place(last)
	f.op("CMPQ", "DX", "$-1")
	f.op("JNE", done)
	for v := range vecs {
		f.load(mem("SI", v*f.width), mask(v), first(v))
		f.op("VXORPS", second(v), second(v), second(v))
	}
	write()
	f.place(done)
	f.ret()
}
