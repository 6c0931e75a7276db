package retell_test

import (
	"os"
	"strings"
	"testing"
)

// TestPins pins two versions: gorgonia does not resolve everywhere at other versions, and with an older
// assume-no-moving-gc every binary panics at its start.
func TestPins(t *testing.T) {
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require ")); len(f) >= 2 {
			have[f[0]] = f[1]
		}
	}
	for module, version := range map[string]string{
		"gorgonia.org/gorgonia":              "v0.9.18",
		"gorgonia.org/tensor":                "v0.9.24",
		"gonum.org/v1/gonum":                 "v0.17.0",
		"go4.org/unsafe/assume-no-moving-gc": "v0.0.0-20231121144256-b99613f794b6",
	} {
		if have[module] != version {
			t.Errorf("go.mod: %s is %q: want %s", module, have[module], version)
		}
	}
}
