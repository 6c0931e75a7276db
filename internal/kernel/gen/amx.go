package main

import (
	"fmt"
	"slices"
)

// amx writes the kernels of products by matrix instructions: in bf16, and in float32 as three bf16 parts.
func amx(m *machine) *file {
	f := newFile(m, "amx_amd64.s")
	for _, f.form = range []form{bf16s, splits} {
		f.tileAMX()
		f.packSquares()
	}
	f.splitters()
	f.interleaveTable()
	f.amxConfigs()
	return f
}

// Matrix registers: sumsRV holds the sums of the R-th 16 rows in the V-th 16 columns; the others hold their operands.
const (
	sums00, sums01, sums10, sums11 = 0, 1, 2, 3
	rows0, rows1                   = 4, 5
	cols0, cols1                   = 6, 7
)

// terms are the pairs of parts, of A and of B, whose products make up a product. Neighbors share a part.
var terms = map[form][][2]int{
	bf16s:  {{0, 0}},
	splits: {{2, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 2}, {0, 0}},
}

// Registers of the tile beside those of gemm.go.
const (
	regStride  = "R10" // bytes between rows of A
	regAdvance = "R12" // bytes from one stretch of k to the next in A
	regSecond  = "R9"  // rows 16 to 31 of A
	regPart    = "R11" // bytes between parts of A
	regStrideB = "R13" // bytes between rows of B
	regSums    = "R14" // where sums are stored
	regLdSums  = "R8"  // bytes between rows of the sums
)

// Stack slots: the panels that are left, C of the current panel, and the memory to prefetch.
const panelsLeft, panelC, panelNext = "left-8(SP)", "c-16(SP)", "next-24(SP)"

// tileAMX writes the tile kernel for up to 32 rows and any number of panels; k is a multiple of 16 pairs of each part.
//
// With cs 1, rows of A are rs apart. Otherwise A is squares of 16 rows by 16 pairs: those of the first 16 rows, then
// those of the others. Parts alternate in stretches of 16 pairs. Each stretch of k prefetches nextCount·nr elements.
func (f *file) tileAMX() {
	f.begin("tile"+string(f.form), 24)
	f.op("MOVQ", f.arg("t", ""), regTile)
	for _, v := range [][2]string{{"panels", panelsLeft}, {"c", panelC}, {"next", panelNext}} {
		f.op("MOVQ", "tile_"+v[0]+"(DI)", "AX")
		f.op("MOVQ", "AX", v[1])
	}
	f.op("MOVQ", "tile_rows(DI)", "AX")
	f.op("LEAQ", "-1(AX)", "R8")
	f.op("CMPQ", "R8", imm(matrixTileRows))
	f.op("JCC", "unreachable")
	f.op("SHLQ", "$6", "AX")
	f.op("LEAQ", "configs<>-64(SB)", "R8")
	f.op("ADDQ", "AX", "R8")
	f.emit("LDTILECFG", "(R8)", vexMemory("LDTILECFG", "R8", "", 0, 0))
	f.op("MOVQ", "tile_b(DI)", regB)
	f.op("MOVQ", imm(2*f.width), regStrideB)
	f.op("MOVQ", "tile_ldc(DI)", regLdc)
	f.op("SHLQ", "$2", regLdc)

	f.place("panel")
	f.findA()
	f.findSums()
	f.op("CMPQ", "tile_rows(DI)", imm(matrixRows))
	f.op("JGT", "two")
	f.panelAMX(1)
	f.op("JMP", "stored")
	f.place("two")
	f.panelAMX(2)
	f.place("stored")
	f.op("CMPQ", regSums, regC)
	f.op("JEQ", "next")
	f.storeSums()
	f.place("next")
	f.op("ADDQ", imm(2*f.width), panelC)
	f.op("DECQ", panelsLeft)
	f.op("JNZ", "panel")
	f.emit("TILERELEASE", "", vexRegisters("TILERELEASE", 0, 0, 0))
	f.ret()
	f.place("unreachable") // rows outside 1 to 32
	f.trap()
}

// findA sets the registers of A, and regK.
func (f *file) findA() {
	f.op("MOVQ", "tile_a(DI)", regA)
	f.op("MOVQ", "tile_k(DI)", regK)
	f.op("MOVQ", "tile_rs(DI)", regStride)
	f.op("MOVQ", "tile_cs(DI)", regPart)
	f.op("MOVQ", regStride, regSecond)
	f.op("CMPQ", regPart, "$1")
	f.op("JEQ", "found")
	f.op("MOVQ", regK, regSecond)
	f.place("found")
	f.op("SHLQ", "$2", regStride)
	f.op("SHLQ", "$6", regPart)
	f.op("IMUL3Q", imm(f.form.parts()), regPart, regAdvance)
	f.op("SHLQ", "$6", regSecond)
	f.op("ADDQ", regA, regSecond)
}

// findSums chooses where the panel's sums are stored. They stand in C itself if it has all columns of the panel, alpha
// is 1 and beta is 0 or 1; with beta 1 they begin with C.
func (f *file) findSums() {
	f.op("MOVQ", panelC, regC)
	f.op("MOVQ", "tile_sums(DI)", regSums)
	f.op("MOVQ", regStrideB, regLdSums)
	f.op("CMPL", "tile_alpha(DI)", "$0x3f800000")
	f.op("JNE", "apart")
	f.op("MOVL", "tile_beta(DI)", "AX")
	f.op("CMPL", "AX", "$0x3f800000")
	f.op("JEQ", "width")
	f.op("TESTL", "AX", "AX")
	f.op("JNE", "apart")
	f.place("width")
	f.op("CMPQ", panelsLeft, "$1")
	f.op("JNE", "straight")
	f.op("TESTQ", imm(2*f.lanes()-1), "tile_cols(DI)")
	f.op("JNE", "apart")
	f.place("straight")
	f.op("MOVQ", regC, regSums)
	f.op("MOVQ", regLdc, regLdSums)
	f.place("apart")
}

// panelAMX computes and stores the sums of one panel and rows times 16 rows; rows is 1 or 2.
func (f *file) panelAMX(rows int) {
	parts := f.form.parts()
	zero, begin, loop, near := f.label("zero"), f.label("begin"), f.label("loop"), f.label("near")
	f.op("CMPQ", regSums, regC)
	f.op("JNE", zero)
	f.op("CMPL", "tile_beta(DI)", "$0")
	f.op("JEQ", zero)
	f.moveSums("TILELOADD", rows)
	f.op("JMP", begin)
	f.place(zero)
	for s := range 2 * rows {
		f.emit("TILEZERO", fmt.Sprint("TMM", s), vexRegisters("TILEZERO", 0, 0, s))
	}
	f.place(begin)
	f.op("MOVQ", panelNext, regTile)

	f.place(loop)
	last := [2]int{-1, -1}
	for _, t := range terms[f.form] {
		newA, newB := t[0] != last[0], t[1] != last[1]
		last = t
		loadA := func(r int) {
			base := []string{regA, regSecond}[r]
			if t[0] > 0 {
				f.op("LEAQ", fmt.Sprintf("(%s)(%s*%d)", base, regPart, t[0]), "AX")
				base = "AX"
			}
			f.tileMemory("TILELOADD", base, regStride, 0, rows0+r)
		}
		loadB := func(v int) {
			if newB {
				f.tileMemory("TILELOADD", regB, regStrideB, t[1]*matrixRows*2*f.width+v*f.width, cols0+v)
			}
		}
		dot := func(r, v int) { f.tileRegisters("TDPBF16PS", cols0+v, rows0+r, sums00+2*r+v) }
		if newA {
			loadA(0)
		}
		loadB(0)
		dot(0, 0)
		if rows == 2 && !newA {
			dot(1, 0)
		}
		loadB(1)
		dot(0, 1)
		if rows == 2 {
			if newA {
				loadA(1)
				dot(1, 0)
			}
			dot(1, 1)
		}
	}
	f.op("MOVQ", f.arg("t", ""), "AX")
	f.op("MOVQ", "tile_nextCount(AX)", "AX")
	f.place(near)
	for line := 0; line < 2*f.width; line += cacheLine {
		f.op("PREFETCHT1", mem(regTile, line))
	}
	f.op("ADDQ", imm(2*f.width), regTile)
	f.op("DECQ", "AX")
	f.op("JGT", near)
	f.op("ADDQ", regAdvance, regSecond)
	f.op("ADDQ", regAdvance, regA)
	f.op("ADDQ", imm(parts*matrixRows*2*f.width), regB)
	f.op("SUBQ", imm(parts*matrixRows), regK)
	f.op("JNZ", loop)
	f.op("MOVQ", regTile, panelNext)
	f.op("MOVQ", f.arg("t", ""), regTile)
	f.moveSums("TILESTORED", rows)
}

// moveSums loads or stores the sums of rows times 16 rows.
func (f *file) moveSums(name string, rows int) {
	for r := range rows {
		base := regSums
		if r > 0 {
			base = "AX"
			f.op("MOVQ", regLdSums, base)
			f.op("SHLQ", "$4", base)
			f.op("ADDQ", regSums, base)
		}
		for v := range 2 {
			f.tileMemory(name, base, regLdSums, v*f.width, sums00+2*r+v)
		}
	}
}

// storeSums writes C = alpha·sums + beta·C for the rows and the columns of the panel.
func (f *file) storeSums() {
	const rows, cols = "R11", "CX"
	alpha, beta, old := f.r(f.regs-1), f.r(f.regs-2), f.r(f.regs-3)
	f.op("VBROADCASTSS", "tile_alpha(DI)", alpha)
	f.op("VBROADCASTSS", "tile_beta(DI)", beta)
	f.op("MOVQ", "tile_rows(DI)", rows)
	f.op("MOVQ", panelsLeft, cols) // minus the panels so far, then the columns left
	f.op("SUBQ", "tile_panels(DI)", cols)
	f.op("IMUL3Q", imm(2*f.lanes()), cols, cols)
	f.op("ADDQ", "tile_cols(DI)", cols)
	f.op("MOVQ", imm(2*f.lanes()), "AX")
	f.op("CMPQ", cols, "AX")
	f.op("CMOVQGT", "AX", cols)
	mask := f.pairMask("", "")
	f.op("MOVL", "tile_beta(DI)", "AX")
	f.op("ADDL", "AX", "AX") // zero of either sign
	f.op("JZ", "clean")
	for _, sum := range []bool{true, false} {
		if !sum {
			f.place("clean")
		}
		loop := f.label("store")
		f.place(loop)
		for v := range 2 {
			f.op("VMULPS", mem(regSums, v*f.width), alpha, f.r(v))
			if sum {
				f.load(mem(regC, v*f.width), mask(v), old)
				f.op("VFMADD231PS", old, beta, f.r(v))
			}
			f.put(f.r(v), mask(v), mem(regC, v*f.width))
		}
		f.op("ADDQ", imm(2*f.width), regSums)
		f.op("ADDQ", regLdc, regC)
		f.op("DECQ", rows)
		f.op("JNZ", loop)
		if sum {
			f.op("JMP", "next")
		}
	}
}

// amxConfigs writes the shapes of the matrix registers for each number of rows, in the format of LDTILECFG.
func (f *file) amxConfigs() {
	f.WriteString("\n// configs holds the shapes of the matrix registers for 1 to 32 rows, 64 bytes each.\n")
	for rows := 1; rows <= matrixTileRows; rows++ {
		var c [64]byte
		c[0] = 1 // palette
		set := func(register, rows int) {
			if rows > 0 {
				c[16+2*register], c[48+register] = 64, byte(rows)
			}
		}
		first, second := min(rows, matrixRows), max(0, rows-matrixRows)
		set(sums00, first)
		set(sums01, first)
		set(rows0, first)
		set(sums10, second)
		set(sums11, second)
		set(rows1, second)
		set(cols0, matrixRows)
		set(cols1, matrixRows)
		for i := 0; i < len(c); i += 8 {
			var v uint64
			for _, b := range slices.Backward(c[i : i+8]) {
				v = v<<8 | uint64(b)
			}
			fmt.Fprintf(f, "DATA configs<>+%d(SB)/8, $0x%016x\n", (rows-1)*64+i, v)
		}
	}
	fmt.Fprintf(f, "GLOBL configs<>(SB), RODATA|NOPTR, $%d\n", matrixTileRows*64)
}
