package vectors

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzRead reads arbitrary bytes as a file of every format. It must return rows that can be written and read again, or
// an error of one line.
func FuzzRead(f *testing.F) {
	for i, format := range Formats() {
		path := filepath.Join(f.TempDir(), "seed."+string(format))
		w, err := Create(path, nil)
		if err != nil {
			f.Fatal(err)
		}
		for _, r := range someRows(3, 2, 4) {
			if err := w.Write(r); err != nil {
				f.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			f.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), data)
	}
	f.Add(uint8(0), []byte(npyMagic+"\x02\x00\x3a\x00\x00\x00{'descr': '<f2', 'fortran_order': False, 'shape': (1L, 1L)}\x00\x3c"))
	f.Add(uint8(1), []byte(`{"vector":[1,null]}`))
	f.Fuzz(func(t *testing.T, kind uint8, data []byte) {
		format := Formats()[int(kind)%len(Formats())]
		dir := t.TempDir()
		path := filepath.Join(dir, "in."+string(format))
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		rows, err := read(path, nil)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Fatalf("error %q: want one line", err)
			}
			return
		}
		for i, r := range rows {
			if strings.Contains(r.Text, "\n") || checkVector(r.Vector, len(rows[0].Vector)) != nil {
				t.Fatalf("row %d is %v: want one line and as many finite numbers as in row 0", i, r)
			}
		}
		again := filepath.Join(dir, "again.jsonl")
		create(t, again, nil, rows)
		if got, err := read(again, nil); err != nil || !cmp.Equal(got, rows) {
			t.Fatalf("%v, %v: want %v", got, err, rows)
		}
	})
}

// FuzzResume resumes an unfinished file of arbitrary bytes. It must return an error, or a Writer that can write all of
// its rows.
func FuzzResume(f *testing.F) {
	path := filepath.Join(f.TempDir(), "v.npy")
	w, err := Create(path, nil)
	if err != nil {
		f.Fatal(err)
	}
	for _, r := range someRows(3, 2, 4) {
		if err := w.Write(r); err != nil {
			f.Fatal(err)
		}
	}
	if err := w.Stop(); err != nil {
		f.Fatal(err)
	}
	log, err := os.ReadFile(path + partialSuffix)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(log)
	f.Add(log[:len(log)-3])
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "v.jsonl")
		if err := os.WriteFile(path+partialSuffix, data, 0o600); err != nil {
			t.Fatal(err)
		}
		w, err := Create(path, &CreateOptions{Resume: true})
		if err != nil {
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Fatalf("error %v: want an *Error", err)
			}
			return
		}
		n := w.Rows()
		if err := w.Close(); (err == nil) != (n > 0) {
			t.Fatalf("Close after %d rows: %v", n, err)
		}
		if rows, err := read(path, nil); n > 0 && (err != nil || len(rows) != n) {
			t.Fatalf("%d rows, %v: want %d", len(rows), err, n)
		}
	})
}
