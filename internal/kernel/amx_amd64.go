package kernel

import "golang.org/x/sys/cpu"

// amx is the AVX-512 path with products in bf16, and of float32 in parts, by matrix instructions, which processors with
// AMX have beside it.
var amx = func() path {
	p := avx512
	p.name = "amx"
	p.pairs = &pairKernels{
		parts: 1, tile: tileBF16AMX, pack: pairPackAVX512, row: pairRowAVX512,
		matrix: &matrixTiles{mr: 32, kBlock: 1024, side: 16, square: squareBF16AMX, turn: turnBF16AMX},
	}
	p.split = &pairKernels{
		parts: 3, tile: tileSplitAMX, pack: pairPackSplitAMX, row: pairRowSplitAMX,
		matrix: &matrixTiles{mr: 32, kBlock: 1024, side: 16, square: squareSplitAMX, turn: turnSplitAMX},
	}
	return p
}()

// hasAMX reports whether the processor multiplies matrices of bf16 and the system lets this process do so.
func hasAMX() bool {
	return cpu.X86.HasAVX512BF16 && cpu.X86.HasAMXTile && cpu.X86.HasAMXBF16 && permitAMX()
}

// The functions of amx_amd64.s, which gen writes. The matrix registers are free again when a tile returns: the
// scheduler, which does not know them, never stops a goroutine in assembly.

//go:noescape
func tileBF16AMX(t *tile)

//go:noescape
func tileSplitAMX(t *tile)

//go:noescape
func squareBF16AMX(p *panel)

//go:noescape
func squareSplitAMX(p *panel)

//go:noescape
func turnBF16AMX(p *panel)

//go:noescape
func turnSplitAMX(p *panel)

//go:noescape
func pairRowSplitAMX(dst, src []float32)

//go:noescape
func pairPackSplitAMX(p *panel)
