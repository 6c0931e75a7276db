package vectors

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/lock"
)

// leave writes rows with a Writer, stops it, and returns the path of its file.
func leave(t *testing.T, rows ...Row) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "v.npy")
	w, err := Create(path, &CreateOptions{Origin: "model"})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Stop(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestRest holds that Rest skips the lines of the rows written, and reports rows of another input.
func TestRest(t *testing.T) {
	path := leave(t, Row{Text: "a", Vector: []float32{1}}, Row{Text: "", Vector: []float32{0}}, Row{Text: "c", Vector: []float32{3}})
	for _, test := range []struct {
		name  string
		lines []string // ! is an unreadable line
		want  []string
		err   string
	}{
		{"same input", []string{"a", "", "c", "d", "!", "e"}, []string{"d", "!", "e"}, ""},
		{"nothing new", []string{"a", "", "c"}, nil, ""},
		{"a bad line", []string{"a", "!", "c", "d"}, []string{"!", "d"}, ""},
		{"another text", []string{"a", "", "x", "d"}, nil, `v.npy.partial:3: text of the row is "c", and line 3 is "x": want the input of the earlier run`},
		{"a bad line in place of a text", []string{"!", "", "c"}, nil, `v.npy.partial:1: text of the row is "a", and line 1 is ""`},
		{"fewer lines", []string{"a", ""}, nil, "file has 3 rows of an earlier run, and the input has 2 lines"},
	} {
		w, err := Create(path, &CreateOptions{Origin: "model", Resume: true})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		var last error
		for line, err := range w.Rest(func(yield func(string, error) bool) {
			for _, line := range test.lines {
				var err error
				if line == "!" {
					line, err = "", corpora.LineError(errors.New("bad"))
				}
				if !yield(line, err) {
					return
				}
			}
		}) {
			switch {
			case corpora.IsLineError(err):
				got = append(got, "!")
			case err != nil:
				last = err
			default:
				got = append(got, line)
			}
		}
		if !slices.Equal(got, test.want) || test.err == "" && last != nil || last != nil && !strings.Contains(last.Error(), test.err) || test.err != "" && last == nil {
			t.Errorf("%s: %q, %v: want %q, %q", test.name, got, last, test.want, test.err)
		}
		if err := w.Stop(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOneWriter holds that a second Writer of the same path is refused with all options.
func TestOneWriter(t *testing.T) {
	path := leave(t, Row{Text: "a", Vector: []float32{1}})
	first, err := Create(path, &CreateOptions{Origin: "model", Resume: true})
	if err != nil {
		t.Fatal(err)
	}
	if held, err := lock.File(first.log.f); !held || err != nil {
		t.Skip("the system has no file locks")
	}
	for _, opts := range []*CreateOptions{nil, {Origin: "model", Resume: true}, {Anew: true}} {
		if _, err := Create(path, opts); !errors.Is(err, lock.ErrHeld) {
			t.Errorf("%+v: %v: want ErrHeld", opts, err)
		}
	}
	if err := first.Write(Row{Text: "b", Vector: []float32{2}}); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if rows, err := read(path, nil); err != nil || len(rows) != 2 {
		t.Errorf("%v, %v: want both rows", rows, err)
	}
	if left, _ := filepath.Glob(path + "*"); !slices.Equal(left, []string{path, path + ".txt"}) {
		t.Errorf("%v are left", left)
	}
}

// TestAnew holds that Anew drops the rows of an earlier Writer, and that a Writer without rows leaves no file.
func TestAnew(t *testing.T) {
	path := leave(t, Row{Text: "a", Vector: []float32{1}})
	checkError(t, "no Anew", createError(path, nil), "holds rows of an earlier run")
	w, err := Create(path, &CreateOptions{Anew: true})
	if err != nil {
		t.Fatal(err)
	}
	if w.Rows() != 0 {
		t.Errorf("%d rows: want none", w.Rows())
	}
	if err := w.Stop(); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(path + "*"); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
}

// TestDamagedHead holds that a file with a damaged head is refused and not changed, and that a Writer starts over if a
// kill cut the head.
func TestDamagedHead(t *testing.T) {
	whole, err := os.ReadFile(leave(t, Row{Text: "a", Vector: []float32{1}}) + partialSuffix)
	if err != nil {
		t.Fatal(err)
	}
	head := len((&rowLog{origin: "model"}).appendHead(nil, 1))
	resumed := func(content []byte) error {
		path := filepath.Join(t.TempDir(), "v.npy")
		if err := os.WriteFile(path+partialSuffix, content, 0o666); err != nil {
			t.Fatal(err)
		}
		w, err := Create(path, &CreateOptions{Origin: "model", Resume: true})
		if err == nil {
			err = w.Stop()
		} else if left, _ := os.ReadFile(path + partialSuffix); !slices.Equal(left, content) {
			t.Error("the refused file changed")
		}
		return err
	}
	for at := range head {
		damaged := slices.Clone(whole)
		damaged[at] ^= 0x80
		if err := resumed(damaged); err == nil {
			t.Errorf("byte %d of the head is damaged: want an error", at)
		}
		if err := resumed(damaged[:head]); err == nil {
			t.Errorf("byte %d of the head is damaged, no rows: want an error", at)
		}
		if err := resumed(whole[:at]); err != nil {
			t.Errorf("head cut to %d bytes: %v", at, err)
		}
	}
}
