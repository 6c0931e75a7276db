package kernel

import (
	"fmt"
	"os"
	"strings"
)

// path is the implementation of the arithmetic for one kind of processor. The exported functions check the arguments:
// slices are long enough and never empty.
type path struct {
	name string

	limit    func(rounds int)
	limitOps int // floating-point operations in a round of limit

	shape
	kBlock  int            // longest stretch of k that one tile sums; the bits depend on it
	byPanel bool           // all tiles of A multiply one panel of B before the next, so that it stays in the L1 cache
	tile    func(t *tile)  // see tile
	pack    func(p *panel) // see panel
	pairs   *pairKernels   // products in bf16; nil where the processor has none
	split   *pairKernels   // products in Split; nil where the processor does not multiply matrices
	ints    *intKernels    // products in int8

	exp, tanh, sigmoid func(dst, src []float32)
	add, mul           func(dst, a, b []float32)
	axpy               func(alpha float32, x, y []float32)
	affine             func(alpha, beta float32, x []float32) // x = alpha·x + beta
	dot                func(x, y []float32) float32
	sum, sumSquares    func(x []float32) float64
	max                func(x []float32) float32                      // skips NaN; -Inf if nothing is left
	maxPlus            func(dst, x, m []float32)                      // dst[j] = the greatest x[i] + m[i,j]
	expSum             func(shift float32, x []float32) float64       // x = e^(x−shift), returns Σx
	sumExp             func(shift float32, x []float32) float64       // the same sum; x is unchanged
	lstmForward        func(h int, gates, c0, c1, tc, hOut []float32) // one row
	lstmBackward       func(h int, gates, c0, tc, dh, dc []float32)   // one row
	gruForward         func(h int, gx, gh, h0, h1 []float32)          // one row
	gruBackward        func(h int, gx, gh, h0, dh []float32)          // one row
	adam               func(s *adamStep, w, g, m, v []float32)        // see adamStep
	drift              func(s *AdamDrift, w, m, v []float32)          // see AdamDrift

	momentum func(w, g, v []float32, rate, momentum, scale, keep float32) // w = keep·w − rate·v
}

// shape is the size of a path's tiles.
type shape struct {
	mr     int           // most rows of a tile of C
	nr     int           // columns of a tile of one panel, and of a panel of packed B: two registers
	lanes  int           // elements of a register, and rows of a panel of packed A
	panels [maxSmall]int // panels[r-1] adjacent panels go into one tile of r rows; taller tiles have 1
}

// envCPU names the variable that forces a path, for tests and for comparing machines.
const envCPU = "RETELL_CPU"

// active is the path in use. It and pathErr are set before main; tests replace active.
var active, pathErr = choose(os.Getenv(envCPU), machinePaths())

// Path returns the name of the path in use: "amx", "avx512", "avx2" or "generic".
func Path() string { return active.name }

// PathError returns an error if the environment variable RETELL_CPU names a path that this processor lacks; the fastest
// path is in use then. A command should print the error and stop.
func PathError() error { return pathErr }

// choose returns the path called name, or the first one if name is empty. paths is not empty.
func choose(name string, paths []*path) (*path, error) {
	if name == "" {
		return paths[0], nil
	}
	var have []string
	for _, p := range paths {
		if p.name == name {
			return p, nil
		}
		have = append(have, p.name)
	}
	return paths[0], fmt.Errorf("kernel: %s=%q: this processor has %s", envCPU, name, strings.Join(have, ", "))
}
