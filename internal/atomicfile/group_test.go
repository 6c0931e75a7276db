package atomicfile_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/internal/atomicfile"
)

func TestWriteAll(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	write := func(one, two func(io.Writer) error) error {
		return atomicfile.WriteAll(atomicfile.File{Path: a, Write: one}, atomicfile.File{Path: b, Write: two})
	}
	if err := write(text("a1"), text("b1")); err != nil {
		t.Fatal(err)
	}
	check(t, a, "a1", "a", "b")
	broken := errors.New("broken")
	if err := write(text("a2"), func(io.Writer) error { return broken }); !errors.Is(err, broken) || err.Error() != b+": broken" {
		t.Errorf("error %v: want %s: broken", err, b)
	}
	check(t, a, "a1", "a", "b")
	check(t, b, "b1", "a", "b")
	if err := write(text("a3"), text("b3")); err != nil {
		t.Fatal(err)
	}
	check(t, a, "a3", "a", "b")
	check(t, b, "b3", "a", "b")
}

// groupSaver is an environment variable. It makes the test binary write three files in the folder that it names until
// it is killed, and a dot after each time.
const groupSaver = "RETELL_TEST_GROUP_SAVER"

func saveGroupsForever(dir string) error {
	for generation := 0; ; generation++ {
		part := func(name string) atomicfile.File {
			return atomicfile.File{Path: filepath.Join(dir, name), Write: text(fmt.Sprint(os.Getpid(), " ", generation))}
		}
		if err := atomicfile.WriteAll(part("a"), part("b"), part("c")); err != nil {
			return err
		}
		fmt.Print(".")
	}
}

// TestKillWithinGroup checks that files of two calls never exist side by side.
func TestKillWithinGroup(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	rounds := 40
	if testing.Short() {
		rounds = 5
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range rounds {
		child := exec.Command(self)
		child.Env = append(os.Environ(), groupSaver+"="+dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, out, 1+rng.Int64N(20)); err != nil {
			t.Fatal(err)
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		child.Wait() // the error reports the kill
		contents := map[string]bool{}
		for _, name := range strings.Fields("a b c") {
			if content, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
				contents[string(content)] = true
			}
		}
		if len(contents) > 1 {
			t.Fatalf("files of %d calls are beside each other: %v", len(contents), contents)
		}
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	if err := atomicfile.Check(path); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	if err := atomicfile.Write(path, text("one")); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.Check(path); err != nil {
		t.Error(err)
	}
	check(t, path, "one", "a")
	for bad, want := range map[string]string{
		dir:                             "is a folder",
		filepath.Join(dir, "none", "a"): "no such file",
		filepath.Join(path, "b"):        "not a directory",
	} {
		if err := atomicfile.Check(bad); err == nil || !strings.HasPrefix(err.Error(), bad+": ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v: want %q in it", bad, err, want)
		}
	}
}
