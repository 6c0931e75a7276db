//go:build !amd64

package kernel

// withoutBytes returns the path as it is on a processor that multiplies no bytes, or nil if it makes no difference.
func withoutBytes(*path) *path { return nil }
