//go:build !linux

package kernel

// adviseHuge does nothing: only Linux is known to take the advice.
func adviseHuge([]float32) {}
