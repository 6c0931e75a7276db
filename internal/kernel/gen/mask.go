package main

import "fmt"

// masks prepares the masks of the last two registers of a row of tile_cols columns (DI holds the tile) and returns the
// mask of the v-th register. It uses what pairMask uses, and CX.
func (f *file) masks(panels int) func(v int) string {
	f.op("MOVQ", "tile_cols(DI)", "CX")
	if panels > 1 {
		f.op("SUBQ", imm((panels-1)*2*f.lanes()), "CX")
	}
	pair := f.pairMask(f.r(f.regs-4), f.r(f.regs-1))
	last := 2*panels - 2
	return func(v int) string {
		if v < last {
			return ""
		}
		return pair(v - last)
	}
}

// pairMask prepares the masks of two registers that together hold CX lanes, 1 to all, and returns them by the register:
// K1 and K2, or the two vector registers. It uses AX, BX.
func (f *file) pairMask(low, high string) func(v int) string {
	if f.reg == "Z" {
		f.op("MOVQ", "$-1", "AX")
		f.op("SHLQ", "CX", "AX")
		f.op("NOTQ", "AX")
		f.op("KMOVW", "AX", "K1")
		f.op("SHRQ", "$16", "AX")
		f.op("KMOVW", "AX", "K2")
		return func(v int) string { return []string{"K1", "K2"}[v] }
	}
	// The table of lanes is read from where as many ones as wanted are left.
	for half, reg := range []string{low, high} {
		f.op("MOVQ", imm(8*(half+1)), "AX")
		f.op("SUBQ", "CX", "AX")
		f.op("MOVQ", "$0", "BX")
		f.op("CMPQ", "AX", "BX")
		f.op("CMOVQLT", "BX", "AX")
		f.op("MOVQ", "$8", "BX")
		f.op("CMPQ", "AX", "BX")
		f.op("CMOVQGT", "BX", "AX")
		f.op("LEAQ", "lanes<>(SB)", "BX")
		f.op("VMOVDQU", "(BX)(AX*4)", reg)
	}
	return func(v int) string { return []string{low, high}[v] }
}

// load reads the lanes of a mask, zeros elsewhere; no other memory is touched.
func (f *file) load(from, mask, to string) {
	switch {
	case mask == "":
		f.op("VMOVUPS", from, to)
	case f.reg == "Z":
		f.op("VMOVUPS.Z", from, mask, to)
	default:
		f.op("VMASKMOVPS", from, mask, to)
	}
}

// put writes the lanes of a mask; no other memory is touched.
func (f *file) put(from, mask, to string) {
	switch {
	case mask == "":
		f.op("VMOVUPS", from, to)
	case f.reg == "Z":
		f.op("VMOVUPS", from, mask, to)
	default:
		f.op("VMASKMOVPS", from, mask, to)
	}
}

// laneTable writes the table that masks reads.
func (f *file) laneTable() {
	if f.reg == "Z" {
		return
	}
	f.WriteString("\n// lanes is eight lanes that are in and eight that are out.\n")
	for i := range 16 {
		v := 0
		if i < 8 {
			v = 0xffffffff
		}
		fmt.Fprintf(f, "DATA lanes<>+%d(SB)/4, $0x%x\n", 4*i, v)
	}
	f.WriteString("GLOBL lanes<>(SB), RODATA|NOPTR, $64\n")
}
