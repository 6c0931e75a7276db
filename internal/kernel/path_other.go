//go:build !amd64

package kernel

// machinePaths returns the paths that this processor supports, the fastest first.
func machinePaths() []*path { return []*path{&generic} }
