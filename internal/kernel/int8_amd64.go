package kernel

import "golang.org/x/sys/cpu"

// wholeAVX512 returns the kernels of int8: of four values a lane where the processor multiplies them, else of two.
func wholeAVX512() *wholeKernels {
	w := &wholeKernels{values: 2, tile: tileInt16AVX512, rescale: rescaleAVX512, rescaleAdd: rescaleAddAVX512}
	if cpu.X86.HasAVX512VNNI {
		w.values, w.offset, w.tile = 4, 128, tileInt8AVX512
	}
	return w
}

// The functions of int_avx512_amd64.s and int_avx2_amd64.s, which gen writes.

//go:noescape
func tileInt8AVX512(t *tile)

//go:noescape
func tileInt16AVX512(t *tile)

//go:noescape
func rescaleAVX512(scale float32, c, sums, bias, scales []float32)

//go:noescape
func rescaleAddAVX512(scale float32, c, sums, bias, scales []float32)

//go:noescape
func tileInt16AVX2(t *tile)

//go:noescape
func rescaleAVX2(scale float32, c, sums, bias, scales []float32)

//go:noescape
func rescaleAddAVX2(scale float32, c, sums, bias, scales []float32)
