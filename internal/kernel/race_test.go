//go:build race

package kernel

// raceEnabled reports whether the race detector is on, which empties pools at random.
const raceEnabled = true
