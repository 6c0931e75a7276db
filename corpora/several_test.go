package corpora

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExpand(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"b.txt", "a.txt", "c[1].txt", ".hidden", "sub/d.txt", "empty/.keep"} {
		if err := os.MkdirAll(filepath.Dir(at(name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at(name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		path string
		want []string
		err  string
	}{
		{"-", []string{"-"}, ""},
		{at("a.txt"), []string{at("a.txt")}, ""},
		{at("absent"), []string{at("absent")}, ""},
		{at("c[1].txt"), []string{at("c[1].txt")}, ""}, // a name before a pattern
		{at("[ab].*"), []string{at("a.txt"), at("b.txt")}, ""},
		{at("*"), []string{at(".hidden"), at("a.txt"), at("b.txt"), at("c[1].txt")}, ""},
		{dir, []string{at("a.txt"), at("b.txt"), at("c[1].txt")}, ""},
		{at("*.tsv"), nil, "no file matches the pattern: want at least one"},
		{at("[a"), nil, "pattern is malformed: "},
		{at("empty"), nil, "folder has no files: want at least one"},
	} {
		got, err := Expand(test.path)
		if !slices.Equal(got, test.want) || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: %q, %v; want %q, %s", test.path, got, err, test.want, test.err)
		}
	}
}

func TestConcat(t *testing.T) {
	one, two := Lines(file(t, "one", "a\nb\n"), nil), Lines(file(t, "two", "c\n"), nil)
	if got, err := Collect(Concat(one, two)); err != nil || !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("%q, %v", got, err)
	}
	absent := Lines(filepath.Join(t.TempDir(), "absent"), nil)
	if got, err := Collect(Concat(one, absent, two)); err == nil || !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("%q, %v: want an error behind the first two", got, err)
	}
}

func TestWeighted(t *testing.T) {
	pairs := []Example{{Source: "a", Weight: 3}, {Source: "b"}, {Source: "c"}}
	got, err := Collect(Weighted(Stream(pairs), file(t, "w", "0.5\n 2\n1e-3\n"), nil))
	if want := []Example{{Source: "a", Weight: 1.5}, {Source: "b", Weight: 2}, {Source: "c", Weight: 1e-3}}; err != nil || !cmp.Equal(want, got) {
		t.Error(err, cmp.Diff(want, got))
	}
	bad := func(yield func(Example, error) bool) { // yields an error for the second line
		_ = yield(pairs[0], nil) && yield(Example{}, LineError(&Error{File: "p", Line: 2, Msg: "bad"})) && yield(pairs[2], nil)
	}
	var skipped Skipped
	got, err = Collect(Skip(Weighted(bad, file(t, "w", "1\n2\n4\n"), nil), &skipped))
	if want := []Example{{Source: "a", Weight: 3}, {Source: "c", Weight: 4}}; err != nil || !cmp.Equal(want, got) || skipped.Lines() != 1 {
		t.Error(err, skipped, cmp.Diff(want, got))
	}
	for content, want := range map[string]string{
		"1\n0\n1\n":    "corpora: w:2: weight is \"0\": want a finite number greater than 0",
		"1\n1\nx\n":    "corpora: w:3: weight is \"x\": want a finite number greater than 0",
		"Inf\n1\n1\n":  "corpora: w:1: weight is \"Inf\": want a finite number greater than 0",
		"1\n1\n":       "corpora: w: file has 2 weights, fewer than there are examples: want one per example",
		"1\n1\n1\n1\n": "corpora: w: file has 4 weights: want 3, one per example",
	} {
		if _, err := Collect(Weighted(Stream(pairs), file(t, "w", content), nil)); message(err) != want {
			t.Errorf("%q: error is %v, want %s", content, err, want)
		}
	}
}

func TestWeightsInFiles(t *testing.T) {
	want := []Example{{Source: "a", Targets: []string{"A"}, Weight: 0.5}, {Source: "b", Targets: []string{"B"}, Weight: 2}}
	got, err := read(Format{Type: "tsv", WeightColumn: 3}, "a\tA\t0.5\nb\tB\t2\n", ReadOptions{})
	if err != nil || !cmp.Equal(want, got) {
		t.Error(err, cmp.Diff(want, got))
	}
	got, err = read(Format{Type: "jsonl", WeightField: "w"}, `{"source":"a","target":"A","w":0.5}`+"\n"+`{"w":2,"source":"b","target":"B"}`, ReadOptions{})
	if err != nil || !cmp.Equal(want, got) {
		t.Error(err, cmp.Diff(want, got))
	}
	for format, content := range map[Format]string{
		{Type: "tsv", WeightColumn: 3}:     "a\tA\t-1\n",
		{Type: "jsonl", WeightField: "w"}:  `{"source":"a","target":"A","w":"1"}`,
		{Type: "jsonl", WeightField: "ww"}: `{"source":"a","target":"A","w":1}`,
		{Type: "lines", WeightColumn: 3}:   "a\n",
		{Type: "tsv", WeightColumn: 2}:     "a\tA\t1\n",
	} {
		if got, err := read(format, content, ReadOptions{SourceOnly: format.Type == "lines"}); err == nil {
			t.Errorf("%+v: %q is %v: want an error", format, content, got)
		}
	}
}

func TestVisits(t *testing.T) {
	examples := make([]Example, 10)
	for i := range examples {
		examples[i].Source = string(rune('a' + i))
	}
	count := func(ratio float64) map[string]int {
		n := map[string]int{}
		for _, e := range Visits(examples, ratio, 7) {
			n[e.Source]++
		}
		return n
	}
	for ratio, want := range map[float64]int{1: 10, 0.5: 5, 2: 20, 2.25: 23, 0.01: 1} {
		total := 0
		for _, e := range examples {
			n := count(ratio)[e.Source]
			if total += n; n != int(ratio) && n != int(ratio)+1 {
				t.Errorf("ratio %v: %s stands %d times", ratio, e.Source, n)
			}
		}
		if total != want {
			t.Errorf("ratio %v: %d examples, want %d", ratio, total, want)
		}
	}
	if !cmp.Equal(count(0.5), count(0.5)) {
		t.Error("the same seed draws others")
	}
}

func TestSkip(t *testing.T) {
	lines := func(yield func(string, error) bool) {
		for i, msg := range []string{"", `weight is "x y": want 1`, "byte 3 of the line is 0xe9: want UTF-8", "", "byte 17 of the line is 0xff: want UTF-8"} {
			var err error
			if msg != "" {
				err = LineError(&Error{File: "f", Line: i + 1, Msg: msg})
			}
			if !yield("line", err) {
				return
			}
		}
		yield("", &Error{File: "f", Msg: "disk is gone"})
	}
	var skipped Skipped
	got, err := Collect(Skip(lines, &skipped))
	if message(err) != "corpora: f: disk is gone" || len(got) != 2 || skipped.Read != 5 || skipped.Lines() != 3 || len(skipped.Reasons) != 2 {
		t.Fatalf("%q, %v, %+v", got, err, skipped)
	}
	if r := skipped.Reasons[1]; r.Lines != 2 || message(r.First) != "corpora: f:3: byte 3 of the line is 0xe9: want UTF-8" {
		t.Errorf("second reason: %+v", r)
	}
}
