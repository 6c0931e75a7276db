package main

// limit writes func limit(rounds int): 24 (12 where there are 16 registers) independent multiply-adds a round and
// nothing else.
func (f *file) limit() {
	sums := f.regs * 3 / 4
	f.text("limit", 8)
	f.op("MOVQ", "rounds+0(FP)", "CX")
	for i := range f.regs {
		f.op("VXORPS", f.r(i), f.r(i), f.r(i))
	}
	f.op("PCALIGN", "$64")
	f.place("loop")
	for i := range sums {
		f.op("VFMADD231PS", f.r(f.regs-1), f.r(f.regs-2), f.r(i))
	}
	f.op("DECQ", "CX")
	f.op("JNZ", "loop")
	f.ret()
}
