package main

import (
	"fmt"
	"strconv"
)

// prefix is a mandatory prefix in the two bits (pp) by which VEX and EVEX encode it.
type prefix byte

const (
	noPrefix prefix = iota
	prefix66
	prefixF3
	prefixF2
)

// map0F38 is the opcode map of every instruction here, as VEX and EVEX number it.
const map0F38 = 2

// encoding is an instruction that Go's assembler does not know.
type encoding struct {
	prefix prefix
	opcode byte
	set    string // instruction set, as CPUID names it
}

// encodings holds the hand-encoded instructions. All have W = 0; those with tile registers are VEX.128, those with Z
// registers EVEX.512. Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2.
var encodings = map[string]encoding{
	"LDTILECFG":      {noPrefix, 0x49, "AMX-TILE"},    // VEX.128.NP.0F38.W0 49 !(11):000:bbb
	"TILERELEASE":    {noPrefix, 0x49, "AMX-TILE"},    // VEX.128.NP.0F38.W0 49 C0
	"TILEZERO":       {prefixF2, 0x49, "AMX-TILE"},    // VEX.128.F2.0F38.W0 49 11:rrr:000
	"TILELOADD":      {prefixF2, 0x4b, "AMX-TILE"},    // VEX.128.F2.0F38.W0 4B !(11):rrr:100
	"TILESTORED":     {prefixF3, 0x4b, "AMX-TILE"},    // VEX.128.F3.0F38.W0 4B !(11):rrr:100
	"TDPBF16PS":      {prefixF3, 0x5c, "AMX-BF16"},    // VEX.128.F3.0F38.W0 5C 11:rrr:bbb
	"VDPBF16PS":      {prefixF3, 0x52, "AVX512_BF16"}, // EVEX.512.F3.0F38.W0 52 /r
	"VCVTNE2PS2BF16": {prefixF2, 0x72, "AVX512_BF16"}, // EVEX.512.F2.0F38.W0 72 /r
}

// general numbers the general registers as instructions do.
var general = map[string]int{
	"AX": 0, "CX": 1, "DX": 2, "BX": 3, "SI": 6, "DI": 7,
	"R8": 8, "R9": 9, "R10": 10, "R11": 11, "R12": 12, "R13": 13, "R14": 14, "R15": 15,
}

// number returns the number of a general register.
func number(reg string) int {
	n, ok := general[reg]
	if !ok {
		panic("gen: no general register " + reg)
	}
	return n
}

// lookup returns the encoding of an instruction.
func lookup(name string) encoding {
	e, ok := encodings[name]
	if !ok {
		panic("gen: no encoding of " + name)
	}
	return e
}

// inverted returns a bit of n inverted, as VEX and EVEX store the high bits of register numbers.
func inverted(n, bit int) byte { return byte(1 - n>>bit&1) }

// vex encodes an instruction with a three-byte VEX prefix; index and base are the numbers whose high bits it stores.
func vex(name string, vvvv, index, base int, modRM ...byte) []byte {
	e := lookup(name)
	return append([]byte{
		0xc4,
		1<<7 | inverted(index, 3)<<6 | inverted(base, 3)<<5 | map0F38,
		byte(^vvvv&15)<<3 | byte(e.prefix),
		e.opcode,
	}, modRM...)
}

// vexRegisters encodes an instruction of tile registers.
func vexRegisters(name string, vvvv, rm, reg int) []byte {
	return vex(name, vvvv, 0, 0, byte(3<<6|reg<<3|rm))
}

// vexMemory encodes an instruction of a tile register and memory at base + index + disp; index may be empty.
func vexMemory(name string, base, index string, disp, reg int) []byte {
	b := number(base)
	const disp32 = 2 << 6
	if index == "" {
		if b&7 == 4 {
			panic("gen: base " + base + " needs a SIB byte")
		}
		return append(vex(name, 0, 0, b, byte(disp32|reg<<3|b&7)), bytes32(disp)...)
	}
	x := number(index)
	return append(vex(name, 0, x, b, byte(disp32|reg<<3|4), byte(x&7<<3|b&7)), bytes32(disp)...)
}

// bytes32 returns v in four bytes, the lowest first.
func bytes32(v int) []byte { return []byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v >> 24)} }

// evex encodes an instruction of three Z registers, given by number in the assembler's order.
func evex(name string, rm, vvvv, reg int) []byte {
	e := lookup(name)
	return []byte{
		0x62,
		inverted(reg, 3)<<7 | inverted(rm, 4)<<6 | inverted(rm, 3)<<5 | inverted(reg, 4)<<4 | map0F38,
		byte(^vvvv&15)<<3 | 4 | byte(e.prefix),
		2<<5 | inverted(vvvv, 4)<<3, // 512 bits
		e.opcode,
		byte(3<<6 | reg&7<<3 | rm&7),
	}
}

// tileRegisters emits an instruction of tile registers in the assembler's order.
func (f *file) tileRegisters(name string, vvvv, rm, reg int) {
	f.emit(name, fmt.Sprintf("TMM%d, TMM%d, TMM%d", vvvv, rm, reg), vexRegisters(name, vvvv, rm, reg))
}

// tileMemory emits an instruction of a tile register and memory, whose rows are stride bytes apart.
func (f *file) tileMemory(name, base, stride string, disp, reg int) {
	f.emit(name, fmt.Sprintf("%s(%s*1), TMM%d", mem(base, disp), stride, reg), vexMemory(name, base, stride, disp, reg))
}

// zRegisters emits an instruction of three Z registers in the assembler's order.
func (f *file) zRegisters(name, rm, vvvv, reg string) {
	z := func(r string) int {
		n, err := strconv.Atoi(r[1:])
		if err != nil || r[0] != 'Z' {
			panic("gen: " + name + " of " + r)
		}
		return n
	}
	f.emit(name, rm+", "+vvvv+", "+reg, evex(name, z(rm), z(vvvv), z(reg)))
}

// emit writes a hand-encoded instruction, with its operands in a comment.
func (f *file) emit(name, operands string, code []byte) {
	f.need(lookup(name).set)
	f.WriteString("\t")
	for _, c := range code {
		fmt.Fprintf(f, "BYTE $0x%02x; ", c)
	}
	fmt.Fprintf(f, "// %s %s\n", name, operands)
}
