package main

import (
	"fmt"
	"slices"
)

// amx writes the kernel of products in bf16 by matrix instructions.
func amx(m *machine) []byte {
	m.suffix = "AMX"
	f := newFile(m)
	f.tileAMX()
	f.amxConfigs()
	return f.Bytes()
}

// Matrix registers: sums of the first and the second sixteen rows by the first and the second sixteen columns, then their operands.
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

// tileAMX writes func tile(t *tile) for up to 32 rows and one panel; k is a multiple of 16 pairs. With cs 1, rows of A are rs apart; else A
// is squares of 16 rows by 16 pairs: those of the first 16 rows, then those of the others.
func (f *file) tileAMX() {
	f.text("tile", 8)
	const stepA, stride, second = "R12", "R10", "R9" // bytes of A a step of k, between rows, and the second rows
	f.op("MOVQ", "t+0(FP)", regTile)
	f.op("MOVQ", "tile_a(DI)", regA)
	f.op("MOVQ", "tile_b(DI)", regB)
	f.op("MOVQ", "tile_c(DI)", regC)
	f.op("MOVQ", "tile_k(DI)", regK)
	f.op("MOVQ", "tile_ldc(DI)", regLdc)
	f.op("SHLQ", "$2", regLdc)
	f.op("MOVQ", "tile_rs(DI)", stride)
	f.op("MOVQ", "tile_cs(DI)", stepA)
	f.op("MOVQ", stride, second)
	f.op("CMPQ", stepA, "$1")
	f.op("JEQ", "found")
	f.op("MOVQ", regK, second)
	f.place("found")
	f.op("SHLQ", "$2", stride)
	f.op("SHLQ", "$6", stepA)
	f.op("SHLQ", "$6", second)
	f.op("ADDQ", regA, second)
	f.op("MOVQ", "tile_rows(DI)", "AX")
	f.op("MOVQ", "AX", "R11")
	f.op("SHLQ", "$6", "AX")
	f.op("LEAQ", "configs<>-64(SB)", "R8")
	f.op("ADDQ", "AX", "R8")
	f.vex("LDTILECFG", vexNone, opConfig, 0, 0, "R8", "", 0)
	f.op("SHRQ", "$4", regK)
	f.op("MOVQ", imm(2*f.width), "R13") // bytes between rows of B and of the sums
	f.op("CMPQ", "R11", imm(matrixRows))
	f.op("JGT", "two")
	for _, rows := range []int{1, 2} {
		if rows == 2 {
			f.place("two")
		}
		for s := range 2 * rows {
			f.vexRegs("TILEZERO", vexF2, opConfig, s, 0, 0)
		}
		loop := f.label("loop")
		f.op("PCALIGN", "$64")
		f.place(loop)
		f.vex("TILELOADD", vexF2, opMove, rows0, 0, regA, stride, 0)
		f.vex("TILELOADD", vexF2, opMove, cols0, 0, regB, "R13", 0)
		f.vexRegs("TDPBF16PS", vexF3, opDot, sums00, cols0, rows0)
		f.vex("TILELOADD", vexF2, opMove, cols1, 0, regB, "R13", f.width)
		f.vexRegs("TDPBF16PS", vexF3, opDot, sums01, cols1, rows0)
		if rows == 2 {
			f.vex("TILELOADD", vexF2, opMove, rows1, 0, second, stride, 0)
			f.vexRegs("TDPBF16PS", vexF3, opDot, sums10, cols0, rows1)
			f.vexRegs("TDPBF16PS", vexF3, opDot, sums11, cols1, rows1)
			f.op("ADDQ", stepA, second)
		}
		f.op("ADDQ", stepA, regA)
		f.op("ADDQ", imm(matrixRows*2*f.width), regB)
		f.op("DECQ", regK)
		f.op("JNZ", loop)
		f.op("MOVQ", "tile_sums(DI)", "R14")
		for s := range 2 * rows {
			f.vex("TILESTORED", vexF3, opMove, s, 0, "R14", "R13", s/2*matrixRows*2*f.width+s%2*f.width)
		}
		if rows == 1 {
			f.op("JMP", "stored")
		}
	}
	f.place("stored")
	f.vexRegs("TILERELEASE", vexNone, opConfig, 0, 0, 0)
	f.storeSums()
}

// storeSums writes C = alpha·sums + beta·C of R11 rows from R14 and returns.
func (f *file) storeSums() {
	alpha, beta, old := f.r(f.regs-1), f.r(f.regs-2), f.r(f.regs-3)
	f.op("VBROADCASTSS", "tile_alpha(DI)", alpha)
	f.op("VBROADCASTSS", "tile_beta(DI)", beta)
	mask := f.masks(1)
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
			f.op("VMULPS", mem("R14", v*f.width), alpha, f.r(v))
			if sum {
				f.load(mem(regC, v*f.width), mask(v), old)
				f.op("VFMADD231PS", old, beta, f.r(v))
			}
			f.put(f.r(v), mask(v), mem(regC, v*f.width))
		}
		f.op("ADDQ", imm(2*f.width), "R14")
		f.op("ADDQ", regLdc, regC)
		f.op("DECQ", "R11")
		f.op("JNZ", loop)
		f.ret()
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
