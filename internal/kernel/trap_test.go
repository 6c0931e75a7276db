package kernel

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestTraps: a tile kernel that is called with an impossible shape stops the process; it does not return silently.
func TestTraps(t *testing.T) {
	const key = "KERNEL_TEST_TRAP"
	type call struct {
		tile         func(*tile)
		rows, panels int
	}
	calls := map[string]call{}
	for _, p := range machinePaths() {
		calls[p.name+" no rows"] = call{p.tile, 0, 1}
		calls[p.name+" too many rows"] = call{p.tile, p.mr + 1, 1}
		calls[p.name+" int8"] = call{p.ints.tile, p.mr + 1, 1}
		if p.panels[0] > 1 {
			calls[p.name+" too many rows of several panels"] = call{p.tile, maxSmall + 1, 2}
		}
		if p.pairs != nil {
			calls[p.name+" bf16"] = call{p.pairs.tile, matrixTileRows + 1, 1}
		}
	}
	delete(calls, "generic int8") // it has tiles of any number of rows
	if c, ok := calls[os.Getenv(key)]; ok {
		x := make([]float32, 4096)
		c.tile(&tile{a: x, b: x, c: x, sums: x, next: x, rows: c.rows, panels: c.panels, cols: 1, k: matrixRows, rs: 32, cs: 1, ldc: 32})
		return // the parent fails
	}
	for name := range calls {
		cmd := exec.Command(os.Args[0], "-test.run=^TestTraps$")
		cmd.Env = append(os.Environ(), key+"="+name)
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "SIGILL") && !strings.Contains(string(out), "kernel: tile of") {
			t.Errorf("%s: %v: want an illegal instruction or a panic\n%s", name, err, out)
		}
	}
}

// TestUnknownPrecision: a product in no precision panics with its number.
func TestUnknownPrecision(t *testing.T) {
	defer func() {
		if got, want := recover(), "kernel: Precision(9): want Float32, BF16, Int8 or Split"; got != want {
			t.Errorf("panic %v: want %s", got, want)
		}
	}()
	x := make([]float32, 4)
	GemmAs(Precision(9), false, false, 2, 2, 2, 1, x, 2, x, 2, 0, make([]float32, 4), 2)
}
