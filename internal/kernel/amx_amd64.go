package kernel

import "golang.org/x/sys/cpu"

// amx is the AVX-512 path with matrix instructions for products in bf16, and of float32 in parts.
//
// The matrix registers are free again when a tile returns. The scheduler does not save them, but it never stops a
// goroutine in assembly.
var amx = func() path {
	p := avx512
	p.name = "amx"
	p.pairs = &pairKernels{
		parts: 1, tile: tileBF16AMX, pack: pairPackAVX512, row: pairRowAVX512,
		matrix: &matrixTiles{kBlock: 1024, square: squareBF16AMX, transpose: transposeBF16AMX},
	}
	p.split = &pairKernels{
		parts: splitParts, tile: tileSplitAMX, pack: pairPackSplitAMX, row: pairRowSplitAMX,
		matrix: &matrixTiles{kBlock: 1024, square: squareSplitAMX, transpose: transposeSplitAMX},
	}
	return p
}()

// hasAMX reports whether the processor multiplies matrices of bf16 and the system permits it to this process.
func hasAMX() bool {
	return cpu.X86.HasAVX512BF16 && cpu.X86.HasAMXTile && cpu.X86.HasAMXBF16 && permitAMX()
}
