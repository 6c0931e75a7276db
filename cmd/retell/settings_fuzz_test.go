package main

import (
	"strings"
	"testing"
)

// FuzzDecodeSettings checks that no document makes a run configuration panic, and that an error is one line that names
// the document.
func FuzzDecodeSettings(f *testing.F) {
	all, err := recipes()
	if err != nil {
		f.Fatal(err)
	}
	for _, r := range all {
		f.Add(string(r.yaml))
	}
	for _, text := range []string{"- a", "a: &b {c: *b}", "<<: {model: {}}", "? x", "model: !!int 3", "---\n---", "model: [", "{", "\t", "model:\n  ? [a]\n  : b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := defaultRunConfig(kindSeq2Seq)
		if err := decodeSettings("run.yaml", []byte(text), &c); err != nil && !strings.HasPrefix(oneLine(err), "run.yaml:") {
			t.Errorf("error does not begin with the document's name: %v", err)
		}
	})
}
