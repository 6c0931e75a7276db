package main

import (
	"fmt"
	"slices"
)

// amx writes the kernels of products by matrix instructions: in bf16, and in float32 of values in three parts.
func amx(m *machine) []byte {
	m.suffix = "AMX"
	f := newFile(m)
	for _, f.form = range []form{bf16s, splits} {
		f.tileAMX()
		f.packSquares()
	}
	f.splitters()
	f.interleaveTable()
	f.amxConfigs()
	return f.Bytes()
}

// Matrix registers: sums of the first and the second sixteen rows by the first and the second sixteen columns, then
// their operands.
const (
	sums00, sums01, sums10, sums11 = 0, 1, 2, 3
	rows0, rows1                   = 4, 5
	cols0, cols1                   = 6, 7
)

// Instructions that the assembler does not know: opcodes in the map 0F38, with their mandatory prefixes.
const (
	vexNone, vex66, vexF3, vexF2 = 0, 1, 2, 3

	opConfig = 0x49 // LDTILECFG, TILERELEASE, TILEZERO
	opMove   = 0x4b // TILELOADD, TILELOADDT1, TILESTORED
	opDot    = 0x5c // TDPBF16PS
)

// matrixRows is the rows of a matrix register, each of 64 bytes.
const matrixRows = 16

// terms are the products of parts of A and B that make up a product, in an order in which neighbours share a part.
var terms = map[form][][2]int{
	bf16s:  {{0, 0}},
	splits: {{2, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 2}, {0, 0}},
}

// parts is of how many parts a value is the sum.
func (f form) parts() int {
	if f == splits {
		return 3
	}
	return 1
}

// Registers of the tile beside those of gemm.go: bytes between rows of A and a step of k, the second rows of A, bytes
// between its parts, bytes between rows of B, where the sums go and the bytes between their rows.
const (
	regStride  = "R10"
	regStepA   = "R12"
	regSecond  = "R9"
	regPart    = "R11"
	regStrideB = "R13"
	regSums    = "R14"
	regLdSums  = "R8"
)

// Places on the stack: how many panels are left, C of the present one, and what is to be brought near.
const panelsLeft, panelC, panelSoon = "left-8(SP)", "c-16(SP)", "soon-24(SP)"

// tileAMX writes func tile(t *tile) for up to 32 rows and any number of panels; k is a multiple of 16 pairs of each
// part. With cs 1, rows of A are rs apart; else A is squares of 16 rows by 16 pairs: those of the first 16 rows, then
// those of the others. Parts follow each other in such stretches of 16. Each stretch of k, nextTurns times nr elements
// of what comes next are brought near.
func (f *file) tileAMX() {
	fmt.Fprintf(f, "\nTEXT ·tile%s%s(SB), NOSPLIT, $24-8\n", f.form, f.suffix)
	f.op("MOVQ", "t+0(FP)", regTile)
	for _, v := range [][2]string{{"panels", panelsLeft}, {"c", panelC}, {"next", panelSoon}} {
		f.op("MOVQ", "tile_"+v[0]+"(DI)", "AX")
		f.op("MOVQ", "AX", v[1])
	}
	f.op("MOVQ", "tile_rows(DI)", "AX")
	f.op("SHLQ", "$6", "AX")
	f.op("LEAQ", "configs<>-64(SB)", "R8")
	f.op("ADDQ", "AX", "R8")
	f.vex("LDTILECFG", vexNone, opConfig, 0, 0, "R8", "", 0)
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
	f.vexRegs("TILERELEASE", vexNone, opConfig, 0, 0, 0)
	f.ret()
}

// findA sets the registers of A and the length of the sums.
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
	f.op("IMUL3Q", imm(f.form.parts()), regPart, regStepA)
	f.op("SHLQ", "$6", regSecond)
	f.op("ADDQ", regA, regSecond)
}

// findSums sets where the sums of the panel are stored: right in C where it has all columns of the panel, alpha is 1
// and beta is 0 or 1, in which case they begin with it.
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

// panelAMX computes and stores the sums of one panel and one or two times sixteen rows.
func (f *file) panelAMX(rows int) {
	parts := f.form.parts()
	zero, begin, loop, near := f.label("zero"), f.label("begin"), f.label("loop"), f.label("near")
	f.op("CMPQ", regSums, regC)
	f.op("JNE", zero)
	f.op("CMPL", "tile_beta(DI)", "$0")
	f.op("JEQ", zero)
	f.moveSums("TILELOADD", vexF2, rows)
	f.op("JMP", begin)
	f.place(zero)
	for s := range 2 * rows {
		f.vexRegs("TILEZERO", vexF2, opConfig, s, 0, 0)
	}
	f.place(begin)
	f.op("MOVQ", panelSoon, regTile)

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
			f.vex("TILELOADD", vexF2, opMove, rows0+r, 0, base, regStride, 0)
		}
		loadB := func(v int) {
			if newB {
				f.vex("TILELOADD", vexF2, opMove, cols0+v, 0, regB, regStrideB, t[1]*matrixRows*2*f.width+v*f.width)
			}
		}
		dot := func(r, v int) { f.vexRegs("TDPBF16PS", vexF3, opDot, sums00+2*r+v, cols0+v, rows0+r) }
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
	f.op("MOVQ", "t+0(FP)", "AX")
	f.op("MOVQ", "tile_nextTurns(AX)", "AX")
	f.place(near)
	for line := 0; line < 2*f.width; line += 64 {
		f.op("PREFETCHT1", mem(regTile, line))
	}
	f.op("ADDQ", imm(2*f.width), regTile)
	f.op("DECQ", "AX")
	f.op("JGT", near)
	f.op("ADDQ", regStepA, regSecond)
	f.op("ADDQ", regStepA, regA)
	f.op("ADDQ", imm(parts*matrixRows*2*f.width), regB)
	f.op("SUBQ", imm(parts*matrixRows), regK)
	f.op("JNZ", loop)
	f.op("MOVQ", regTile, panelSoon)
	f.op("MOVQ", "t+0(FP)", regTile)
	f.moveSums("TILESTORED", vexF3, rows)
}

// moveSums loads or stores the sums of one or two times sixteen rows.
func (f *file) moveSums(name string, prefix, rows int) {
	for r := range rows {
		base := regSums
		if r > 0 {
			base = "AX"
			f.op("MOVQ", regLdSums, base)
			f.op("SHLQ", "$4", base)
			f.op("ADDQ", regSums, base)
		}
		for v := range 2 {
			f.vex(name, prefix, opMove, sums00+2*r+v, 0, base, regLdSums, v*f.width)
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
	f.op("MOVQ", panelsLeft, cols) // of the panels before, then of this one
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

// amxConfigs writes for each number of rows what the matrix registers hold.
func (f *file) amxConfigs() {
	f.WriteString("\n// configs is the sizes of the matrix registers, for 1 to 32 rows.\n")
	for rows := 1; rows <= 2*matrixRows; rows++ {
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
	fmt.Fprintf(f, "GLOBL configs<>(SB), RODATA|NOPTR, $%d\n", 2*matrixRows*64)
}

// numbers of the general registers in instructions.
var numbers = map[string]int{"AX": 0, "CX": 1, "DX": 2, "BX": 3, "SI": 6, "DI": 7, "R8": 8, "R9": 9, "R10": 10, "R11": 11, "R12": 12, "R13": 13, "R14": 14, "R15": 15}

// vex emits an instruction of a matrix register and memory: base, a stride unless it is empty, and a displacement.
func (f *file) vex(name string, prefix, opcode, reg, vvvv int, base, stride string, disp int) {
	b, x, rm := numbers[base], 0, numbers[base]&7
	var sib []byte
	if stride != "" {
		x = numbers[stride]
		sib = []byte{byte(x&7<<3 | b&7)}
		rm = 4
	}
	tail := append([]byte{byte(2<<6 | reg<<3 | rm)}, sib...)
	for range 4 {
		tail = append(tail, byte(disp))
		disp >>= 8
	}
	f.bytes(fmt.Sprintf("%s %s %s, %d", name, base, stride, reg), prefix, opcode, vvvv, x, b, tail...)
}

// vexRegs emits an instruction of matrix registers.
func (f *file) vexRegs(name string, prefix, opcode, reg, vvvv, rm int) {
	f.bytes(fmt.Sprintf("%s %d, %d, %d", name, vvvv, rm, reg), prefix, opcode, vvvv, 0, 0, byte(3<<6|reg<<3|rm))
}

// bytes emits an instruction of the map 0F38, named in the comment.
func (f *file) bytes(comment string, prefix, opcode, vvvv, x, b int, tail ...byte) {
	code := append([]byte{0xc4, byte(1<<7 | (1-x>>3)<<6 | (1-b>>3)<<5 | 2), byte((^vvvv&15)<<3 | prefix), byte(opcode)}, tail...)
	f.WriteString("\t")
	for _, c := range code {
		fmt.Fprintf(f, "BYTE $0x%02x; ", c)
	}
	fmt.Fprintf(f, "// %s\n", comment)
}
