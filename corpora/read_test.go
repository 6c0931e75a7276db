package corpora

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMain fixes the seed of the property tests unless -rapid.seed sets another.
func TestMain(m *testing.M) {
	flag.Parse()
	if seed := flag.Lookup("rapid.seed"); seed.Value.String() == seed.DefValue {
		if err := flag.Set("rapid.seed", "1"); err != nil {
			panic(err)
		}
	}
	m.Run()
}

// file writes a file in the test's folder and returns its path.
func file(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func zipped(t testing.TB, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// message strips the folder of the test's files from an error.
func message(err error) string {
	if err == nil {
		return ""
	}
	words := strings.Fields(err.Error())
	for i, word := range words {
		if filepath.IsAbs(word) {
			words[i] = filepath.Base(word)
		}
	}
	return strings.Join(words, " ")
}

// errorOf returns the first error of a stream. It fails if the stream continues after one that is not about a line.
func errorOf[T any](t testing.TB, stream iter.Seq2[T, error]) error {
	t.Helper()
	var found error
	for _, err := range stream {
		if found != nil {
			t.Fatalf("stream goes on after its error %v", found)
		}
		if found = err; IsLineError(err) {
			break
		}
	}
	return found
}

func TestLines(t *testing.T) {
	for _, test := range []struct {
		name, content string
		want          []string
	}{
		{"empty file", "", nil},
		{"one line", "a b\n", []string{"a b"}},
		{"no final newline", "a\nb", []string{"a", "b"}},
		{"empty lines", "\n\na\n\n", []string{"", "", "a", ""}},
		{"crlf", "a\r\nb\r\n\r\n", []string{"a", "b", ""}},
		{"crlf without the last", "a\r\nb\r", []string{"a", "b"}},
		{"other line breaks stay", "a\rb\u2028c\vd\n", []string{"a\rb\u2028c\vd"}},
		{"byte order mark", "\ufeffa\n\ufeffb\n", []string{"a", "\ufeffb"}},
		{"only a byte order mark", "\ufeff", nil},
		{"shorter than any magic", "\x1f", []string{"\x1f"}},
		{"longer than the buffer", strings.Repeat("é", 100_000) + "\nb\n", []string{strings.Repeat("é", 100_000), "b"}},
	} {
		for _, zip := range []bool{false, true} {
			content, name := test.content, test.name
			if zip {
				content, name = zipped(t, content), name+", gzip"
			}
			t.Run(name, func(t *testing.T) {
				path := file(t, "f", content)
				stream := Lines(path, nil)
				for range 2 { // a file can be read again
					got, err := Collect(stream)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(test.want, got); diff != "" {
						t.Error(diff)
					}
				}
				got, err := Collect(Lines("-", &ReadOptions{Stdin: strings.NewReader(content)}))
				if err != nil || !cmp.Equal(test.want, got) {
					t.Errorf("standard input: %q, %v", got, err)
				}
			})
		}
	}
}

func TestLinesGzipMembers(t *testing.T) {
	got, err := Collect(Lines(file(t, "f", zipped(t, "a\nb")+zipped(t, "c\n")), nil))
	if err != nil || !cmp.Equal([]string{"a", "bc"}, got) {
		t.Errorf("two gzip members: %q, %v", got, err)
	}
}

func TestLinesErrors(t *testing.T) {
	long := zipped(t, strings.Repeat("a line of text\n", 1000))
	damaged := []byte(long)
	for i := 20; i < len(damaged)-8; i++ {
		damaged[i] = 0xff
	}
	for _, test := range []struct {
		name, content string
		opts          *ReadOptions
		lines         int // before the error; -1 = any number
		want          string
	}{
		{"bad UTF-8", "abc\nd\xe9f\n", nil, 1, "corpora: f:2: byte 2 of the line is 0xe9 (offset 5 in the file): want UTF-8"},
		{"bad UTF-8 after a mark and CRLF", "\ufeffé\r\n\xc3", nil, 1, "corpora: f:2: byte 1 of the line is 0xc3 (offset 7 in the file): want UTF-8"},
		{"surrogate", "\xed\xa0\x80", nil, 0, "corpora: f:1: byte 1 of the line is 0xed (offset 0 in the file): want UTF-8"},
		{"U+FFFD itself is fine", "\ufffd\n\xff", nil, 1, "corpora: f:2: byte 1 of the line is 0xff (offset 4 in the file): want UTF-8"},
		{"UTF-16", "\xff\xfea\x00\n\x00", nil, 0, "corpora: f: file starts with the byte order mark of UTF-16: want UTF-8"},
		{"UTF-16, big-endian", "\xfe\xff\x00a\x00\n", nil, 0, "corpora: f: file starts with the byte order mark of UTF-16: want UTF-8"},
		{"UTF-16 without a mark", "h\x00i\x00\n\x00", nil, 0, "corpora: f: file is UTF-16 by its NUL bytes: want UTF-8"},
		{"UTF-16 without a mark, big-endian", "\x00h\x00i\x00\n", nil, 0, "corpora: f: file is UTF-16 by its NUL bytes: want UTF-8"},
		{"UTF-16 of Greek without a mark", "\xb1\x03\n\x00\xb2\x03\n\x00", nil, 0, "corpora: f:1: byte 1 of the line is 0xb1"},
		{"UTF-16, first line empty", "\n\x00a\x00\n\x00", nil, 1, "corpora: f: file is UTF-16 by its NUL bytes: want UTF-8"},
		{"NUL", "abc\nd\x00ef and so on\n", nil, 1, "corpora: f:2: byte 2 of the line is NUL (offset 5 in the file): want text in UTF-8"},
		{"NUL, read as Latin-1", "d\xe9 and\x00 so on\n", &ReadOptions{Latin1: true}, 0, "corpora: f:1: byte 7 of the line is NUL"},
		{"too long", "12345\r\n123456\n", &ReadOptions{MaxLineBytes: 5}, 1, "corpora: f:2: line is longer than 5 bytes: want a shorter line"},
		{"too long for the default", "a\n" + strings.Repeat("x", 10<<20), nil, 1, "corpora: f:2: line is longer than 1048576 bytes: want a shorter line"},
		{"negative limit", "a\n", &ReadOptions{MaxLineBytes: -1}, 0, "corpora: maximum line length is -1 bytes: want at least 1, or 0 for the default"},
		{"gzip cut in its header", long[:5], nil, 0, "corpora: f: gzip data is truncated: want complete data"},
		{"gzip cut in its data", long[:len(long)/2], nil, -1, "gzip data is truncated: want complete data"},
		{"gzip cut in its checksum", long[:len(long)-3], nil, 1000, "corpora: f:1001: gzip data is truncated: want complete data"},
		{"gzip damaged", string(damaged), nil, -1, "gzip data is damaged: flate: corrupt input before offset"},
		{"gzip with more behind it", long + "more text behind it", nil, 1000, "corpora: f:1001: gzip data is damaged: gzip: invalid header"},
	} {
		t.Run(test.name, func(t *testing.T) {
			lines, err := Collect(Lines(file(t, "f", test.content), test.opts))
			if got := message(err); !strings.Contains(got, test.want) {
				t.Errorf("error is %q, want %q", got, test.want)
			}
			if test.lines >= 0 && len(lines) != test.lines {
				t.Errorf("%d lines before the error, want %d", len(lines), test.lines)
			}
			for _, line := range lines {
				if len(test.content) > 100 && line != "a" && line != "a line of text" {
					t.Fatalf("part of a line was handed out: %q", line)
				}
			}
		})
	}
}

func TestLinesFileErrors(t *testing.T) {
	dir := t.TempDir()
	err := errorOf(t, Lines(filepath.Join(dir, "absent.txt"), nil))
	if want := "corpora: absent.txt: no such file or directory"; message(err) != want {
		t.Errorf("absent: %v", err)
	}
	var e *Error
	if !errors.Is(err, fs.ErrNotExist) || !errors.As(err, &e) || e.File != filepath.Join(dir, "absent.txt") || e.Line != 0 {
		t.Errorf("absent: %#v", err)
	}
	if err := errorOf(t, Lines(dir, nil)); err == nil || !strings.HasSuffix(err.Error(), ": is a folder: want a file") {
		t.Errorf("folder: %v", err)
	}
	err = errorOf(t, Lines("-", &ReadOptions{Stdin: io.MultiReader(strings.NewReader("a\nb"), broken{})}))
	if want := "corpora: standard input:2: wire is cut"; message(err) != want || !errors.Is(err, errCut) {
		t.Errorf("broken input: %v, want %s", err, want)
	}
}

var errCut = errors.New("wire is cut")

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errCut }

// endless is a line without end; it counts the bytes read.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	e.read += len(p)
	return len(p), nil
}

func TestLongLineIsNotReadWhole(t *testing.T) {
	in := &endless{}
	if err := errorOf(t, Lines("-", &ReadOptions{MaxLineBytes: 1 << 20, Stdin: in})); err == nil {
		t.Fatal("no error")
	}
	if in.read > 2<<20 {
		t.Errorf("%d bytes were read for a limit of 1 MiB", in.read)
	}
}

func TestStreamsStopEarly(t *testing.T) {
	source, target := file(t, "s", "a b\nb c\nc d\n"), file(t, "t", "a\nb\nc\n")
	lines := Lines(source, nil)
	pairs := Pairs(source, target, nil)
	for name, stream := range map[string]iter.Seq2[Example, error]{
		"pairs":   pairs,
		"format":  Format{}.Read(source, &ReadOptions{SourceOnly: true}),
		"cmudict": Format{Type: TypeCMUdict}.Read(source, nil),
		"task":    Task(TaskCopy, 1, 3),
		"part":    Part(pairs, 0, 1),
		"filter":  Filter{}.Apply(pairs, nil),
		"dedup":   Dedup(pairs, nil, nil),
	} {
		n := 0
		for _, err := range stream {
			if n++; err != nil || n == 2 {
				break // a stream that continues after this panics
			}
		}
		if n != 2 {
			t.Errorf("%s: %d items", name, n)
		}
	}
	for name, stream := range map[string]iter.Seq2[string, error]{"lines": lines, "sources": Sources(pairs), "targets": Targets(pairs)} {
		for _, err := range stream {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			break
		}
	}
}

func TestPairs(t *testing.T) {
	got, err := Collect(Pairs(file(t, "s", "a\nb\n"), file(t, "t", zipped(t, "A\r\nB")), nil))
	want := []Example{{Source: "a", Targets: []string{"A"}}, {Source: "b", Targets: []string{"B"}}}
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("got %v, %v", got, err)
	}
	got, err = Collect(Pairs("-", file(t, "t", " \nB"), &ReadOptions{Stdin: strings.NewReader("a\n\n"), AllowEmpty: true}))
	want = []Example{{Source: "a", Targets: []string{" "}}, {Source: "", Targets: []string{"B"}}}
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("got %v, %v", got, err)
	}
}

// damagedLate returns gzip data that is damaged after its thousandth line.
func damagedLate(t *testing.T) string {
	whole := zipped(t, strings.Repeat("a line of text\n", 1000))
	return whole[:len(whole)-3]
}

func TestPairsErrors(t *testing.T) {
	for _, test := range []struct {
		name, source, target string
		pairs                int
		want                 string
	}{
		{"target shorter", "a\nb\nc\n\xff\nd", "A\n", 1, "corpora: t: file has 1 line: want 5, as many as s"},
		{"source shorter", "a\n", "A\n" + strings.Repeat("x", 2<<20) + "\nC\n", 1, "corpora: t: file has 3 lines: want 1, as many as s"},
		{"source shorter by long lines", "a\n", "A\nB\n" + strings.Repeat("x", 2<<20) + "\nC", 1, "corpora: t: file has 4 lines: want 1, as many as s"},
		{"one empty", "", "A\nB\n", 0, "corpora: t: file has 2 lines: want 0, as many as s"},
		{"both empty", "", "", 0, "corpora: s: file is empty, and so is t: want at least one line"},
		{"empty source", "a\n \n", "A\nB\n", 1, "corpora: s:2: source is empty: want text"},
		{"empty target", "a\n", "\n", 0, "corpora: t:1: target is empty: want text"},
		{"bad source", "a\n\xff\n", "A\nB\n", 1, "corpora: s:2: byte 1 of the line is 0xff (offset 2 in the file): want UTF-8"},
		{"source shorter by damaged gzip", "a\n", damagedLate(t), 1, "corpora: t:1001: gzip data is truncated: want complete data"},
		{"target shorter by damaged gzip", damagedLate(t), "a line of text\n", 1, "corpora: s:1001: gzip data is truncated: want complete data"},
		{"bad target", "a\nb\n", "A\n\xff\n", 1, "corpora: t:2: byte 1 of the line is 0xff (offset 2 in the file): want UTF-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			pairs, err := Collect(Pairs(file(t, "s", test.source), file(t, "t", test.target), nil))
			if got := message(err); got != test.want {
				t.Errorf("error is %q, want %q", got, test.want)
			}
			if len(pairs) != test.pairs {
				t.Errorf("%d pairs before the error, want %d", len(pairs), test.pairs)
			}
		})
	}
	for _, test := range []struct {
		source, target string
		opts           *ReadOptions
		want           string
	}{
		{"-", "-", nil, `source and target are both "-"`},
		{file(t, "s", "a\n"), filepath.Join(t.TempDir(), "t"), nil, "no such file"},
		{filepath.Join(t.TempDir(), "s"), file(t, "t", "a\n"), nil, "no such file"},
		{file(t, "s", "a\n"), file(t, "t", "a\n"), &ReadOptions{SourceOnly: true}, "without targets"},
	} {
		if err := errorOf(t, Pairs(test.source, test.target, test.opts)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error is %v, want %q", err, test.want)
		}
	}
}

// TestFirstLineIsNotHeldBack holds that a short first line is yielded before more input arrives.
func TestFirstLineIsNotHeldBack(t *testing.T) {
	in, out := io.Pipe()
	defer out.Close()
	go func() { _, _ = io.WriteString(out, "5\n") }()
	for line, err := range Lines("-", &ReadOptions{Stdin: in}) {
		if line != "5" || err != nil {
			t.Errorf("line %q, error %v: want 5", line, err)
		}
		break
	}
}
