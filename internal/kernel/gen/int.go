package main

// ints writes the kernels of products of whole numbers.
func ints(m *machine) []byte {
	f := newFile(m)
	if m.reg == "Z" {
		f.form = int8s
		f.tile()
	}
	f.form = int16s
	f.tile()
	f.rescale()
	f.laneTable()
	return f.Bytes()
}

// rescale writes func rescale(scale float32, c, sums, bias, scales []float32), c = (sums − bias)·scales·scale, and func
// rescaleAdd, which adds that to c.
func (f *file) rescale() {
	for _, name := range []string{"rescale", "rescaleAdd"} {
		f.slices(name, 8, 0, "c", "sums", "bias", "scales")
		f.op("VBROADCASTSS", "scale+0(FP)", f.r(3))
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
