package kernel

import (
	"runtime"
	"strings"
	"testing"
)

// eachPath runs a test on every path of the machine.
func eachPath(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	for _, p := range machinePaths() {
		t.Run(p.name, func(t *testing.T) {
			use(t, p)
			test(t)
		})
	}
}

// eachProduct runs a test on every path of the machine in every precision of the path. The portable path emulates all
// of them.
func eachProduct(t *testing.T, test func(t *testing.T, prec Precision)) {
	t.Helper()
	eachPath(t, func(t *testing.T) {
		for _, prec := range []Precision{Float32, BF16, Split} {
			t.Run(prec.String(), func(t *testing.T) {
				if active == &generic {
					t.Cleanup(emulate(func(p *path) { p.pairs, p.split = &genericPairs, &genericSplit }))
				}
				if err := prec.Available(); err != nil {
					t.Skip(err)
				}
				test(t, prec)
			})
		}
	})
}

// use makes p the active path until the test ends.
func use(tb testing.TB, p *path) {
	before := active
	active = p
	tb.Cleanup(func() { active = before })
}

// procs sets GOMAXPROCS until the test ends.
func procs(tb testing.TB, n int) {
	before := runtime.GOMAXPROCS(n)
	tb.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

func TestChoose(t *testing.T) {
	paths := machinePaths()
	if p, err := choose("", paths); p != paths[0] || err != nil {
		t.Errorf("no name: got %s, %v", p.name, err)
	}
	for _, want := range paths {
		if p, err := choose(want.name, paths); p != want || err != nil {
			t.Errorf("%s: got %s, %v", want.name, p.name, err)
		}
	}
	p, err := choose("sse9", paths)
	if p != paths[0] || err == nil || !strings.Contains(err.Error(), `RETELL_CPU="sse9"`) || !strings.Contains(err.Error(), "generic") {
		t.Errorf("unknown name: got %s, %v", p.name, err)
	}
}

func TestLimit(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		if one, two := Limit(1), Limit(2); one <= 0 || two != 2*one || Limit(0) != 0 {
			t.Errorf("operations of one round %d, of two %d, of none %d", one, two, Limit(0))
		}
	})
}
