package kernel

import "unsafe"

// cacheLine is the alignment of Floats, in bytes.
const cacheLine = 64

// hugePage is the size of the pages that large matrices are best kept in, in bytes: products walk through so many rows
// that lie far apart that the addresses of small pages do not stay known to the processor.
const hugePage = 2 << 20

// Floats returns n zeroed elements that begin at a cache line. Large ones lie in huge pages where the system has them.
func Floats(n int) []float32 {
	const extra = cacheLine/4 - 1
	s := make([]float32, n+extra)
	start := uintptr(unsafe.Pointer(unsafe.SliceData(s)))
	if lo, hi := (start+hugePage-1)&^(hugePage-1), (start+4*uintptr(len(s)))&^(hugePage-1); lo < hi {
		off := (lo - start) / 4
		adviseHuge(s[off:][:(hi-lo)/4])
	}
	off := 0
	if r := start % cacheLine; r != 0 {
		off = int(cacheLine-r) / 4
	}
	return s[off:][:n:n]
}
