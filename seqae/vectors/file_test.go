package vectors

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// someRows returns n random rows, with blank and awkward texts among them.
func someRows(n, width int, seed uint64) []Row {
	rng := rand.New(rand.NewPCG(seed, 1))
	texts := []string{"A dog runs .", "", "Ein Hund läuft <schnell> & \"weit\"", "  ", "狗在跑", `back\slash`, "\u200b", "null"}
	rows := make([]Row, n)
	for i := range rows {
		rows[i] = Row{Text: texts[i%len(texts)], Vector: make([]float32, width)}
		for j := range rows[i].Vector {
			rows[i].Vector[j] = float32(rng.NormFloat64())
		}
	}
	if n > 1 {
		clear(rows[1].Vector)
		rows[0].Vector[0] = math.MaxFloat32
		rows[0].Vector[width-1] = -math.SmallestNonzeroFloat32
	}
	return rows
}

// create writes rows to a file.
func create(t *testing.T, path string, opts *CreateOptions, rows []Row) {
	t.Helper()
	w, err := Create(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// read returns the rows of a file.
func read(path string, opts *ReadOptions) (rows []Row, err error) {
	for r, err := range Read(path, opts) {
		if err != nil {
			return rows, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func TestRoundTrip(t *testing.T) {
	for _, format := range Formats() {
		t.Run(string(format), func(t *testing.T) {
			for _, size := range [][2]int{{1, 1}, {8, 5}, {1000, 33}} {
				want := someRows(size[0], size[1], 7)
				path := filepath.Join(t.TempDir(), "file."+string(format))
				create(t, path, nil, want)
				got, err := read(path, nil)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%v: %s", size, diff)
				}
				if _, err := os.Stat(path + partialSuffix); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("after Close: %v: want no partial file", err)
				}
			}
		})
	}
}

// TestParquetGroups writes and reads more than one row group.
func TestParquetGroups(t *testing.T) {
	want := someRows(90, 1<<16, 3)
	path := filepath.Join(t.TempDir(), "file.parquet")
	create(t, path, nil, want)
	got, err := read(path, nil)
	same := func(a, b Row) bool { return a.Text == b.Text && slices.Equal(a.Vector, b.Vector) }
	if err != nil || !slices.EqualFunc(want, got, same) {
		t.Fatalf("%d rows, %v: want the %d that were written", len(got), err, len(want))
	}
}

func TestTabsInTSV(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "v.tsv")
	create(t, path, nil, []Row{{Text: "a\tb", Vector: []float32{1, 2.5}}, {Text: "", Vector: []float32{-3, 0}}})
	for file, want := range map[string]string{"v.tsv": "1\t2.5\n-3\t0\n", "v.meta.tsv": "a b\n\u200b\n"} {
		if got, err := os.ReadFile(filepath.Join(dir, file)); err != nil || string(got) != want {
			t.Errorf("%s is %q, %v: want %q", file, got, err, want)
		}
	}
	// Metadata that other programs write may have a header.
	if err := os.WriteFile(filepath.Join(dir, "v.meta.tsv"), []byte("word\tcount\nx\t1\ny\t2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := read(path, nil)
	if want := []Row{{Text: "x", Vector: []float32{1, 2.5}}, {Text: "y", Vector: []float32{-3, 0}}}; err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v, %v: want %v", got, err, want)
	}
}

// TestResumeAnywhere cuts the unfinished file at every byte, as a kill might, and holds that a resumed Writer keeps
// exactly the complete rows.
func TestResumeAnywhere(t *testing.T) {
	rows := someRows(6, 3, 5)
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.jsonl")
	w, err := Create(whole, &CreateOptions{Origin: "model 1"})
	if err != nil {
		t.Fatal(err)
	}
	ends := []int64{0} // where the rows end
	for _, r := range rows {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
		if len(ends) == 1 {
			ends[0] = w.log.head
		}
		ends = append(ends, ends[len(ends)-1]+w.log.size(len(r.Text)))
	}
	if err := w.Stop(); err != nil {
		t.Fatal(err)
	}
	partial, err := os.ReadFile(whole + partialSuffix)
	if err != nil || int64(len(partial)) != ends[len(ends)-1] {
		t.Fatalf("partial file of %d bytes, %v: want %d", len(partial), err, ends[len(ends)-1])
	}
	for cut := range len(partial) + 1 {
		path := filepath.Join(dir, fmt.Sprintf("cut%d.jsonl", cut))
		if err := os.WriteFile(path+partialSuffix, partial[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		w, err := Create(path, &CreateOptions{Resume: true, Origin: "model 1"})
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for want < len(rows) && ends[want+1] <= int64(cut) {
			want++
		}
		if w.Rows() != want {
			t.Fatalf("cut at %d: %d rows: want %d", cut, w.Rows(), want)
		}
		for _, r := range rows[w.Rows():] {
			if err := w.Write(r); err != nil {
				t.Fatal(err)
			}
		}
		if cut%40 != 0 { // Close is slow, because it syncs
			if err := w.Stop(); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(path + partialSuffix); err != nil || !slices.Equal(got, partial) {
				t.Fatalf("cut at %d: %v: want the partial file of a run without a cut", cut, err)
			}
			continue
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := read(path, nil); err != nil || !cmp.Equal(rows, got) {
			t.Fatalf("cut at %d: %v, %v: want all rows once", cut, got, err)
		}
	}
	// A damaged row counts as torn, and so do all rows after it.
	at := int(ends[2]) + 5
	partial[at] ^= 1
	if err := os.WriteFile(whole+partialSuffix, partial, 0o600); err != nil {
		t.Fatal(err)
	}
	w, err = Create(whole, &CreateOptions{Resume: true, Origin: "model 1"})
	if err != nil || w.Rows() != 2 {
		t.Fatalf("damaged row 3: %v rows, %v: want 2", w.Rows(), err)
	}
	w.Stop()
}

func TestResumeRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.npy")
	w, err := Create(path, &CreateOptions{Origin: "a", Resume: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(Row{Text: "x", Vector: []float32{1}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Stop(); err != nil {
		t.Fatal(err)
	}
	checkError(t, "no Resume", createError(path, &CreateOptions{Origin: "a"}), "holds rows of an earlier run")
	checkError(t, "other origin", createError(path, &CreateOptions{Origin: "b", Resume: true}), `the rows come from "a": want "b"`)
	if err := os.WriteFile(path+partialSuffix, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	err = createError(path, &CreateOptions{Resume: true})
	checkError(t, "foreign file", err, "is not an unfinished file of Retell")
	if !errors.Is(err, ErrKind) {
		t.Errorf("foreign file: %v: want ErrKind", err)
	}
	if got, err := os.ReadFile(path + partialSuffix); err != nil || string(got) != "mine" {
		t.Errorf("foreign file is %q, %v: want it unchanged", got, err)
	}
}

func createError(path string, opts *CreateOptions) error {
	_, err := Create(path, opts)
	return err
}

// checkError checks that an error is one line that contains want.
func checkError(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: error %v: want one line with %q", what, err, want)
	}
}

func TestWriteRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.npy")
	w, err := Create(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	good := Row{Text: "x", Vector: []float32{1, 2}}
	if err := w.Write(good); err != nil {
		t.Fatal(err)
	}
	inf := float32(math.Inf(1))
	for want, row := range map[string]Row{
		"v.npy:2: vector has 3 numbers: want 2":                            {Text: "x", Vector: []float32{1, 2, 3}},
		"v.npy:2: vector is empty":                                         {Text: "x", Vector: nil},
		"v.npy:2: number 2 of the vector is +Inf: want a finite number":    {Text: "x", Vector: []float32{1, inf}},
		"v.npy:2: text \"a\\xe9\" is not UTF-8":                            {Text: "a\xe9", Vector: good.Vector},
		"v.npy:2: text \"a\\nb\" holds a line break: want one line":        {Text: "a\nb", Vector: good.Vector},
		"v.npy:2: number 1 of the vector is NaN: want a finite number":     {Text: "x", Vector: []float32{inf - inf, 0}},
		fmt.Sprintf("v.npy:2: text has %d bytes: want at most", maxText+1): {Text: strings.Repeat("x", maxText+1), Vector: good.Vector},
	} {
		checkError(t, want, w.Write(row), want)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := read(path, nil); err != nil || !cmp.Equal(got, []Row{good}) {
		t.Errorf("%v, %v: want the one good row", got, err)
	}

	w, err = Create(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkError(t, "no rows", w.Close(), "has no rows: want at least one")
	if _, err := os.Stat(path + partialSuffix); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("partial file without rows: %v: want it gone", err)
	}
	checkError(t, "extension", createError("v.csv", nil), `vectors: v.csv: extension ".csv": want .npy, .jsonl`)
	checkError(t, "format", createError("v", &CreateOptions{Format: "csv"}), `vectors: format "csv": want npy`)
	_, err = Create(filepath.Join(t.TempDir(), "none", "v.npy"), nil)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v: want fs.ErrNotExist", err)
	}
}

func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	npy := func(header, data string) string {
		return npyMagic + "\x01\x00" + string([]byte{byte(len(header)), 0}) + header + data
	}
	head := func(descr, shape string) string {
		return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + "}"
	}
	for _, c := range []struct{ file, content, want string }{
		{"empty.jsonl", "", "empty.jsonl: has no rows: want at least one"},
		{"width.jsonl", `{"vector":[1,2]}` + "\n" + `{"vector":[1]}`, "width.jsonl:2: vector has 1 numbers: want 2"},
		{"null.jsonl", `{"vector":[1,null]}`, "null.jsonl:1: number 2 of the vector is null"},
		{"nan.jsonl", `{"vector":[1,NaN]}`, "nan.jsonl:1: line is not JSON at byte 14"},
		{"big.jsonl", `{"vector":[1,1e99]}`, `big.jsonl:1: field "vector" holds a JSON number 1e99`},
		{"field.jsonl", `{"text":"x"}`, `field.jsonl:1: object has no field "vector"`},
		{"text.jsonl", `{"text":5,"vector":[1]}`, `text.jsonl:1: field "text" holds a JSON number`},
		{"blank.jsonl", "\n", "blank.jsonl:1: line is empty: want a JSON object"},
		{"latin1.jsonl", "{\"text\":\"\xe9\",\"vector\":[1]}", "latin1.jsonl:1: byte 10 of the line is 0xe9"},
		{"words.tsv", "a dog", `words.tsv:1: column 1 is "a dog": want a number`},
		{"nan.tsv", "1\tnan\n", "nan.tsv:1: number 2 of the vector is NaN"},
		{"width.tsv", "1\t2\n3\n", "width.tsv:2: vector has 1 numbers: want 2"},
		{"blank.tsv", "1\n\n", `blank.tsv:2: column 1 is "": want a number`},
		{"text.npy", "hello", `text.npy: file begins with "hello`},
		{"empty.npy", "", "empty.npy: file begins with"},
		{"head.npy", npyMagic + "\x01\x00\xff\x00{", "head.npy: file ends within its header: it is truncated"},
		{"version.npy", npyMagic + "\x07\x00\xff\x00{", "version.npy: npy version is 7"},
		{"int.npy", npy(head("<i8", "(1, 1)"), "12345678"), `int.npy: npy array is of type "<i8": want <f4, <f8 or <f2`},
		{"shape.npy", npy(head("<f4", "(1,)"), "1234"), "shape.npy: npy shape is (1,): want (rows, width)"},
		{"zero.npy", npy(head("<f4", "(1, 0)"), ""), "zero.npy: npy shape is (1, 0): want a width of 1 to"},
		{"none.npy", npy(head("<f4", "(0, 1)"), ""), "none.npy: has no rows"},
		{"fortran.npy", npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2)}", ""), "fortran.npy: npy array is in Fortran order"},
		{"short.npy", npy(head("<f4", "(2, 1)"), "\x00\x00\x00\x00\x00"), "short.npy:2: file ends here: want 2 rows: it is truncated"},
		{"long.npy", npy(head("<f4", "(1, 1)"), "\x00\x00\x00\x00\x00"), "long.npy:2: bytes follow the last row"},
		{"nan.npy", npy(head("<f4", "(1, 1)"), "\x00\x00\xc0\x7f"), "nan.npy:1: number 1 of the vector is NaN"},
		{"big.npy", npy(head("<f8", "(1, 1)"), "\x00\x00\x00\x00\x00\x00\x00\x7f"), "big.npy:1: number 1 of the vector is +Inf"},
		{"text.safetensors", "hello world", `text.safetensors: safetensors: file is text, beginning "hello world"`},
		{"other.safetensors", "\x02\x00\x00\x00\x00\x00\x00\x00{}", `other.safetensors: has no tensor "vectors"`},
		{"text.parquet", "hello world", "text.parquet: not a parquet file, or truncated"},
		{"file.csv", "1", `extension ".csv": want .npy, `},
	} {
		_, err := read(write(c.file, c.content), nil)
		checkError(t, c.file, err, c.want)
		foreign, damaged := strings.Contains(c.want, "begin"), strings.HasSuffix(c.want, "it is truncated")
		if foreign && !errors.Is(err, ErrKind) || damaged && !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: error %v: want ErrKind or ErrDamaged", c.file, err)
		}
	}
	if _, err := read(filepath.Join(dir, "none.npy2"), &ReadOptions{Format: NPY}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v: want fs.ErrNotExist", err)
	}

	path := filepath.Join(dir, "good.npy")
	create(t, path, nil, someRows(3, 2, 1))
	_, err := read(path, &ReadOptions{Width: 5})
	checkError(t, "asked width", err, "good.npy:1: vector has 2 numbers: want 5")
	write("good.npy.txt", "a\nb\n")
	_, err = read(path, nil)
	checkError(t, "few texts", err, "good.npy.txt ends after 2 lines: want one per vector")
	write("good.npy.txt", "a\nb\nc\nd\n")
	_, err = read(path, nil)
	checkError(t, "many texts", err, "good.npy.txt has more lines: want one per vector")
}

// TestDamage holds that a truncated file is an error in every binary format, and that a changed Safetensors file is an
// error or gives the same rows.
func TestDamage(t *testing.T) {
	for _, format := range []Format{NPY, Safetensors, Parquet} {
		path := filepath.Join(t.TempDir(), "v."+string(format))
		create(t, path, nil, someRows(5, 4, 2))
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for cut := range len(whole) {
			if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
				t.Fatal(err)
			}
			if rows, err := read(path, nil); err == nil {
				t.Fatalf("%s: the first %d of %d bytes give %d rows and no error", format, cut, len(whole), len(rows))
			}
		}
		if format != Safetensors {
			continue
		}
		for at := range whole {
			damaged := slices.Clone(whole)
			damaged[at] ^= 4
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			if rows, err := read(path, nil); err == nil && !cmp.Equal(rows, someRows(5, 4, 2)) {
				t.Fatalf("%s: with byte %d changed, other rows: want an error or the same rows", format, at)
			}
		}
	}
}

func TestWriteStream(t *testing.T) {
	rows := someRows(10, 3, 9)
	for _, format := range []Format{JSONL, TSV} {
		var b strings.Builder
		n, err := Write(&b, format, stream(rows))
		if n != len(rows) || err != nil {
			t.Fatalf("%s: %d rows, %v: want %d", format, n, err, len(rows))
		}
		got, err := read("-", &ReadOptions{Format: format, Stdin: strings.NewReader(b.String())})
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range got {
			if !slices.Equal(r.Vector, rows[i].Vector) || format == JSONL && r.Text != rows[i].Text {
				t.Errorf("%s: row %d is %v: want %v", format, i, r, rows[i])
			}
		}
	}
	_, err := Write(new(strings.Builder), NPY, stream(rows))
	checkError(t, "npy", err, `format "npy" cannot be streamed: want jsonl or tsv`)
	_, err = Write(new(strings.Builder), JSONL, stream([]Row{{Text: "", Vector: []float32{1}}, {Text: "", Vector: nil}}))
	checkError(t, "empty vector", err, "vectors: row 2: vector is empty")
	_, err = read("-", &ReadOptions{Format: Parquet, Stdin: strings.NewReader("")})
	checkError(t, "parquet", err, "standard input: format parquet cannot be streamed: want a file")
}

// stream yields rows.
func stream(rows []Row) func(yield func(Row, error) bool) {
	return func(yield func(Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func TestHalf(t *testing.T) {
	// IEEE 754 binary16.
	for bits, want := range map[uint16]float32{
		0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 0x0001: 1.0 / (1 << 24), 0x0400: 1.0 / (1 << 14), 0x3555: 0.333251953125, 0: 0,
	} {
		if got := fromHalf(bits); got != want {
			t.Errorf("%#04x is %v: want %v", bits, got, want)
		}
	}
	if got := float64(fromHalf(0xfc00)); !math.IsInf(got, -1) {
		t.Errorf("0xfc00 is %v: want -Inf", got)
	}
	if got := float64(fromHalf(0x7e00)); !math.IsNaN(got) {
		t.Errorf("0x7e00 is %v: want NaN", got)
	}
}
