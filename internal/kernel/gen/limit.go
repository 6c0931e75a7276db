package main

// limitSums is the independent multiply-adds in a round of limit: enough to hide their latency.
func (m *machine) limitSums() int { return m.regs * 3 / 4 }

// limit writes the kernel that runs nothing but independent multiply-adds.
func (f *file) limit() {
	f.begin("limit", 0)
	f.op("MOVQ", f.arg("rounds", ""), "CX")
	for i := range f.regs {
		f.op("VXORPS", f.r(i), f.r(i), f.r(i))
	}
	f.op("PCALIGN", "$64")
	f.place("loop")
	for i := range f.limitSums() {
		f.op("VFMADD231PS", f.r(f.regs-1), f.r(f.regs-2), f.r(i))
	}
	f.op("DECQ", "CX")
	f.op("JNZ", "loop")
	f.ret()
}
