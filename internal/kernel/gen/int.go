package main

// integers writes the kernels of products of integers.
func integers(m *machine) *file {
	f := newFile(m, "int_"+m.name+"_amd64.s")
	if m.reg == "Z" {
		f.form = int8s
		f.tile()
	}
	f.form = int16s
	f.tile()
	f.rescale()
	f.laneTable()
	return f
}

// rescale writes the kernels that turn integer sums into float32: rescale sets c, rescaleAdd adds to it.
func (f *file) rescale() {
	for _, name := range []string{"rescale", "rescaleAdd"} {
		f.beginSlices(name)
		f.op("VBROADCASTSS", f.arg("scale", ""), f.r(3))
		f.loop(func(mask string) {
			f.load(elem("SI"), mask, f.r(0))
			f.load(elem("DX"), mask, f.r(1))
			f.load(elem("BX"), mask, f.r(2))
			f.op("VPSUBD", f.r(1), f.r(0), f.r(0))
			f.op("VCVTDQ2PS", f.r(0), f.r(0))
			f.op("VMULPS", f.r(2), f.r(0), f.r(0))
			f.op("VMULPS", f.r(3), f.r(0), f.r(0))
			if name == "rescaleAdd" {
				f.load(elem("DI"), mask, f.r(1))
				f.op("VADDPS", f.r(1), f.r(0), f.r(0))
			}
			f.put(f.r(0), mask, elem("DI"))
		})
		f.ret()
	}
}
