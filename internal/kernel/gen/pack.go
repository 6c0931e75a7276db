package main

import "fmt"

// pack writes the packing kernel of float32.
func (f *file) pack() {
	f.beginPanel("pack")
	f.op("MOVBLZX", "panel_trans(AX)", "AX")
	f.op("TESTL", "AX", "AX")
	f.op("JNZ", "transposed")
	f.copyRows()
	f.place("transposed")
	f.transpose()
}

// packAhead is the distance in bytes at which packing prefetches within a row. The neighboring columns are packed soon,
// and a panel has too many rows for the hardware prefetcher to follow.
const packAhead = 128

// copyRows copies DX rows of CX columns from SI, R8 bytes apart, to DI, R10 bytes apart.
func (f *file) copyRows() {
	low, high := f.r(f.regs-2), f.r(f.regs-1)
	loop := func(vecs int, mask func(v int) string) {
		l := f.label("copy")
		f.place(l)
		for v := range vecs {
			f.load(mem("SI", v*f.width), mask(v), f.r(v))
		}
		for line := 0; line < vecs*f.width; line += cacheLine {
			f.op("PREFETCHT0", mem("SI", packAhead+line))
		}
		for v := range vecs {
			f.op("VMOVUPS", f.r(v), mem("DI", v*f.width))
		}
		f.op("ADDQ", "R8", "SI")
		f.op("ADDQ", "R10", "DI")
		f.op("DECQ", "DX")
		f.op("JNZ", l)
		f.ret()
	}
	all := func(int) string { return "" }
	one, two := f.label("one"), f.label("two")
	tail := f.label("tail")
	f.op("LEAQ", "(CX*4)", "AX")
	f.op("CMPQ", "AX", "R10")
	f.op("JNE", tail)
	f.op("CMPQ", "R10", imm(f.width))
	f.op("JEQ", one)
	loop(2, all)
	f.place(one)
	loop(1, all)
	f.place(tail)
	mask := f.pairMask(low, high)
	f.op("CMPQ", "R10", imm(f.width))
	f.op("JNE", two)
	loop(1, mask)
	f.place(two)
	loop(2, mask)
}

// transpose packs a panel that is stored as its transpose, lanes × lanes elements at a time. Column j of the panel is
// stored at SI + j·R8.
func (f *file) transpose() {
	n := f.lanes()
	const left = "R11"         // rows of the panel that are left
	f.op("MOVQ", "R10", "R13") // bytes of a packed row that are left: two registers, or one
	half := f.label("half")
	f.place(half)
	f.op("MOVQ", "DX", left)
	f.op("MOVQ", "SI", "BX")
	f.op("MOVQ", "DI", "R9")
	square, tail, next := f.label("square"), f.label("tail"), f.label("next")
	f.place(square)
	f.op("CMPQ", "CX", imm(n))
	f.op("JLT", tail)
	f.op("CMPQ", left, imm(n))
	f.op("JLT", tail)
	f.op("MOVQ", "BX", "AX")
	for j := range n {
		f.op("VMOVUPS", "(AX)", f.r(j))
		f.op("PREFETCHT0", mem("AX", packAhead))
		if j < n-1 {
			f.op("ADDQ", "R8", "AX")
		}
	}
	out := f.transposeRegisters()
	f.op("MOVQ", "R9", "AX")
	for i := range n {
		f.op("VMOVUPS", f.r(out[i]), "(AX)")
		f.op("ADDQ", "R10", "AX")
	}
	f.op("MOVQ", "AX", "R9")
	f.op("ADDQ", imm(f.width), "BX")
	f.op("SUBQ", imm(n), left)
	f.op("JNZ", square)
	f.op("JMP", next)

	f.place(tail) // fewer columns or rows than lanes
	loaded := f.label("loaded")
	mask := f.r(f.regs - 1)
	f.firstMask(left, mask)
	for j := range n {
		f.op("VXORPS", f.r(j), f.r(j), f.r(j))
	}
	f.op("MOVQ", "BX", "AX")
	for j := range n {
		f.op("CMPQ", "CX", imm(j))
		f.op("JLE", loaded)
		if f.reg == "Z" {
			mask = "K1"
		}
		f.load("(AX)", mask, f.r(j))
		if j < n-1 {
			f.op("ADDQ", "R8", "AX")
		}
	}
	f.place(loaded)
	out = f.transposeRegisters()
	for i := range n {
		f.op("VMOVUPS", f.r(out[i]), "(R9)")
		f.op("ADDQ", "R10", "R9")
		f.op("DECQ", left)
		f.op("JZ", next)
	}
	f.op("ADDQ", imm(f.width), "BX")
	f.op("JMP", square)

	f.place(next)
	done := f.label("done")
	f.op("ADDQ", imm(f.width), "DI")
	f.op("SUBQ", imm(n), "CX")
	f.op("SUBQ", imm(f.width), "R13")
	f.op("JZ", done)
	f.op("MOVQ", "R8", "AX")
	f.op("IMULQ", imm(n), "AX")
	f.op("ADDQ", "AX", "SI")
	f.op("JMP", half)
	f.place(done)
	f.ret()
}

// transposeRegisters transposes the first lanes registers and clobbers the others. It returns the registers of the
// transposed rows.
func (f *file) transposeRegisters() []int {
	n := f.lanes()
	for i := 0; i < n; i += 2 {
		f.op("VUNPCKLPS", f.r(i+1), f.r(i), f.r(n+i))
		f.op("VUNPCKHPS", f.r(i+1), f.r(i), f.r(n+i+1))
	}
	for g := 0; g < n; g += 4 {
		t := func(i int) string { return f.r(n + g + i) }
		f.op("VUNPCKLPD", t(2), t(0), f.r(g))
		f.op("VUNPCKHPD", t(2), t(0), f.r(g+1))
		f.op("VUNPCKLPD", t(3), t(1), f.r(g+2))
		f.op("VUNPCKHPD", t(3), t(1), f.r(g+3))
	}
	// Register 4g+c holds, in its q-th quarter (half), column 4q+c of rows 4g to 4g+3.
	out := make([]int, n)
	for c := range 4 {
		if n == 8 {
			f.op("VPERM2F128", "$0x20", f.r(4+c), f.r(c), f.r(8+c))
			f.op("VPERM2F128", "$0x31", f.r(4+c), f.r(c), f.r(12+c))
			out[c], out[4+c] = 8+c, 12+c
			continue
		}
		even, odd := []string{f.r(16), f.r(17)}, []string{f.r(18), f.r(19)}
		for i := range 2 {
			lo, hi := f.r(8*i+c), f.r(8*i+4+c)
			f.op("VSHUFF32X4", "$0x88", hi, lo, even[i])
			f.op("VSHUFF32X4", "$0xdd", hi, lo, odd[i])
		}
		for q, pair := range [][]string{even, odd} {
			f.op("VSHUFF32X4", "$0x88", pair[1], pair[0], f.r(4*q+c))
			f.op("VSHUFF32X4", "$0xdd", pair[1], pair[0], f.r(8+4*q+c))
		}
		for q := range 4 {
			out[4*q+c] = 4*q + c
		}
	}
	return out
}

// firstMask sets the mask of the first min(count, lanes) lanes: K1, or the vector register vec.
func (f *file) firstMask(count, vec string) {
	f.op("MOVQ", imm(f.lanes()), "AX")
	f.op("CMPQ", count, "AX")
	f.op("CMOVQLT", count, "AX")
	if f.reg == "Z" {
		f.op("MOVQ", "CX", "R12")
		f.op("MOVQ", "AX", "CX")
		f.op("MOVL", "$1", "AX")
		f.op("SHLL", "CX", "AX")
		f.op("DECL", "AX")
		f.op("KMOVW", "AX", "K1")
		f.op("MOVQ", "R12", "CX")
		return
	}
	f.op("NEGQ", "AX")
	f.op("LEAQ", fmt.Sprintf("lanes<>+%d(SB)", f.width), "R12")
	f.op("VMOVDQU", "(R12)(AX*4)", vec)
}
