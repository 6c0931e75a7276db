package kernel

import "golang.org/x/sys/cpu"

// amx is the AVX-512 path with products in bf16 by matrix instructions, which processors with AMX have beside it.
var amx = func() path {
	p := avx512
	p.name = "amx"
	p.pairs = &pairKernels{tile: tileAMX, pack: pairPackAVX512, row: pairRowAVX512, matrix: &matrixTiles{mr: 32, side: 16}}
	return p
}()

// hasAMX reports whether the processor multiplies matrices of bf16 and the system lets this process do so.
func hasAMX() bool {
	return cpu.X86.HasAVX512BF16 && cpu.X86.HasAMXTile && cpu.X86.HasAMXBF16 && permitAMX()
}

// tileAMX is in amx_amd64.s, which gen writes. The matrix registers are free again when it returns: the scheduler, which does not
// know them, never stops a goroutine in assembly.
//
//go:noescape
func tileAMX(t *tile)
