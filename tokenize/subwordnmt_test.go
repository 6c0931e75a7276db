package tokenize

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/retell-rnn/retell/internal/corporatest"
)

func TestSubwordNMTConformance(t *testing.T) {
	corpus := readLines(t, "subword-nmt/corpus.en")
	codes, err := os.ReadFile(corporatest.Path(t, "subword-nmt/bpe.ref"))
	if err != nil {
		t.Fatal(err)
	}
	want := readLines(t, "subword-nmt/corpus.bpe.ref.en")

	learned, err := LearnSubwordNMT(1000, stream(corpus...))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if _, err := learned.WriteTo(&got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), codes) {
		t.Errorf("learned codes differ from bpe.ref: %s", firstDifference(got.String(), string(codes)))
	}

	read, err := ReadSubwordNMT(bytes.NewReader(codes))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range corpus {
		if got := read.Segment(line); got != want[i] {
			t.Fatalf("line %d:\n got %q\nwant %q", i+1, got, want[i])
		}
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got " + g[i] + ", want " + w[i]
		}
	}
	return "lengths"
}

func TestSubwordNMTSegment(t *testing.T) {
	s, err := ReadSubwordNMT(strings.NewReader("#version: 0.2\nl o\nlo w</w>\ne r</w>\nlo w\nlow er</w>\n< /\n</ w\n</w >\n"))
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"":                      "",
		"   ":                   "   ",
		"low lower":             "low lower",
		"lowe slow":             "low@@ e s@@ low",
		"  low   er \r":         "  low er \r",
		"l\u00f6w low\u00a0low": "l@@ \u00f6@@ w low@@ \u00a0@@ low",
		"x</w>y </w>":           "x@@ </w>@@ y </w@@ >",
		"\xfflow\xe2":           "\xff@@ low@@ \xe2",
	} {
		if got := s.Segment(line); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
	if got := s.Segment(strings.Repeat("low", 1<<17)); len(got) != 3<<17+3*(1<<17-1) {
		t.Errorf("a long word has become %d bytes", len(got))
	}
}

func TestSubwordNMTRefused(t *testing.T) {
	for data, want := range map[string]string{
		"":                            `empty: want "#version: 0.2"`,
		"#version: 0.1\na b\n":        `line 1 is "#version: 0.1": want "#version: 0.2"`,
		"a b\n":                       `line 1 is "a b"`,
		"#version: 0.2\na b\na  b\n":  `line 3 is "a  b": want two symbols`,
		"#version: 0.2\nab\n":         `line 2 is "ab"`,
		"#version: 0.2\n\n":           `line 2 is ""`,
		"#version: 0.2\na \xff\n":     `line 2 is "a \xff"`,
		"#version: 0.2\na b\na b c\n": `line 3 is "a b c"`,
		strings.Repeat("x", 1<<20+1):  "line 1: bufio.Scanner: token too long",
	} {
		if _, err := ReadSubwordNMT(strings.NewReader(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: got %v, want %s", data, err, want)
		}
	}
	if _, err := LearnSubwordNMT(0, stream("a")); err == nil {
		t.Error("0 merges are learned")
	}
	broken := errors.New("no")
	if _, err := LearnSubwordNMT(1, func(yield func(string, error) bool) { yield("", broken) }); !errors.Is(err, broken) {
		t.Errorf("got %v, want the stream's error", err)
	}
}

// TestSubwordNMTProperties holds that codes can be written and read again, and that a segmented line without separators
// is the line.
func TestSubwordNMTProperties(t *testing.T) {
	line := anyLine()
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(line, 1, 5).Draw(t, "lines")
		s, err := LearnSubwordNMT(20, stream(lines...), stream(lines...))
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if _, err := s.WriteTo(&file); err != nil {
			t.Fatal(err)
		}
		back, err := ReadSubwordNMT(&file)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(back.codes, s.codes) {
			t.Fatalf("got %q, want %q", back.codes, s.codes)
		}
		for _, line := range lines {
			got := s.Segment(line)
			if again := back.Segment(line); again != got {
				t.Fatalf("%q: got %q after reading, %q before", line, again, got)
			}
			if joined := strings.ReplaceAll(got, subwordSeparator, ""); !strings.Contains(line, "@@") && singleSpaces(joined) != singleSpaces(line) {
				t.Fatalf("%q: segmented %q", line, got)
			}
		}
	})
}

func FuzzReadSubwordNMT(f *testing.F) {
	f.Add("#version: 0.2\nl o\nlo w</w>\n", "low lows")
	f.Add("#version: 0.2\na a\naa a\na aa</w>\n", "aaaaaaa aa")
	f.Fuzz(func(t *testing.T, codes, line string) {
		s, err := ReadSubwordNMT(strings.NewReader(codes))
		if err != nil || strings.Contains(line, "@@") {
			return
		}
		if got := strings.ReplaceAll(s.Segment(line), subwordSeparator, ""); singleSpaces(got) != singleSpaces(line) {
			t.Errorf("%q: segmented %q", line, s.Segment(line))
		}
	})
}
