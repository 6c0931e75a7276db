package kernel

import "golang.org/x/sys/cpu"

// intsAVX512 returns the kernels of int8: four values to a lane with AVX512_VNNI, two without.
func intsAVX512() *intKernels {
	w := &intKernels{values: 2, tile: tileInt16AVX512, rescale: rescaleAVX512, rescaleAdd: rescaleAddAVX512, greatest: greatestAVX512, lanes: 16, round: roundInt16AVX512}
	if cpu.X86.HasAVX512VNNI {
		w.values, w.offset, w.tile, w.round = 4, 128, tileInt8AVX512, roundInt8AVX512
	}
	return w
}
