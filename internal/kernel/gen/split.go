package main

import "fmt"

// splitters writes the kernels that store a value as the sum of three bf16 parts. Each part is the nearest bf16 to the
// remainder of the ones before it, ties away from zero; the last part is exact.
func (f *file) splitters() {
	f.splitRow()
	f.splitPack()
}

// splitMasks sets the last two registers, which splitPart reads.
func (f *file) splitMasks() {
	f.op("MOVL", "$0xffff0000", "AX")
	f.op("VPBROADCASTD", "AX", f.r(f.regs-1))
	f.op("MOVL", "$0x8000", "AX")
	f.op("VPBROADCASTD", "AX", f.r(f.regs-2))
}

// splitPart sets register to to the given part of x, as float32, and leaves the remainder in x. Parts are taken in
// order.
func (f *file) splitPart(part int, x, to string) {
	if part == f.form.parts()-1 {
		f.op("VPANDD", f.r(f.regs-1), x, to) // only a NaN leaves a remainder
		return
	}
	f.op("VPADDD", f.r(f.regs-2), x, to)
	f.op("VPANDD", f.r(f.regs-1), to, to)
	f.op("VSUBPS", to, x, x)
}

// splitRow writes the kernel that splits a row: dst is whole units of 16 pairs of each part, with zeros past src.
func (f *file) splitRow() {
	f.begin("pairRow"+string(f.form), 0)
	f.pairArgs()
	f.splitMasks()
	unit := func() {
		for p := range f.form.parts() {
			low, high := f.r(2), f.r(3)
			f.splitPart(p, f.r(0), low)
			f.splitPart(p, f.r(1), high)
			f.narrow(low, high, low)
			f.op("VMOVUPS", low, mem("DI", p*f.width))
		}
	}
	f.eachTwo(f.form.parts(), unit, unit)
}

// splitPack writes the packing kernel for panels that are not transposed. Two rows become one row of each part, and a
// lone last row is paired with 0. Parts are 16 rows apart.
func (f *file) splitPack() {
	f.beginPanel("pairPack" + string(f.form))
	f.op("MOVQ", "R10", "R11")
	f.op("SHLQ", "$4", "R11")
	f.op("MOVQ", imm(matrixRows), "R9") // pairs of rows that are left in the unit
	f.splitMasks()
	f.eachRows(func(vecs int) {
		low, high := f.r(2*vecs), f.r(2*vecs+1)
		for p := range f.form.parts() {
			for v := range vecs {
				f.splitPart(p, f.r(v), low)
				f.splitPart(p, f.r(vecs+v), high)
				f.op("VPSRLD", "$16", low, low)
				f.op("VPORD", low, high, high)
				to := mem("DI", v*f.width)
				if p > 0 {
					to = fmt.Sprintf("%d(DI)(R11*%d)", v*f.width, p)
				}
				f.op("VMOVUPS", high, to)
			}
		}
	}, func() {
		same := f.label("same")
		f.op("DECQ", "R9")
		f.op("JNZ", same)
		f.op("LEAQ", "(DI)(R11*2)", "DI")
		f.op("MOVQ", imm(matrixRows), "R9")
		f.place(same)
	})
}
