package main

import "fmt"

// masks sets the masks of the last two registers of a row of tile_cols columns; DI holds the tile. It returns the mask
// of the v-th register, and clobbers CX and the registers of pairMask.
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

// pairMask sets the masks of two registers that together hold CX lanes, 1 to all: K1 and K2, or the vector registers
// low and high. It returns the mask of the v-th register, and clobbers AX and BX.
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
	// A mask is eight words of the table of lanes, from the offset that leaves as many ones as needed.
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

// load reads the lanes of a mask and zeros the others. It touches no memory outside the mask.
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

// put writes the lanes of a mask. It touches no memory outside the mask.
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

// laneTable writes the table that masks are read from.
func (f *file) laneTable() {
	if f.reg == "Z" {
		return
	}
	f.WriteString("\n// lanes is a mask of eight set lanes and eight clear ones.\n")
	for i := range 16 {
		v := 0
		if i < 8 {
			v = 0xffffffff
		}
		fmt.Fprintf(f, "DATA lanes<>+%d(SB)/4, $0x%x\n", 4*i, v)
	}
	f.WriteString("GLOBL lanes<>(SB), RODATA|NOPTR, $64\n")
}
