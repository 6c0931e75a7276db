package seq2seq

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDocNamesFiles holds that the package documentation names every file, and no other.
func TestDocNamesFiles(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, word := range strings.FieldsFunc(string(text), func(r rune) bool { return strings.ContainsRune(" \t\n,;:()", r) }) {
		if strings.HasSuffix(word, ".go") {
			named[word] = true
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") || f == "doc.go" {
			continue
		}
		if !named[f] {
			t.Errorf("doc.go does not name %s: add it to its chapter", f)
		}
		delete(named, f)
	}
	for f := range named {
		t.Errorf("doc.go names %s, which is not there", f)
	}
}
