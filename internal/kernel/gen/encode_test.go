package main

import (
	"bytes"
	"fmt"
	"testing"
)

// golden pins hand-encoded instructions: the opcodes of the Intel 64 and IA-32 Architectures Software Developer's
// Manual, volume 2, as GNU as 2.40 and LLVM's llvm-mc 14 assemble them. Operands are in Intel's order.
var golden = []struct {
	name, operands, opcode string
	got                    []byte
	want                   string
}{
	{"LDTILECFG", "[r8+0x100]", "VEX.128.NP.0F38.W0 49 !(11):000:bbb", vexMemory("LDTILECFG", "R8", "", 0x100, 0), "c4c2784980 00010000"},
	{"LDTILECFG", "[rdi+0x7c0]", "VEX.128.NP.0F38.W0 49 !(11):000:bbb", vexMemory("LDTILECFG", "DI", "", 0x7c0, 0), "c4e2784987 c0070000"},
	{"TILERELEASE", "", "VEX.128.NP.0F38.W0 49 C0", vexRegisters("TILERELEASE", 0, 0, 0), "c4e27849c0"},
	{"TILEZERO", "tmm0", "VEX.128.F2.0F38.W0 49 11:rrr:000", vexRegisters("TILEZERO", 0, 0, 0), "c4e27b49c0"},
	{"TILEZERO", "tmm3", "VEX.128.F2.0F38.W0 49 11:rrr:000", vexRegisters("TILEZERO", 0, 0, 3), "c4e27b49d8"},
	{"TILELOADD", "tmm4, [rsi+r10+0x400]", "VEX.128.F2.0F38.W0 4B !(11):rrr:100", vexMemory("TILELOADD", "SI", "R10", 0x400, 4), "c4a27b4ba416 00040000"},
	{"TILELOADD", "tmm7, [rbx+r13+0x440]", "VEX.128.F2.0F38.W0 4B !(11):rrr:100", vexMemory("TILELOADD", "BX", "R13", 0x440, 7), "c4a27b4bbc2b 40040000"},
	{"TILESTORED", "[r14+r8+0x140], tmm1", "VEX.128.F3.0F38.W0 4B !(11):rrr:100", vexMemory("TILESTORED", "R14", "R8", 0x140, 1), "c4827a4b8c06 40010000"},
	{"TILESTORED", "[rax+r8+0x80], tmm2", "VEX.128.F3.0F38.W0 4B !(11):rrr:100", vexMemory("TILESTORED", "AX", "R8", 0x80, 2), "c4a27a4b9400 80000000"},
	{"TDPBF16PS", "tmm0, tmm4, tmm6", "VEX.128.F3.0F38.W0 5C 11:rrr:bbb", vexRegisters("TDPBF16PS", 6, 4, 0), "c4e24a5cc4"},
	{"TDPBF16PS", "tmm3, tmm5, tmm7", "VEX.128.F3.0F38.W0 5C 11:rrr:bbb", vexRegisters("TDPBF16PS", 7, 5, 3), "c4e2425cdd"},
	{"VDPBF16PS", "zmm1, zmm2, zmm3", "EVEX.512.F3.0F38.W0 52 /r", evex("VDPBF16PS", 3, 2, 1), "62f26e4852cb"},
	{"VDPBF16PS", "zmm13, zmm31, zmm28", "EVEX.512.F3.0F38.W0 52 /r", evex("VDPBF16PS", 28, 31, 13), "6212064052ec"},
	{"VDPBF16PS", "zmm24, zmm17, zmm9", "EVEX.512.F3.0F38.W0 52 /r", evex("VDPBF16PS", 9, 17, 24), "6242764052c1"},
	{"VCVTNE2PS2BF16", "zmm4, zmm1, zmm0", "EVEX.512.F2.0F38.W0 72 /r", evex("VCVTNE2PS2BF16", 0, 1, 4), "62f2774872e0"},
	{"VCVTNE2PS2BF16", "zmm30, zmm20, zmm12", "EVEX.512.F2.0F38.W0 72 /r", evex("VCVTNE2PS2BF16", 12, 20, 30), "62425f4072f4"},
}

func TestEncodings(t *testing.T) {
	pinned := map[string]bool{}
	for _, g := range golden {
		pinned[g.name] = true
		want := bytes.ReplaceAll([]byte(g.want), []byte(" "), nil)
		if got := fmt.Sprintf("%x", g.got); got != string(want) {
			t.Errorf("%s %s (%s) = %s: want %s", g.name, g.operands, g.opcode, got, want)
		}
	}
	for name := range encodings {
		if !pinned[name] {
			t.Errorf("no golden bytes of %s", name)
		}
	}
}

// TestEmit: the assembly holds the bytes of an instruction, and its function the instruction set.
func TestEmit(t *testing.T) {
	f := newFile(amxMachine(), "test.s")
	f.begin("tileBF16", 0)
	f.tileMemory("TILELOADD", "BX", "R13", 0x440, 7)
	f.dotPairs("Z3", "Z2", "Z1")
	for _, want := range []string{
		"// func tileBF16AMX(t *tile)\n",
		"// Instruction sets: AVX-512 (F, BW, DQ, VL), AMX-TILE, AVX512_BF16.\nTEXT ·tileBF16AMX(SB), NOSPLIT, $0-8\n",
		"BYTE $0xc4; BYTE $0xa2; BYTE $0x7b; BYTE $0x4b; BYTE $0xbc; BYTE $0x2b; BYTE $0x40; BYTE $0x04; BYTE $0x00; " +
			"BYTE $0x00; // TILELOADD 1088(BX)(R13*1), TMM7\n",
		"BYTE $0x62; BYTE $0xf2; BYTE $0x6e; BYTE $0x48; BYTE $0x52; BYTE $0xcb; // VDPBF16PS Z3, Z2, Z1\n",
	} {
		if !bytes.Contains(f.text(), []byte(want)) {
			t.Errorf("the file lacks %q:\n%s", want, f.text())
		}
	}
}

// TestOffsets: arguments lie where Go's ABI0 for assembly puts them.
func TestOffsets(t *testing.T) {
	f := newFile(avx2(), "test.s")
	for _, c := range []struct{ function, arg, part, want string }{
		{"axpy", "alpha", "", "alpha+0(FP)"},
		{"axpy", "x", "base", "x_base+8(FP)"},
		{"affine", "beta", "", "beta+4(FP)"},
		{"affine", "x", "len", "x_len+16(FP)"},
		{"momentum", "keep", "", "keep+84(FP)"},
		{"expSum", "ret", "", "ret+32(FP)"},
		{"dot", "ret", "", "ret+48(FP)"},
	} {
		f.begin(c.function, 0)
		if got := f.arg(c.arg, c.part); got != c.want {
			t.Errorf("%s: %s %s is %s: want %s", c.function, c.arg, c.part, got, c.want)
		}
	}
	for name, size := range map[string]int{"dot": 52, "sum": 32, "momentum": 88, "lstmForward": 128} {
		if got := newFunction(name, avx2()).size; got != size {
			t.Errorf("%s: arguments take %d bytes: want %d", name, got, size)
		}
	}
}
