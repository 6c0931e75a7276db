//go:build race

package kernel

// raceEnabled reports whether the race detector, which makes pools forget, is on.
const raceEnabled = true
