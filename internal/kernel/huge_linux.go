package kernel

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// adviseHuge advises the system to back x, whose size is a multiple of huge pages, with them.
func adviseHuge(x []float32) {
	_ = unix.Madvise(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*len(x)), unix.MADV_HUGEPAGE)
}
