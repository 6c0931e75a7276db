package corpora

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// items returns the items of a stream as text, with the line number for an error about a line, and the message for any
// other error.
func items[T any](stream iter.Seq2[T, error], show func(T) string) []string {
	var out []string
	for item, err := range stream {
		switch {
		case IsLineError(err):
			e, _ := errors.AsType[*Error](err)
			out = append(out, "bad "+strconv.Itoa(e.Line))
		case err != nil:
			out = append(out, "error: "+message(err))
		default:
			out = append(out, show(item))
		}
	}
	return out
}

func showLine(line string) string { return line }

func showExample(e Example) string { return e.Source + " > " + strings.Join(e.Targets, " | ") }

// TestBadLines holds that every reader and adapter continues after a bad line.
func TestBadLines(t *testing.T) {
	long := strings.Repeat("x", 100_000) // longer than the reader's buffer
	for _, test := range []struct {
		name   string
		stream func(opts *ReadOptions) []string
		want   []string
	}{
		{"lines", func(o *ReadOptions) []string {
			return items(Lines(file(t, "f", "a\n"+long+"\nb\nc\xff\n\nd"), o), showLine)
		}, []string{"a", "bad 2", "b", "bad 4", "", "d"}},
		{"long line at the end", func(o *ReadOptions) []string { return items(Lines(file(t, "f", "a\n"+long), o), showLine) }, []string{"a", "bad 2"}},
		{"just too long", func(o *ReadOptions) []string {
			return items(Lines(file(t, "f", strings.Repeat("x", 51)+"\na\n"+strings.Repeat("x", 50)+"\r\n"), o), showLine)
		}, []string{"bad 1", "a", strings.Repeat("x", 50)}},
		{"damaged gzip", func(o *ReadOptions) []string {
			whole := zipped(t, "a\n\xff\n"+strings.Repeat("b\n", 3))
			return items(Lines(file(t, "f", whole[:len(whole)-3]), o), showLine)
		}, []string{"a", "bad 2", "b", "b", "b", "error: corpora: f:6: gzip data is truncated: want complete data"}},
		{"tsv", func(o *ReadOptions) []string {
			return items(Format{Type: TypeTSV, Header: true}.Read(file(t, "f", "h\tH\na\tA\nb\n\tC\nd\xff\tD\ne\tE\n"), o), showExample)
		}, []string{"a > A", "bad 3", "bad 4", "bad 5", "e > E"}},
		{"bad header", func(o *ReadOptions) []string {
			return items(SICK(file(t, "f", "h\na\tb\n"), o), func(j Judged) string { return j.A })
		}, []string{"error: corpora: f:1: header has no column sentence_A: want the names of the columns, separated by tabs"}},
		{"jsonl, nothing good", func(o *ReadOptions) []string {
			return items(Format{Type: TypeJSONL}.Read(file(t, "f", "{\n[]\n"), o), showExample)
		}, []string{"bad 1", "bad 2"}},
		{"cmudict", func(o *ReadOptions) []string {
			return items(Format{Type: TypeCMUdict}.Read(file(t, "f", "x\na EY1\nb\na(2) AH0\n"+long+"\nc S IY1\n"), o), showExample)
		}, []string{"bad 1", "a > EY | AH", "bad 3", "bad 5", "c > S IY"}},
		{"classes", func(o *ReadOptions) []string {
			return items(Classes([]string{file(t, "f", "a\n\xff\nb\n"), file(t, "g", "\nc\n")}, o), func(l Labeled) string { return l.Label + " " + l.Text })
		}, []string{"f a", "bad 2", "f b", "bad 1", "g c"}},
		{"vectors", func(o *ReadOptions) []string {
			return items(WordVectors(file(t, "f", "a 1\n"+long+"\nb 2\n"), nil, o), func(v WordVector) string { return v.Word })
		}, []string{"a", "error: corpora: f:2: line is longer than 50 bytes: want a shorter line"}},
	} {
		if diff := cmp.Diff(test.want, test.stream(&ReadOptions{MaxLineBytes: 50})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestPairsBehindABadOne(t *testing.T) {
	pairs := func(source, target string) iter.Seq2[Example, error] {
		return Pairs(file(t, "s", source), file(t, "t", target), nil)
	}
	long := strings.Repeat("x", 2<<20)
	good := pairs("a\n\xff\nc\nd\n\ne\n"+long+"\nf\na\n", "A\nB\n\xff\n \nD\nE\nF\n"+long+"\nA\n")
	if diff := cmp.Diff([]string{"a > A", "bad 2", "bad 3", "bad 4", "bad 5", "e > E", "bad 7", "bad 8", "a > A"}, items(good, showExample)); diff != "" {
		t.Error(diff)
	}
	unequal := []string{"a > A", "bad 2", "error: corpora: t: file has 2 lines: want 4, as many as s"}
	if diff := cmp.Diff(unequal, items(pairs("a\n"+long+"\n"+long+"\nd\n", "A\nB\n"), showExample)); diff != "" {
		t.Error(diff)
	}

	// Adapters yield errors about lines in the places of the lines.
	var filtered, distinct Report
	for _, test := range []struct {
		name      string
		got, want []string
	}{
		{"sources", items(Sources(good), showLine), []string{"a", "bad 2", "bad 3", "bad 4", "bad 5", "e", "bad 7", "bad 8", "a"}},
		{"targets", items(Targets(good), showLine), []string{"A", "bad 2", "bad 3", "bad 4", "bad 5", "E", "bad 7", "bad 8", "A"}},
		{"even", items(Part(good, 0, 2), showExample), []string{"a > A", "bad 3", "bad 5", "bad 7", "a > A"}},
		{"odd", items(Part(good, 1, 2), showExample), []string{"bad 2", "bad 4", "e > E", "bad 8"}},
		{"odd, ended", items(Part(pairs("a\nb\nc\nd\n", "A\nB\n"), 1, 2), showExample), []string{"b > B", unequal[2]}},
		{"filter", items(Filter{MaxTokens: 1}.Apply(good, &filtered), showExample), []string{"a > A", "bad 2", "bad 3", "bad 4", "bad 5", "e > E", "bad 7", "bad 8", "a > A"}},
		{"dedup", items(Dedup(good, ByPair, &distinct), showExample), []string{"a > A", "bad 2", "bad 3", "bad 4", "bad 5", "e > E", "bad 7", "bad 8"}},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	if filtered.Read != 3 || filtered.Kept != 3 || distinct.Kept != 2 {
		t.Errorf("reports: %+v and %+v", filtered, distinct)
	}
}

func TestIsLineError(t *testing.T) {
	cause := &Error{File: "f", Line: 3, Msg: "odd"}
	err := LineError(cause)
	if !IsLineError(err) || !IsLineError(fmt.Errorf("more: %w", err)) || err.Error() != cause.Error() {
		t.Errorf("%v: want it to be about a line, and to say what its cause says", err)
	}
	if IsLineError(nil) || IsLineError(cause) || IsLineError(io.EOF) {
		t.Error("want only marked errors to be about a line")
	}
}
