package kernel

import (
	"fmt"
	"os"
	"strings"
)

// path is one implementation of the arithmetic, for one kind of processor. Arguments have been checked by the exported
// functions: slices are as long as they have to be and never empty.
type path struct {
	name string

	limit    func(rounds int)
	limitOps int // operations in a round of limit

	mr      int            // most rows of a tile of C
	nr      int            // columns of a tile and of a panel of packed B
	kBlock  int            // longest stretch of k that one tile sums before it is added to C; it shows in the bits
	byPanel bool           // every tile of A meets one panel of B before the next, so that the panel stays in the first-level cache
	panels  [maxSmall]int  // panels[r-1] neighbouring panels go into one tile of r rows; 1 for taller tiles
	tile    func(t *tile)  // see tile
	pack    func(p *panel) // see panel
	pairs   *pairKernels   // for products in bf16; nil where the processor has no such instructions
	split   *pairKernels   // for products in float32 of values in parts; nil where the processor does not multiply matrices
	whole   *wholeKernels  // for products in int8

	exp, tanh, sigmoid func(dst, src []float32)
	add, mul           func(dst, a, b []float32)
	axpy               func(alpha float32, x, y []float32)
	affine             func(alpha, beta float32, x []float32) // x = alpha·x + beta
	dot                func(x, y []float32) float32
	sum, sumSquares    func(x []float32) float64
	max                func(x []float32) float32                                    // NaN left out; -Inf if nothing else is there
	expSum             func(shift float32, x []float32) float64                     // x = exp(x-shift), returns Σx
	sumExp             func(shift float32, x []float32) float64                     // the same sum, x unchanged
	lstmForward        func(h int, gates, c0, c1, tc, hOut []float32)               // one row
	lstmBackward       func(h int, gates, c0, tc, dh, dc []float32)                 // one row
	gruForward         func(h int, gx, gh, h0, h1 []float32)                        // one row
	gruBackward        func(h int, gx, gh, h0, dh []float32)                        // one row
	adam               func(s *adamStep, w, g, m, v []float32)                      // see adamStep
	momentum           func(w, g, v []float32, rate, momentum, scale, keep float32) // w = keep·w − rate·v
}

// maxSmall is the most rows of a tile that spans several panels.
const maxSmall = 4

// envCPU names the variable that forces a path, for tests and for comparing machines.
const envCPU = "RETELL_CPU"

// active is the path in use; it and pathErr are set once, before main, and by tests.
var active, pathErr = choose(os.Getenv(envCPU), machinePaths())

// Path returns the name of the path in use: "amx", "avx512", "avx2" or "generic".
func Path() string { return active.name }

// PathError says why the path that the environment variable RETELL_CPU asks for is not in use; it is nil when the
// variable is empty or obeyed. The best path of the machine is in use then; a command should print the error and stop.
func PathError() error { return pathErr }

// choose returns the path called name, or the first one when name is empty. paths is never empty.
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
