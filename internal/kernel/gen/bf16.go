package main

import "fmt"

// bf16 writes the kernels of products in bf16. A 32-bit lane of an operand holds two neighbors along k, the first in
// its low half.
func bf16(m *machine) *file {
	f := newFile(m, "bf16_amd64.s")
	f.form = bf16s
	f.tile()
	f.pairRow()
	f.pairPack()
	f.interleaveTable()
	return f
}

// dotPairs adds the two products of each lane to sum.
func (f *file) dotPairs(b, a, sum string) { f.zRegisters("VDPBF16PS", b, a, sum) }

// narrow rounds the lanes of low and high to the nearest bf16, ties to even, into the low and the high half of to.
func (f *file) narrow(low, high, to string) {
	f.zRegisters("VCVTNE2PS2BF16", low, high, to)
}

// pairRow writes the kernel that rounds neighbors of src into one element of dst; a lone last value is paired with 0.
func (f *file) pairRow() {
	f.begin("pairRow", 0)
	f.pairArgs()
	f.eachTwo(1, func() {
		f.narrow(f.r(0), f.r(1), f.r(0))
		f.op("VMOVUPS", f.r(0), "(DI)")
	}, func() {
		f.narrow(f.r(0), f.r(1), f.r(0))
		f.op("INCQ", "CX")
		f.op("SHRQ", "$1", "CX")
		f.op("MOVL", "$1", "AX")
		f.op("SHLL", "CX", "AX")
		f.op("DECL", "AX")
		f.op("KMOVW", "AX", "K1")
		f.put(f.r(0), "K1", "(DI)")
	})
}

// pairArgs loads the arguments: dst into DI, src into SI, and its length into CX.
func (f *file) pairArgs() {
	f.op("MOVQ", f.arg("dst", "base"), "DI")
	f.op("MOVQ", f.arg("src", "base"), "SI")
	f.op("MOVQ", f.arg("src", "len"), "CX")
}

// eachTwo writes a loop over src, two registers at a time, and returns. An iteration fills parts registers of dst.
// whole handles full registers, rest the last CX floats with zeros after them.
func (f *file) eachTwo(parts int, whole, rest func()) {
	loop, tail, done := f.label("loop"), f.label("tail"), f.label("done")
	f.op("SUBQ", imm(2*f.lanes()), "CX")
	f.op("JLT", tail)
	f.op("PCALIGN", "$32")
	f.place(loop)
	f.op("VMOVUPS", "(SI)", f.r(0))
	f.op("VMOVUPS", mem("SI", f.width), f.r(1))
	whole()
	f.op("ADDQ", imm(2*f.width), "SI")
	f.op("ADDQ", imm(parts*f.width), "DI")
	f.op("SUBQ", imm(2*f.lanes()), "CX")
	f.op("JGE", loop)
	f.place(tail)
	f.op("ADDQ", imm(2*f.lanes()), "CX")
	f.op("JZ", done)
	mask := f.pairMask("", "")
	for i := range 2 {
		f.load(mem("SI", i*f.width), mask(i), f.r(i))
	}
	rest()
	f.place(done)
	f.ret()
}

// pairPack writes the kernel for panels that are not transposed: two rows become one; a lone last row is paired with 0.
func (f *file) pairPack() {
	f.beginPanel("pairPack")
	order := f.r(f.regs - 1)
	f.op("VMOVUPS", "interleave<>(SB)", order)
	f.eachRows(func(vecs int) {
		for v := range vecs {
			f.narrow(f.r(v), f.r(vecs+v), f.r(v))
			f.op("VPERMW", f.r(v), order, f.r(v))
			f.op("VMOVUPS", f.r(v), mem("DI", v*f.width))
		}
	}, func() {})
}

// eachRows writes a loop over pairs of rows of a panel, and returns. write gets vecs registers of the first row, then
// as many of the second, zeros if there is none. next moves dst where its next row is not adjacent.
func (f *file) eachRows(write func(vecs int), next func()) {
	mask := f.pairMask("", "")
	one := f.label("one")
	f.op("CMPQ", "R10", imm(f.width))
	f.op("JEQ", one)
	for _, vecs := range []int{2, 1} {
		if vecs == 1 {
			f.place(one)
		}
		loop, last, done := f.label("loop"), f.label("last"), f.label("done")
		f.op("SUBQ", "$2", "DX")
		f.op("JLT", last)
		f.place(loop)
		for v := range vecs {
			f.load(mem("SI", v*f.width), mask(v), f.r(v))
			f.load(fmt.Sprintf("%d(SI)(R8*1)", v*f.width), mask(v), f.r(vecs+v))
		}
		write(vecs)
		f.op("LEAQ", "(SI)(R8*2)", "SI")
		f.op("ADDQ", "R10", "DI")
		next()
		f.op("SUBQ", "$2", "DX")
		f.op("JGE", loop)
		f.place(last)
		f.op("CMPQ", "DX", "$-1")
		f.op("JNE", done)
		for v := range vecs {
			f.load(mem("SI", v*f.width), mask(v), f.r(v))
			f.op("VXORPS", f.r(vecs+v), f.r(vecs+v), f.r(vecs+v))
		}
		write(vecs)
		f.place(done)
		f.ret()
	}
}

// interleaveTable writes the permutation that interleaves the halfwords of a register's two halves.
func (f *file) interleaveTable() {
	f.WriteString("\n// interleave is the permutation 0, 16, 1, 17 and so on of halfwords.\n")
	for i := range f.lanes() {
		fmt.Fprintf(f, "DATA interleave<>+%d(SB)/4, $0x%08x\n", 4*i, (f.lanes()+i)<<16|i)
	}
	fmt.Fprintf(f, "GLOBL interleave<>(SB), RODATA|NOPTR, $%d\n", f.width)
}
