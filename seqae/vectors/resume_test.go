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

// leave makes a Writer stop behind some rows and returns the path of its file.
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

// TestRest holds that rows are gone on with where they are those of the input, and refused otherwise.
func TestRest(t *testing.T) {
	path := leave(t, Row{Text: "a", Vector: []float32{1}}, Row{Text: "", Vector: []float32{0}}, Row{Text: "c", Vector: []float32{3}})
	for _, test := range []struct {
		name  string
		lines []string // ! cannot be read
		want  []string
		err   string
	}{
		{"same input", []string{"a", "", "c", "d", "!", "e"}, []string{"d", "!", "e"}, ""},
		{"nothing new", []string{"a", "", "c"}, nil, ""},
		{"a bad line", []string{"a", "!", "c", "d"}, []string{"!", "d"}, ""},
		{"another text", []string{"a", "", "x", "d"}, nil, `v.npy.partial:3: row is of "c", and line 3 is "x": want the input that the rows were made of`},
		{"a bad line in place of a text", []string{"!", "", "c"}, nil, `v.npy.partial:1: row is of "a", and line 1 is ""`},
		{"fewer lines", []string{"a", ""}, nil, "file has 3 rows of an earlier run, and the input 2 lines"},
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

// TestOneWriter holds that a file has one Writer at a time, whatever the second one asks for.
func TestOneWriter(t *testing.T) {
	path := leave(t, Row{Text: "a", Vector: []float32{1}})
	first, err := Create(path, &CreateOptions{Origin: "model", Resume: true})
	if err != nil {
		t.Fatal(err)
	}
	if held, err := lock.File(first.log.f); !held || err != nil {
		t.Skip("no locks here")
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

// TestAnew holds that rows nobody can go on with are in nobody's way, and that a Writer without rows leaves none.
func TestAnew(t *testing.T) {
	path := leave(t, Row{Text: "a", Vector: []float32{1}})
	checkError(t, "no Anew", createError(path, nil), "rows of an earlier run are there")
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

// TestDamagedHead holds that rows behind a damaged head are not overwritten, and that a head that a kill cut is begun
// anew.
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
			t.Error("the refused file has changed")
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
			t.Errorf("head is cut behind byte %d: %v", at, err)
		}
	}
}
