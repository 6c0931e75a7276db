package kernel

import "unsafe"

// hugePage is the bytes of a huge page. Products walk through many rows that are far apart, and the processor caches
// too few addresses of small pages for that.
const hugePage = 2 << 20

// Floats returns n zeroed elements aligned to a cache line. Large slices lie in huge pages where the system has them.
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
