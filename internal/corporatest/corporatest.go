// Package corporatest locates the public corpora that some tests read and the repository does not contain.
package corporatest

import (
	"os"
	"path/filepath"
	"testing"
)

// Path returns the path of name, which is slash-separated, in the folder of corpora: $RETELL_CORPORA, or
// ../shared/corpora from the root of the module. It skips the test if that file or folder does not exist.
func Path(tb testing.TB, name string) string {
	tb.Helper()
	root := os.Getenv("RETELL_CORPORA")
	if root == "" {
		root = filepath.Join(moduleRoot(tb), "..", "shared", "corpora")
	}
	path := filepath.Join(root, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		tb.Skipf("corpora are absent: %v (set RETELL_CORPORA to their folder)", err)
	}
	return path
}

// moduleRoot returns the nearest folder at or above the working directory that holds a go.mod.
func moduleRoot(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			tb.Fatal("corporatest: no go.mod at or above the working directory")
		}
		dir = up
	}
}
