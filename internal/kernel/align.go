package kernel

import "unsafe"

// cacheLine is the alignment of packed matrices, in bytes.
const cacheLine = 64

// alignedFloats returns n zeroed elements that begin at a cache line.
func alignedFloats(n int) []float32 {
	const extra = cacheLine/4 - 1
	s := make([]float32, n+extra)
	off := 0
	if r := uintptr(unsafe.Pointer(unsafe.SliceData(s))) % cacheLine; r != 0 {
		off = int(cacheLine-r) / 4
	}
	return s[off:][:n]
}
