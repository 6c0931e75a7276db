package kernel

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// adviseHuge asks the system to keep x, whole huge pages, in such. It need not.
func adviseHuge(x []float32) {
	_ = unix.Madvise(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*len(x)), unix.MADV_HUGEPAGE)
}
