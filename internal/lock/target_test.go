package lock_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/retell-rnn/retell/internal/lock"
)

func TestTarget(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := os.Mkdir(in("sub"), 0o777); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{
		"a": "b", "b": "sub/c", "sub/up": "../d", "folder": "sub", "absolute": in("e"), "circle": "round", "round": "circle",
	} {
		if err := os.Symlink(to, in(name)); err != nil {
			t.Skip(err)
		}
	}
	for path, want := range map[string]string{
		"none": "none", "a": "sub/c", "b": "sub/c", "sub/up": "d", "folder/up": "d", "absolute": "e", "folder": "sub",
	} {
		if got := lock.Target(in(path)); got != in(want) {
			t.Errorf("%s leads to %s: want %s", path, got, in(want))
		}
	}
	if got := filepath.Base(lock.Target(in("circle"))); got != "circle" && got != "round" {
		t.Errorf("a circle leads to %s", got)
	}
}
