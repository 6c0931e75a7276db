//go:build amd64 && !linux

package kernel

// permitAMX reports false: only Linux is known to grant the matrix registers on request.
func permitAMX() bool { return false }
