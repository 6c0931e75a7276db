package kernel

import "golang.org/x/sys/cpu"

//go:generate go run ./gen

// machinePaths returns the paths that this processor supports, the fastest first.
func machinePaths() []*path {
	var paths []*path
	has := &cpu.X86
	if has.HasAVX2 && has.HasFMA {
		if has.HasAVX512F && has.HasAVX512BW && has.HasAVX512DQ && has.HasAVX512VL {
			if hasAMX() {
				paths = append(paths, &amx)
			}
			paths = append(paths, &avx512)
		}
		paths = append(paths, &avx2)
	}
	return append(paths, &generic)
}
