package main

import (
	"regexp"
	"strings"
	"testing"
)

// TestScreenLines checks that people see messages alone and logs hold the time and level of every line.
func TestScreenLines(t *testing.T) {
	tests := []struct {
		terminal   bool
		line, logs string
	}{
		{true, `^step 1\n    a → b\n$`, `^msg=done model=m\nlevel=WARN msg=odd\n$`},
		{false, `^(time=\S+ level=INFO msg="(step 1|a → b)"\n){2}$`, `^time=\S+ level=INFO msg=done model=m\ntime=\S+ level=WARN msg=odd\n$`},
	}
	for _, test := range tests {
		var lines, logs strings.Builder
		(&screen{w: &lines, terminal: test.terminal}).line("step 1\n    a → b")
		log := (&screen{w: &logs, terminal: test.terminal}).logger()
		log.Info("done", "model", "m")
		log.Warn("odd")
		for got, want := range map[string]string{lines.String(): test.line, logs.String(): test.logs} {
			if !regexp.MustCompile(want).MatchString(got) {
				t.Errorf("terminal %v: got %q: want %s", test.terminal, got, want)
			}
		}
	}
}
