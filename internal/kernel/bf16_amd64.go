package kernel

import "golang.org/x/sys/cpu"

// pairsAVX512 returns the kernels of bf16; nil without AVX512_BF16.
func pairsAVX512() *pairKernels {
	if !cpu.X86.HasAVX512BF16 {
		return nil
	}
	return &pairKernels{parts: 1, tile: tileBF16AVX512, pack: pairPackAVX512, row: pairRowAVX512}
}
