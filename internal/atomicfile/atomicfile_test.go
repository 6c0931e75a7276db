package atomicfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/retell-rnn/retell/internal/atomicfile"
	"github.com/retell-rnn/retell/internal/safetensors"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// check fails the test unless path has the content and its folder the files.
func check(t *testing.T, path, content string, files ...string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != content {
		t.Errorf("%s holds %q: want %q", path, got, content)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if fmt.Sprint(names) != fmt.Sprint(files) {
		t.Errorf("files %v: want %v", names, files)
	}
}

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	for _, s := range []string{"one", "two"} {
		if err := atomicfile.Write(path, text(s)); err != nil {
			t.Fatal(err)
		}
		check(t, path, s, "a")
	}
}

func TestErrorKeepsPrevious(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := atomicfile.Write(path, text("one")); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left")
	err := atomicfile.Write(path, func(w io.Writer) error {
		if err := text("tw")(w); err != nil {
			return err
		}
		return full
	})
	if !errors.Is(err, full) || err.Error() != path+": no space left" {
		t.Error(err)
	}
	check(t, path, "one", "a")

	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		atomicfile.Write(path, func(io.Writer) error { panic("within write") })
	}()
	check(t, path, "one", "a")
}

func TestErrorNamesPath(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "none", "a")
	err := atomicfile.Write(path, text("one"))
	if !errors.Is(err, fs.ErrNotExist) || err.Error() != path+": "+syscall.ENOENT.Error() {
		t.Error(err)
	}
	if err := atomicfile.Write(dir, text("one")); err == nil || err.Error() != dir+": not a regular file" {
		t.Error(err)
	}
}

func TestPermissions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	plain := path + "plain" // a new file made by package os, for comparison
	if err := os.WriteFile(plain, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := atomicfile.Write(path, text("one")); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := mode(t, path), mode(t, plain); got != want {
		t.Errorf("new file: %v: want %v", got, want)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	want := mode(t, path)
	if err := atomicfile.Write(path, text("two")); err != nil {
		t.Fatal(err)
	}
	if got := mode(t, path); got != want {
		t.Errorf("replaced file: %v: want %v", got, want)
	}
}

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

func TestSymbolicLink(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	if err := os.WriteFile(path, []byte("one"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a", link); err != nil {
		t.Skip(err)
	}
	if err := atomicfile.Write(link, text("two")); err != nil {
		t.Fatal(err)
	}
	check(t, path, "two", "a", "b")
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("%s: %v, %v: want a symbolic link", link, info.Mode(), err)
	}
}

// saver is an environment variable. It makes the test binary save the file that it names until it is killed.
const saver = "RETELL_TEST_SAVER"

func TestMain(m *testing.M) {
	if path := os.Getenv(saver); path != "" {
		err := saveForever(path)
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if dir := os.Getenv(groupSaver); dir != "" {
		fmt.Fprintln(os.Stderr, saveGroupsForever(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// saveForever saves path again and again. It writes a dot to standard output before every write.
func saveForever(path string) error {
	data := make([]float32, 100_000)
	for generation := 1; ; generation++ {
		for i := range data {
			data[i] = float32(generation)
		}
		err := atomicfile.Write(path, func(w io.Writer) error {
			return safetensors.Write(dotted{w}, nil, []safetensors.Tensor{{Name: "w", Shape: []int{len(data)}, Data: data}})
		})
		if err != nil {
			return err
		}
	}
}

type dotted struct{ w io.Writer }

func (d dotted) Write(p []byte) (int, error) {
	if _, err := os.Stdout.WriteString("."); err != nil {
		return 0, err
	}
	return d.w.Write(p)
}

func TestKill(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a")
	rounds := 50
	if testing.Short() {
		rounds = 5
	}
	rng := rand.New(rand.NewPCG(1, 2))
	saves := 0
	for range rounds {
		child := exec.Command(self)
		child.Env = append(os.Environ(), saver+"="+path)
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, out, 10+rng.Int64N(60)); err != nil {
			t.Fatal(err)
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		child.Wait() // the error reports the kill

		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := safetensors.NewReader(bytes.NewReader(whole), int64(len(whole)))
		if err != nil {
			t.Fatal(err)
		}
		data := make([]float32, 100_000)
		if err := f.Read("w", data); err != nil {
			t.Fatal(err)
		}
		saves += int(data[0])
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 1 {
		t.Errorf("%v are left: want the last save's at most", left)
	}
	t.Logf("%d saves in %d processes that were killed", saves, rounds)
	if err := atomicfile.Write(path, text("one")); err != nil {
		t.Fatal(err)
	}
	check(t, path, "one", "a")
}

// TestWritersBesideEachOther checks that Write removes no temporary file whose writer is alive, and no file with
// another name.
func TestWritersBesideEachOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	other := filepath.Join(filepath.Dir(path), ".a.tmpold")
	if err := os.WriteFile(other, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	err := atomicfile.Write(path, func(w io.Writer) error {
		if err := text("out")(w); err != nil {
			return err
		}
		if err := atomicfile.Write(path, text("inner")); err != nil {
			return err
		}
		check(t, path, "inner", filepath.Base(temporaryOf(t, path)), ".a.tmpold", "a")
		return text("er")(w)
	})
	if err != nil {
		t.Fatal(err)
	}
	check(t, path, "outer", ".a.tmpold", "a")
}

// temporaryOf returns the only temporary file of path.
func temporaryOf(t *testing.T, path string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".tmp*[0-9]"))
	if err != nil || len(found) != 1 {
		t.Fatalf("temporary files %v, %v: want one", found, err)
	}
	return found[0]
}
