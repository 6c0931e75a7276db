package kernel

import "golang.org/x/sys/cpu"

// pairsAVX512 returns the kernels of bf16, or nil where the processor has no such instructions.
func pairsAVX512() *pairKernels {
	if !cpu.X86.HasAVX512BF16 {
		return nil
	}
	return &pairKernels{parts: 1, tile: tileBF16AVX512, pack: pairPackAVX512, row: pairRowAVX512}
}

// The functions of bf16_amd64.s, which gen writes.

//go:noescape
func tileBF16AVX512(t *tile)

//go:noescape
func pairPackAVX512(p *panel)

//go:noescape
func pairRowAVX512(dst, src []float32)
