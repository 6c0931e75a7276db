//go:build !linux

package kernel

// adviseHuge does nothing: no way to ask the system for huge pages is known here.
func adviseHuge([]float32) {}
