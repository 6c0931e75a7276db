//go:build amd64 && !linux

package kernel

// permitAMX reports that no way is known here to ask the system for the matrix registers.
func permitAMX() bool { return false }
