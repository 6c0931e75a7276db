package linelog

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// answer answers the lines from the first that w lacks, at most so many; negative means all.
func answer(t *testing.T, w *Writer, most int, lines ...string) {
	t.Helper()
	for _, line := range lines {
		has, err := w.Has(line)
		if err != nil {
			t.Fatal(err)
		}
		if has {
			continue
		}
		if most == 0 {
			return
		}
		most--
		if err := w.Write(line, "<"+line+">"); err != nil {
			t.Fatal(err)
		}
	}
}

func create(t *testing.T, path, origin string, resume bool) *Writer {
	t.Helper()
	w, err := Create(path, origin, resume)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestResume cuts the unfinished file at every byte and continues: the file is always the same.
func TestResume(t *testing.T) {
	lines := []string{"one", "", strings.Repeat("long ", 40000), "one"}
	want := "<" + strings.Join(lines, ">\n<") + ">\n"
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	w := create(t, path, "me", false)
	answer(t, w, -1, lines...)
	if err := w.Stop(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path + Suffix)
	if err != nil {
		t.Fatal(err)
	}
	for cut := 0; cut <= len(whole); cut += 1 + cut/2 {
		if err := os.WriteFile(path+Suffix, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		w := create(t, path, "me", true)
		answer(t, w, -1, lines...)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			t.Fatalf("cut at %d: %d bytes, %v: want %d", cut, len(got), err, len(want))
		}
	}
	if _, err := os.Stat(path + Suffix); err == nil {
		t.Error("the unfinished file is left")
	}
}

func TestErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	w := create(t, path, "me", false)
	answer(t, w, 2, "one", "two", "three")
	if _, err := Create(path, "me", true); err == nil {
		t.Error("two writers: no error")
	}
	if err := w.Stop(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		origin string
		resume bool
		want   string
	}{
		{"me", false, "holds lines of an earlier run"},
		{"you", true, `the lines come from "me": want "you"`},
	} {
		if _, err := Create(path, test.origin, test.resume); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: error %v", test, err)
		}
	}
	w = create(t, path, "me", true)
	if _, err := w.Has("other"); err == nil || !strings.Contains(err.Error(), "line 1 of the input is not that of the earlier run") {
		t.Errorf("another input: error %v", err)
	}
	if err := w.Stop(); err != nil {
		t.Fatal(err)
	}
	w = create(t, path, "me", true)
	if err := w.Close(); err == nil || !strings.Contains(err.Error(), "has 2 lines of an earlier run, and the input has 0") {
		t.Errorf("short input: error %v", err)
	}
	if err := os.WriteFile(path+Suffix, []byte("something else\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(path, "me", true); err == nil || !strings.Contains(err.Error(), "is no file of unfinished lines") {
		t.Errorf("another file: error %v", err)
	}
}
