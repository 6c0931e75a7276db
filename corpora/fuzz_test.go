package corpora

import (
	"bufio"
	"bytes"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// fuzzLimit is the maximum line length, small so that the fuzzer finds longer lines.
const fuzzLimit = 200

func FuzzLines(f *testing.F) {
	for _, seed := range []string{"", "a\nb", "a\r\n\r\nb\r", "\ufeffa", "\xff\xfea\x00", "a\x00\n\x00b", "word\nsome more words\x00\n", "a\xe9b", "\x1f\x8b\x08", "BZh91AY&SY", "\x28\xb5\x2f\xfd\x00", "\xfd7zXZ\x00", "PK\x03\x04", zipped(f, "a\nb\n"), strings.Repeat("x", fuzzLimit+1)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var lines []string
		var ended error // error that ended the stream
		for line, err := range Lines("-", &ReadOptions{Stdin: bytes.NewReader(data), MaxLineBytes: fuzzLimit}) {
			if ended != nil {
				t.Fatalf("%q, %v: want nothing behind %v", line, err, ended)
			}
			switch lines = append(lines, line); {
			case IsLineError(err):
				checkError(t, err, len(lines))
				lines[len(lines)-1] = "!"
			case err != nil:
				checkError(t, err, 0)
				ended = err
			}
		}
		if isPacked(string(data)) || ended != nil && strings.Contains(ended.Error(), "UTF-16") {
			return // the rest compares with a plain file of UTF-8
		}
		var want []string
		for rest := strings.TrimPrefix(string(data), "\ufeff"); rest != ""; {
			line, after, _ := strings.Cut(rest, "\n")
			rest = after
			if line = strings.TrimSuffix(line, "\r"); len(line) > fuzzLimit || !utf8.ValidString(line) || strings.Contains(line, "\x00") {
				line = "!"
			}
			want = append(want, line)
		}
		if !slices.Equal(lines, want) || ended != nil {
			t.Fatalf("lines %q, error %v; want %q", lines, ended, want)
		}
	})
}

// isPacked reports whether data begins like a compressed file or an archive.
func isPacked(data string) bool {
	r := &lineReader{r: bufio.NewReader(strings.NewReader(data))}
	for _, c := range compressions() {
		if r.startsWith(c.magic) {
			return true
		}
	}
	return r.unreadable() != ""
}

// checkError checks that an error is an *Error of one line of text about the given line of the input.
func checkError(t *testing.T, err error, line int) {
	t.Helper()
	var e *Error
	switch {
	case err == nil:
	case !errors.As(err, &e) || strings.Contains(err.Error(), "\n"):
		t.Fatalf("error %q: want an *Error of one line", err)
	case line > 0 && e.Line != line:
		t.Fatalf("error %q: want it at line %d", err, line)
	}
}

func FuzzPairs(f *testing.F) {
	f.Add([]byte("a\nb\n"), []byte("A\nB"))
	f.Add([]byte("a\nb\n"), []byte("A"))
	f.Add([]byte(""), []byte("\xff\n"))
	f.Add([]byte(zipped(f, "a\n")), []byte("A\r\n"))
	f.Fuzz(func(t *testing.T, source, target []byte) {
		path := filepath.Join(t.TempDir(), "target")
		if err := os.WriteFile(path, target, 0o600); err != nil {
			t.Fatal(err)
		}
		options := func() *ReadOptions {
			return &ReadOptions{Stdin: bytes.NewReader(source), MaxLineBytes: fuzzLimit, AllowEmpty: true}
		}
		pairs, err := Collect(Pairs("-", path, options()))
		checkError(t, err, 0)
		sources, errS := Collect(Lines("-", options()))
		targets, errT := Collect(Lines(path, options()))
		whole := errS == nil && errT == nil && len(sources) == len(targets) && len(sources) > 0
		if whole != (err == nil) || len(pairs) > min(len(sources), len(targets)) || whole && len(pairs) != len(sources) {
			t.Fatalf("%d pairs of %d and %d lines, error %v", len(pairs), len(sources), len(targets), err)
		}
		for i, p := range pairs {
			if p.Source != sources[i] || len(p.Targets) != 1 || p.Targets[0] != targets[i] {
				t.Fatalf("pair %d is %+v, want %q and %q", i, p, sources[i], targets[i])
			}
		}
	})
}

// fuzzFormat fuzzes one reader with targets and without.
func fuzzFormat(f *testing.F, format Format, check func(t *testing.T, e Example), seeds ...string) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, sourceOnly := range []bool{false, true} {
			stream := format.Read("-", &ReadOptions{Stdin: bytes.NewReader(data), MaxLineBytes: fuzzLimit, SourceOnly: sourceOnly})
			checkExamples(t, stream, sourceOnly, check)
		}
	})
}

func checkExamples(t *testing.T, stream iter.Seq2[Example, error], sourceOnly bool, check func(t *testing.T, e Example)) {
	n := 0
	for e, err := range stream {
		if checkError(t, err, 0); err != nil {
			return
		}
		n++
		if err := checkSides(e); err != nil || sourceOnly != (len(e.Targets) == 0) {
			t.Fatalf("%+v: %v", e, err)
		}
		for _, side := range append(e.Targets, e.Source) {
			if !utf8.ValidString(side) || strings.Contains(side, "\n") {
				t.Fatalf("%q: want one line of UTF-8", side)
			}
		}
		check(t, e)
	}
	if n == 0 {
		t.Fatal("no example and no error")
	}
}

func FuzzTSV(f *testing.F) {
	fuzzFormat(f, Format{Type: TypeTSV, SourceColumn: 2, TargetColumn: 1, Header: true}, func(t *testing.T, e Example) {
		if strings.Contains(strings.Join(append(e.Targets, e.Source), ""), "\t") {
			t.Fatalf("%+v: want no tab", e)
		}
	}, "h\na\tb\n", "h\na\tb\tc\r\n", "h\na\n", "h\n\t\n", "")
}

func FuzzJSONL(f *testing.F) {
	fuzzFormat(f, Format{Type: TypeJSONL}, func(*testing.T, Example) {},
		`{"source":"a","target":"b"}`, `{"source":"a","target":["b","\ud800"]}`, `{"source":"\n","target":""}`, `{"source":{}}`, "null", "[", "\u00a0", "1e9")
}

func FuzzCMUdict(f *testing.F) {
	fuzzFormat(f, Format{Type: TypeCMUdict}, func(t *testing.T, e Example) {
		checkLetters(t, e.Source)
		for i, target := range e.Targets {
			if slices.Contains(e.Targets[:i], target) {
				t.Fatalf("%+v: want every pronunciation once", e)
			}
		}
	}, "a EY1\na(2) AH0\nb B\n", "a 0\na\xc2\xa0B\n", "(2) B\n() B\n)( B\n", ";;; a\n# b\na # c\n", "a b # c")
}

func FuzzSIGMORPHON(f *testing.F) {
	fuzzFormat(f, Format{Type: TypeSIGMORPHON}, func(t *testing.T, e Example) {
		letters := 0
		for token := range strings.SplitSeq(e.Source, " ") {
			switch n := utf8.RuneCountInString(token); {
			case n == 1:
				letters++
			case n == 0 || token[0] != '+' || letters > 0:
				t.Fatalf("%q: want features and then letters", e.Source)
			}
		}
		if letters == 0 {
			t.Fatalf("%q: want letters", e.Source)
		}
		for _, target := range e.Targets {
			checkLetters(t, target)
		}
	}, "gehen\tging\tV;PST\n", "gehen\tV;PST\n", "+ \t \t+;+\n", "a\tb\t;\n", "a\tb\tc d\n")
}

func checkLetters(t *testing.T, side string) {
	t.Helper()
	for token := range strings.SplitSeq(side, " ") {
		if utf8.RuneCountInString(token) != 1 {
			t.Fatalf("%q: want single letters", side)
		}
	}
}

func FuzzFormatSource(f *testing.F) {
	f.Add("gehen\tV;PST")
	f.Add("a b")
	f.Fuzz(func(t *testing.T, line string) {
		for _, typ := range Types() {
			format := Format{Type: typ}
			source, err := format.Source(line)
			if err == nil && (source == "") != isBlank(line) {
				t.Fatalf("%s: %q -> %q", typ, line, source)
			}
		}
	})
}
