package corpora

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadTables(t *testing.T) {
	score := func(x float64) *float64 { return &x }
	for _, test := range []struct {
		name    string
		format  Format
		opts    ReadOptions
		content string
		want    []Example
	}{
		{"pairs", Format{Type: "sets"}, ReadOptions{}, "a\tA\r\n\"b\tb\n", []Example{{Source: "a", Targets: []string{"A"}}, {Source: `"b`, Targets: []string{"b"}}}},
		{"sets", Format{Type: "sets", Header: true}, ReadOptions{}, "x\ty\tz\na\ta\tA\n", []Example{{Source: "a", Targets: []string{"a", "A"}}}},
		{"sets, sources alone", Format{Type: "sets"}, ReadOptions{SourceOnly: true}, "a\tA\nb\n", []Example{{Source: "a"}, {Source: "b"}}},
		{"sets, empty texts", Format{Type: "sets"}, ReadOptions{AllowEmpty: true}, "a\t\n", []Example{{Source: "a", Targets: []string{""}}}},
		{
			"triplets",
			Format{Type: "triplets"},
			ReadOptions{},
			"a\tA\tb\tc\na\ta\tb\tb\n",
			[]Example{{Source: "a", Targets: []string{"A"}, Negatives: []string{"b", "c"}}, {Source: "a", Targets: []string{"a"}, Negatives: []string{"b", "b"}}},
		},
		{"judged", Format{Type: "judged"}, ReadOptions{}, "0.25\ta\tb\n1\ta\ta\n", []Example{{Source: "a", Targets: []string{"b"}, Judged: score(0.25)}, {Source: "a", Targets: []string{"a"}, Judged: score(1)}}},
		{"judged, range", Format{Type: "judged", MinScore: 1, MaxScore: 5, Header: true}, ReadOptions{}, "s\tx\ty\n2\ta\tb\n", []Example{{Source: "a", Targets: []string{"b"}, Judged: score(0.25)}}},
		{"judged, sources alone", Format{Type: "judged"}, ReadOptions{SourceOnly: true}, "0\ta\tb\n", []Example{{Source: "a"}}},
		{"sts", Format{Type: "sts"}, ReadOptions{}, "g\tf\ty\t1\t2.500\ta\tb\n", []Example{{Source: "a", Targets: []string{"b"}, Judged: score(0.5)}}},
		{"sick", Format{Type: "sick"}, ReadOptions{}, sickHeader + "1\ta\tb\t1\tN\n", []Example{{Source: "a", Targets: []string{"b"}, Judged: score(0)}}},
	} {
		got, err := read(test.format, test.content, test.opts)
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", test.name, err, diff)
		}
	}
}

func TestReadTableErrors(t *testing.T) {
	sets, triplets, judged := Format{Type: "sets"}, Format{Type: "triplets"}, Format{Type: "judged"}
	for _, test := range []struct {
		format  Format
		content string
		want    string // after "corpora: standard input:"
		line    bool   // whether the error is about a line and the stream continues
	}{
		{sets, "a\n", "1: line has 1 column: want 2 or more, texts that mean the same, separated by tabs", false},
		{sets, "a\tb\nc\n", "2: line has 1 column: want 2, as the first line has", false},
		{sets, "a\tb\nc\td\te\nf\n", "2: line has 3 columns: want 2, as the first line has", false},
		{Format{Type: "sets", Header: true}, "x\ty\na\tb\tc\n", "2: line has 3 columns: want 2, as the first line has", false},
		{Format{Type: "sets", Header: true}, "x\n", "1: line has 1 column: want 2 or more, texts that mean the same, separated by tabs", false},
		{sets, "a\tb\n\n", "2: line is empty: want columns: 2 or more, texts that mean the same, separated by tabs", true},
		{sets, "a\t \n", "1: column 2 is empty: want text", true},
		{sets, "a\ta\ta\n", "1: all columns are equal: want different texts that mean the same", true},
		{sets, "", " file is empty: want at least one example", false},
		{triplets, "a\tb\n", "1: line has 2 columns: want 3 or more: a text, one that means the same, and others that do not, separated by tabs", false},
		{triplets, "a\tb\tc\na\tb\tb\n", "2: one text is in two columns, as meaning the same and as not: want different texts", true},
		{triplets, "a\tb\ta\n", "1: one text is in two columns, as meaning the same and as not: want different texts", true},
		{judged, "a\tb\t1\n", `1: score is "a": want a number from 0 to 1`, true},
		{judged, "NaN\ta\tb\n", `1: score is "NaN": want a number from 0 to 1`, true},
		{judged, "1\ta\tb\n4.2\ta\tb\n", `2: score is "4.2": want a number from 0 to 1, or other min_score and max_score`, false},
		{judged, "1\ta\n", "1: line has 2 columns: want 3: a score and two texts, separated by tabs", false},
		{judged, "1\t\tb\n", "1: first sentence is empty: want text", true},
		{Format{Type: "sts"}, "a\tb\n", "1: line has 2 columns: want 7 or 9, separated by tabs", true},
		{Format{Type: "sick"}, "a\n", "1: header has no column sentence_A: want the names of the columns, separated by tabs", false},
	} {
		_, err := read(test.format, test.content, ReadOptions{})
		if got := message(err); got != "corpora: standard input:"+test.want || IsLineError(err) != test.line {
			t.Errorf("%s %q: %s, about a line: %v; want %s", test.format.Type, test.content, got, IsLineError(err), test.want)
		}
	}
	if err := (Format{Type: "judged", MinScore: 5, MaxScore: 1}).Validate(); message(err) != "max_score: 1: want more than min_score, 5" {
		t.Error(err)
	}
}

// FuzzTables holds that all examples of a file have equally many texts, none blank, and scores from 0 to 1.
func FuzzTables(f *testing.F) {
	for _, seed := range []string{
		"a\tb\nc\td\n", "a\tb\tc\nd\te\n", "a\tb\tc\td\ne\tf\tg\th\n", "0.5\ta\tb\n1\tc\td\n", "a\ta\n", "a\n", "\t\n",
		"g\tf\ty\t1\t4.250\tA\tb\n", sickHeader + "1\ta\tb\t4.5\tN\n", "-0\ta\tb\n", "1e-400\ta\tb\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, typ := range []string{TypeSets, TypeTriplets, TypeJudged, TypeSTS, TypeSICK} {
			texts := 0
			options := &ReadOptions{Stdin: bytes.NewReader(data), MaxLineBytes: fuzzLimit}
			checkExamples(t, Format{Type: typ}.Read("-", options), false, func(t *testing.T, e Example) {
				all := slices.Concat([]string{e.Source}, e.Targets, e.Negatives)
				if texts == 0 {
					texts = len(all)
				}
				if len(all) != texts || strings.Contains(strings.Join(all, ""), "\t") || slices.ContainsFunc(all, isBlank) {
					t.Fatalf("%+v: want %d texts without tabs", e, texts)
				}
				isJudged := typ != TypeSets && typ != TypeTriplets
				if isJudged != (e.Judged != nil) || isJudged && !(*e.Judged >= 0 && *e.Judged <= 1) || (typ == TypeTriplets) != (len(e.Negatives) > 0) {
					t.Fatalf("%s: %+v", typ, e)
				}
			})
		}
	})
}

func TestWriteTable(t *testing.T) {
	for _, test := range []struct {
		format  Format
		content string
	}{
		{Format{Type: "sets"}, "a\tb\tc\nd\te\tf\n"},
		{Format{Type: "triplets"}, "a\tb\tc\td\nd\te\tf\tg\n"},
		{Format{Type: "judged"}, "0.1\ta\tb\n1\td\te\n"},
	} {
		examples, err := read(test.format, test.content, ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if n, err := WriteTable(&got, Stream(examples)); err != nil || n != 2 || got.String() != test.content {
			t.Errorf("%s: %d, %v, %q", test.format.Type, n, err, got.String())
		}
	}
	for _, test := range []struct {
		example Example
		want    string
	}{
		{Example{Source: "a"}, "has no target: want one or more"},
		{Example{Source: "a", Targets: []string{"b", "c"}, Negatives: []string{"d"}}, "has 2 targets beside negatives: want 1"},
		{Example{Source: "a", Targets: []string{"b\tc"}}, `has a tab or a line break in "b\tc": want none in columns`},
		{Example{Source: "a", Targets: []string{"b", "c"}}, "has 3 columns: want 2, as the first one has"},
	} {
		_, err := WriteTable(&bytes.Buffer{}, Stream([]Example{{Source: "a", Targets: []string{"b"}}, test.example}))
		if got := message(err); got != "corpora: write: example 2: "+test.want {
			t.Errorf("%+v: %s, want %s", test.example, got, test.want)
		}
	}
}
