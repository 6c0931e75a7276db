package kernel

// machinePaths returns the paths that this processor has, the fastest first.
func machinePaths() []*path { return []*path{&generic} }
