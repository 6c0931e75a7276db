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
	f.greatest()
	if m.reg == "Z" {
		f.round(int8s)
	}
	f.round(int16s)
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

// greatest writes the greatest magnitude of a slice, compared as integers without the sign.
func (f *file) greatest() {
	f.beginSlices("greatest")
	f.clear(0)
	f.loop(func(mask string) {
		f.load(elem("DI"), mask, f.r(1))
		f.op("VPADDD", f.r(1), f.r(1), f.r(1))
		f.op("VPMAXUD", f.r(1), f.r(0), f.r(0))
	})
	f.fold32("VPMAXUD", 0, 1)
	f.op("VPSRLD", "$1", "X0", "X0")
	f.op("VMOVSS", "X0", f.arg("ret", ""))
	f.ret()
}

// round writes the kernel that rounds whole registers of values to integers.
func (f *file) round(to form) {
	f.beginSlices("round" + string(to))
	size := 2
	f.op("VBROADCASTSS", f.arg("by", ""), f.r(1))
	if to == int8s {
		size = 1
		f.op("MOVL", "$128", "AX")
		f.op("VPBROADCASTD", "AX", f.r(2))
	}
	loop := f.label("loop")
	f.op("PCALIGN", "$32")
	f.place(loop)
	f.op("VMULPS", "(DI)", f.r(1), f.r(0))
	f.op("VCVTPS2DQ", f.r(0), f.r(0))
	switch {
	case to == int8s:
		f.op("VPADDD", f.r(2), f.r(0), f.r(0))
		f.op("VPMOVDB", f.r(0), "(SI)")
	case f.reg == "Z":
		f.op("VPMOVDW", f.r(0), "(SI)")
	default: // packs each half of the register; the permutation joins the results
		f.op("VPACKSSDW", f.r(0), f.r(0), f.r(0))
		f.op("VPERMQ", "$0xd8", f.r(0), f.r(0))
		f.op("VMOVUPS", "X0", "(SI)")
	}
	f.op("ADDQ", imm(f.width), "DI")
	f.op("ADDQ", imm(size*f.lanes()), "SI")
	f.op("SUBQ", imm(f.lanes()), left)
	f.op("JGT", loop)
	f.ret()
}
