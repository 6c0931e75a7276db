package main

import (
	"fmt"
	"strconv"
)

// bf16 writes the kernels of products in bf16: in operands, a lane of 32 bits holds two neighbours along k, the first
// in the low half.
func bf16(m *machine) []byte {
	f := newFile(m)
	f.form = bf16s
	f.tile()
	f.pairRow()
	f.pairPack()
	f.interleaveTable()
	return f.Bytes()
}

// Instructions that the assembler does not know: opcodes in the map 0F38, with their mandatory prefixes.
const (
	prefixF3, prefixF2 = 2, 3
	opDotPairs         = 0x52 // VDPBF16PS
	opNarrow           = 0x72 // VCVTNE2PS2BF16
)

// evex emits an instruction of three 512-bit registers, named in the assembler's order.
func (f *file) evex(name string, prefix, opcode int, rm, vvvv, reg string) {
	number := func(r string) int {
		n, err := strconv.Atoi(r[1:])
		if err != nil || r[0] != 'Z' {
			panic("gen: " + name + " of " + r)
		}
		return n
	}
	m, v, r := number(rm), number(vvvv), number(reg)
	not := func(n, bit int) int { return 1 - n>>bit&1 }
	code := [6]int{
		0x62,
		not(r, 3)<<7 | not(m, 4)<<6 | not(m, 3)<<5 | not(r, 4)<<4 | 2,
		(^v&15)<<3 | 4 | prefix,
		2<<5 | not(v, 4)<<3,
		opcode,
		3<<6 | r&7<<3 | m&7,
	}
	fmt.Fprintf(f, "\tLONG $0x%02x%02x%02x%02x; WORD $0x%02x%02x // %s %s, %s, %s\n",
		code[3], code[2], code[1], code[0], code[5], code[4], name, rm, vvvv, reg)
}

// dotPairs adds both products of each lane to sum.
func (f *file) dotPairs(b, a, sum string) { f.evex("VDPBF16PS", prefixF3, opDotPairs, b, a, sum) }

// narrow rounds the lanes of two registers to the nearest bf16, ties to even: those of low to the low half of to.
func (f *file) narrow(low, high, to string) {
	f.evex("VCVTNE2PS2BF16", prefixF2, opNarrow, low, high, to)
}

// pairRow writes func pairRow(dst, src []float32): neighbours become one element of dst, the last one with zero if it
// is alone.
func (f *file) pairRow() {
	f.text("pairRow", 48)
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

// pairArgs takes the arguments dst and src: DI, SI and CX, the length of src.
func (f *file) pairArgs() {
	f.op("MOVQ", "dst_base+0(FP)", "DI")
	f.op("MOVQ", "src_base+24(FP)", "SI")
	f.op("MOVQ", "src_len+32(FP)", "CX")
}

// eachTwo takes two registers of src after the other and goes on by so many registers of dst, then what is left, CX
// floats with zeros after them, and returns.
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

// pairPack writes func pairPack(p *panel), for panels that are not transposed: each two rows become one, the last one
// with zeros if it is alone.
func (f *file) pairPack() {
	f.panelArgs("pairPack")
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

// eachRows takes two rows of a panel after the other and returns: write has one or two registers of the first, then as
// many of the second, with zeros where there is none; next goes on where the next row of dst is not right after this
// one.
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

// interleaveTable writes the order of halfwords in which the two halves of a register alternate.
func (f *file) interleaveTable() {
	f.WriteString("\n// interleave is the halfwords 0, 16, 1, 17 and so on.\n")
	for i := range f.lanes() {
		fmt.Fprintf(f, "DATA interleave<>+%d(SB)/4, $0x%08x\n", 4*i, (f.lanes()+i)<<16|i)
	}
	fmt.Fprintf(f, "GLOBL interleave<>(SB), RODATA|NOPTR, $%d\n", f.width)
}
