package corpora

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/retell-rnn/retell/tokenize"
)

func read(f Format, content string, opts ReadOptions) ([]Example, error) {
	opts.Stdin = strings.NewReader(content)
	return Collect(f.Read("-", &opts))
}

// readCases are files in each format and their examples.
var readCases = []struct {
	name    string
	format  Format
	opts    ReadOptions
	content string
	want    []Example
}{
	{"lines, sources alone", Format{}, ReadOptions{SourceOnly: true}, "a\nb\n", []Example{{Source: "a"}, {Source: "b"}}},
	{"tsv", Format{Type: "tsv"}, ReadOptions{}, "a\tA\n\"b\t'B'\n", []Example{{Source: "a", Targets: []string{"A"}}, {Source: `"b`, Targets: []string{"'B'"}}}},
	{
		"tsv, columns swapped, header",
		Format{Type: "tsv", SourceColumn: 3, TargetColumn: 1, Header: true},
		ReadOptions{},
		"t\tx\ts\nA\t\ta\n",
		[]Example{{Source: "a", Targets: []string{"A"}}},
	},
	{"tsv, columns named", Format{Type: "tsv", SourceColumn: 1}, ReadOptions{}, "a\tA\tmore\nb\tB\n", []Example{{Source: "a", Targets: []string{"A"}}, {Source: "b", Targets: []string{"B"}}}},
	{"tsv, empty sides", Format{Type: "tsv"}, ReadOptions{AllowEmpty: true}, "\tA\na\t\n", []Example{{Source: "", Targets: []string{"A"}}, {Source: "a", Targets: []string{""}}}},
	{"tsv, sources alone", Format{Type: "tsv"}, ReadOptions{SourceOnly: true}, "a\nb\tB\n", []Example{{Source: "a"}, {Source: "b"}}},
	{"tsv, empty sources", Format{Type: "tsv"}, ReadOptions{SourceOnly: true, AllowEmpty: true}, "\na\n", []Example{{}, {Source: "a"}}},
	{
		"jsonl",
		Format{Type: "jsonl"},
		ReadOptions{},
		`{"target":"Ä\u0042","source":"a\tb"}` + "\r\n" + ` {"Source":1,"source":"b","target":["B","C"],"x":{}} `,
		[]Example{{Source: "a\tb", Targets: []string{"ÄB"}}, {Source: "b", Targets: []string{"B", "C"}}},
	},
	{"jsonl, fields", Format{Type: "jsonl", SourceField: "en", TargetField: "de"}, ReadOptions{}, `{"en":"a","de":"A"}`, []Example{{Source: "a", Targets: []string{"A"}}}},
	{"jsonl, sources alone", Format{Type: "jsonl"}, ReadOptions{SourceOnly: true}, `{"source":"a"}`, []Example{{Source: "a"}}},
	{
		"cmudict",
		Format{Type: "cmudict"},
		ReadOptions{},
		";;; heading\n# heading\nread R EH1 D # past\nread(2) R IY1 D\nread(3) R EH0 D\nd'or(2)  D AO2 R\n(x) EH1 K S\ncan't K AE1 N T\n",
		[]Example{
			{Source: "r e a d", Targets: []string{"R EH D", "R IY D"}},
			{Source: "d ' o r", Targets: []string{"D AO R"}},
			{Source: "( x )", Targets: []string{"EH K S"}},
			{Source: "c a n ' t", Targets: []string{"K AE N T"}},
		},
	},
	{
		"cmudict, stress",
		Format{Type: "cmudict", Stress: true},
		ReadOptions{},
		"read R EH1 D\nread(2) R EH0 D\n",
		[]Example{{Source: "r e a d", Targets: []string{"R EH1 D", "R EH0 D"}}},
	},
	{
		"cmudict, other alphabets",
		Format{Type: "cmudict"},
		ReadOptions{},
		"mama m a1 m a0\nnghe ŋ ɛ2\nodd er12 hh1 IY3 IY 0 aw0 AX1\nbao b ao1\n",
		[]Example{{Source: "m a m a", Targets: []string{"m a1 m a0"}}, {Source: "n g h e", Targets: []string{"ŋ ɛ2"}}, {Source: "o d d", Targets: []string{"er12 hh1 IY3 IY 0 aw0 AX1"}}, {Source: "b a o", Targets: []string{"b ao1"}}},
	},
	{
		"cmudict, words alone",
		Format{Type: "cmudict"},
		ReadOptions{SourceOnly: true},
		"read\nread(2) R IY1 D\nred # colour\n",
		[]Example{{Source: "r e a d"}, {Source: "r e d"}},
	},
	{
		"sigmorphon",
		Format{Type: "sigmorphon"},
		ReadOptions{},
		"abfahren\tfährt ab\tV;IND;3;IN+ABL\n+\t-\t+\n",
		[]Example{
			{Source: "+V +IND +3 +IN+ABL a b f a h r e n", Targets: []string{"f ä h r t ␣ a b"}},
			{Source: "++ +", Targets: []string{"-"}},
		},
	},
	{
		"sigmorphon, lemma and features alone",
		Format{Type: "sigmorphon"},
		ReadOptions{SourceOnly: true},
		"geh hin\tV;IMP\ngehen\tging\tV;PST\n",
		[]Example{{Source: "+V +IMP g e h ␣ h i n"}, {Source: "+V +PST g e h e n"}},
	},
	{"a file of a task", Format{Type: "dates"}, ReadOptions{}, "1.2.1999\t1999-02-01\n", []Example{{Source: "1.2.1999", Targets: []string{"1999-02-01"}}}},
}

func TestRead(t *testing.T) {
	for _, test := range readCases {
		t.Run(test.name, func(t *testing.T) {
			got, err := read(test.format, test.content, test.opts)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadErrors(t *testing.T) {
	tsv, jsonl, cmudict, sigmorphon := Format{Type: "tsv"}, Format{Type: "jsonl"}, Format{Type: "cmudict"}, Format{Type: "sigmorphon"}
	for _, test := range []struct {
		format  Format
		opts    ReadOptions
		content string
		want    string // after "corpora: standard input:"
	}{
		{tsv, ReadOptions{}, "", " file is empty: want at least one example"},
		{Format{Type: "tsv", Header: true}, ReadOptions{}, "a\tb\n", " file has 1 line and no example: want at least one"},
		{tsv, ReadOptions{}, "a\tb\nc\n", "2: line has 1 column: want at least 2, separated by tabs"},
		{Format{Type: "tsv", SourceColumn: 4}, ReadOptions{}, "a\tb\n", "1: line has 2 columns: want at least 4, separated by tabs"},
		{Format{Type: "tsv", SourceColumn: 4}, ReadOptions{SourceOnly: true}, "a\tb\n", "1: line has 2 columns: want at least 4, separated by tabs"},
		{tsv, ReadOptions{}, "a\tb\nc\td\te\n", "2: line has 3 columns: want 2, separated by tabs, or a source_column and target_column to read"},
		{tsv, ReadOptions{SourceOnly: true}, "a\tb\tc\n", "1: line has 3 columns: want 2, separated by tabs, or a source_column and target_column to read"},
		{Format{Type: "tsv", Header: true, TargetColumn: 2}, ReadOptions{}, "s\tt\tnote\na\tb\tc\td\n", "2: line has 4 columns: want 3, as the header has"},
		{tsv, ReadOptions{}, "a\tb\n\n", "2: line is empty: want at least 2 columns, separated by tabs"},
		{tsv, ReadOptions{}, "a\t \n", "1: target is empty: want text"},
		{tsv, ReadOptions{}, "\tb\n", "1: source is empty: want text"},
		{tsv, ReadOptions{}, "a\tb\nc\t\xff\n", "2: byte 3 of the line is 0xff (offset 6 in the file): want UTF-8"},
		{jsonl, ReadOptions{}, "\n", "1: line is empty: want a JSON object"},
		{jsonl, ReadOptions{}, "{\n", "1: line is not JSON: it ends too early: want an object"},
		{jsonl, ReadOptions{}, `{"source":"a","target":"b"} x`, "1: line is not JSON at byte 29: invalid character 'x' after top-level value: want an object"},
		{jsonl, ReadOptions{}, "[1]", "1: line is a JSON array: want an object"},
		{jsonl, ReadOptions{}, "null", "1: line is a JSON null: want an object"},
		{jsonl, ReadOptions{}, `{"target":"a"}`, `1: object has no field "source": want one with a string`},
		{jsonl, ReadOptions{}, `{"source":"a"}`, `1: object has no field "target": want one with a string`},
		{jsonl, ReadOptions{}, `{"source":["a"],"target":"b"}`, `1: field "source" is a JSON array: want a string`},
		{jsonl, ReadOptions{}, `{"source":"a","target": 1}`, `1: field "target" is a JSON number: want a string or an array of strings`},
		{jsonl, ReadOptions{}, `{"source":"a","target":[]}`, `1: field "target" is an empty array: want at least one string`},
		{jsonl, ReadOptions{}, `{"source":"a","target":["b",true]}`, `1: an item of field "target" is a JSON boolean: want a string`},
		{jsonl, ReadOptions{}, `{"source":"a\nb","target":"c"}`, `1: field "source" contains a line break: want one line`},
		{jsonl, ReadOptions{}, `{"source":"a","target":["b",""]}`, "1: target is empty: want text"},
		{cmudict, ReadOptions{}, "a EY1\nb\n", "2: word \"b\" has no phonemes: want `word PH ON EM ES`"},
		{cmudict, ReadOptions{}, "a # EY1\n", "1: word \"a\" has no phonemes: want `word PH ON EM ES`"},
		{cmudict, ReadOptions{}, "a EY1\n\n", "2: line is empty: want `word PH ON EM ES`"},
		{cmudict, ReadOptions{}, "# a\n;;; b\n", " file has 2 lines and no example: want at least one"},
		{sigmorphon, ReadOptions{}, "gehen\tV;PST\n", "1: line has 2 columns: want 3 (lemma, form, features), separated by tabs"},
		{sigmorphon, ReadOptions{SourceOnly: true}, "gehen\n", "1: line has 1 column: want 2 (lemma, features) or 3 (lemma, form, features), separated by tabs"},
		{sigmorphon, ReadOptions{}, "\n", "1: line is empty: want `lemma TAB form TAB features`"},
		{sigmorphon, ReadOptions{}, "gehen\tging\tV;\n", `1: features are "V;": want names without spaces, separated by semicolons`},
		{sigmorphon, ReadOptions{}, "gehen\tV;PST\tging weg\n", `1: features are "ging weg": want names without spaces, separated by semicolons`},
		{sigmorphon, ReadOptions{}, " \tging\tV\n", "1: lemma is empty: want letters"},
		{sigmorphon, ReadOptions{}, "gehen\t\tV\n", "1: target is empty: want text"},
	} {
		_, err := read(test.format, test.content, test.opts)
		if want := "corpora: standard input:" + test.want; err == nil || err.Error() != want {
			t.Errorf("%s %q: error is %v, want %s", test.format.Type, test.content, err, want)
		}
	}
	_, err := read(Format{}, "a\n", ReadOptions{})
	if want := "corpora: -: format lines has its targets in a second file: want a pair of files"; err == nil || err.Error() != want {
		t.Errorf("lines: error is %v, want %s", err, want)
	}
	if _, err := read(Format{Type: "csv"}, "a\n", ReadOptions{}); err == nil || err.Error() != "corpora: format: "+Format.Validate(Format{Type: "csv"}).Error() {
		t.Errorf("an invalid format: error is %v", err)
	}
}

func TestFormatValidate(t *testing.T) {
	for _, typ := range append(Types(), "") {
		if err := (Format{Type: typ}).Validate(); err != nil {
			t.Errorf("%q alone: %v", typ, err)
		}
	}
	for _, test := range []struct {
		format Format
		want   string
	}{
		{Format{Type: "tsv", SourceColumn: 2, TargetColumn: 5, Header: true}, ""},
		{Format{Type: "jsonl", SourceField: "target", TargetField: "source"}, ""},
		{Format{Type: "cmudict", Stress: true}, ""},
		{
			Format{Type: "csv", Stress: true},
			`type: "csv": want one of lines, tsv, jsonl, cmudict, sigmorphon, sets, triplets, judged, sts, sick, conll, conllu, tagged, tokens, segmented, copy, reverse, sort, dates, numbers, numbers-en-es, scenes`,
		},
		{
			Format{Type: "tsv", SourceColumn: -1, TargetColumn: -2, SourceField: "x", Stress: true},
			`source_field: set: want it with type jsonl only, not tsv
stress: set: want it with type cmudict only, not tsv
source_column: -1: want 1 or more
target_column: -2: want 1 or more`,
		},
		{Format{Type: "tsv", TargetColumn: 1}, "target_column: 1 as source_column: want two columns"},
		{
			Format{Type: "jsonl", SourceField: "target", Header: true},
			`header: set: want it with type tsv, sets, triplets, judged or conll only, not jsonl
target_field: "target" as source_field: want two fields`,
		},
		{
			Format{SourceColumn: 1, TargetColumn: 2, TargetField: "x"},
			`source_column: set: want it with type tsv only, not lines
target_column: set: want it with type tsv only, not lines
target_field: set: want it with type jsonl only, not lines`,
		},
	} {
		got := ""
		if err := test.format.Validate(); err != nil {
			got = err.Error()
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%+v:\n%s", test.format, diff)
		}
	}
}

func TestFormatYAML(t *testing.T) {
	want := Format{Type: "tsv", SourceColumn: 6, TargetColumn: 7, Header: true}
	var got Format
	if err := yaml.UnmarshalWithOptions([]byte("type: tsv\nsource_column: 6\ntarget_column: 7\nheader: true\n"), &got, yaml.Strict()); err != nil || got != want {
		t.Errorf("yaml: %+v, %v", got, err)
	}
	text, err := json.Marshal(want)
	if err != nil || string(text) != `{"type":"tsv","source_column":6,"target_column":7,"header":true}` {
		t.Errorf("json: %s, %v", text, err)
	}
}

func TestSourceAndDisplay(t *testing.T) {
	for _, test := range []struct {
		typ, line, want string
	}{
		{"lines", "a b", "a b"},
		{"cmudict", "can't", "c a n ' t"},
		{"cmudict", "", ""},
		{"sigmorphon", "geh hin\tV;IMP", "+V +IMP g e h ␣ h i n"},
		{"sigmorphon", "", ""},
		{"sigmorphon", " \u200b", ""},
		{"cmudict", "\t\u00a0", ""},
		{"lines", " ", ""},
		{"lines", " a ", " a "}, // a tokenizer's task
		{"cmudict", " \ufeffcafe\u0301\t", "c a f é"},
		{"cmudict", "m\u0303o", "m \u0303 o"}, // no code point has both
		{"cmudict", "ice\u00a0 cream ", "i c e ␣ c r e a m"},
		{"sigmorphon", " u\u0308ben \tV;PST ", "+V +PST ü b e n"},
		{"copy", "1 2", "1 2"},
	} {
		if got, err := (Format{Type: test.typ}).Source(test.line); err != nil || got != test.want {
			t.Errorf("%s: source of %q is %q, %v, want %q", test.typ, test.line, got, err, test.want)
		}
	}
	_, err := Format{Type: "sigmorphon"}.Source("gehen")
	if want := "corpora: line has 1 column: want 2 (lemma, features) or 3 (lemma, form, features), separated by tabs"; err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
	if got := (Format{Type: "sigmorphon"}).Display("g e h ␣ h i n"); got != "geh hin" {
		t.Errorf("sigmorphon displays %q", got)
	}
	if got := (Format{Type: "cmudict"}).Display("R EH D"); got != "R EH D" {
		t.Errorf("cmudict displays %q", got)
	}
}

func TestLettersRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := tokenize.Config{}.Clean(strings.ReplaceAll(rapid.String().Draw(t, "text"), OpenBox, ""))
		letters := Letters(text)
		if got := JoinLetters(letters); got != text {
			t.Fatalf("%q -> %q -> %q", text, letters, got)
		}
		if n := len([]rune(text)); n > 0 && strings.Count(letters, " ") != n-1 {
			t.Fatalf("%q -> %q: want %d tokens", text, letters, n)
		}
	})
}

func TestWriteRoundTrip(t *testing.T) {
	text := rapid.StringMatching(`[^\t\n\x00]*[a-z]`)
	rapid.Check(t, func(t *rapid.T) {
		examples := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Example {
			return Example{Source: text.Draw(t, "source"), Targets: rapid.SliceOfN(text, 1, 3).Draw(t, "targets")}
		}), 1, 5).Draw(t, "examples")
		single := make([]Example, len(examples))
		for i, e := range examples {
			single[i] = Example{Source: e.Source, Targets: e.Targets[:1]}
		}
		single[0].Source = "x" + single[0].Source // not a byte order mark

		var tsv, jsonl bytes.Buffer
		n, err := WriteTSV(&tsv, Stream(single))
		if err != nil || n != len(single) {
			t.Fatal(n, err)
		}
		if n, err = WriteJSONL(&jsonl, Stream(examples)); err != nil || n != len(examples) {
			t.Fatal(n, err)
		}
		got, err := read(Format{Type: "tsv"}, tsv.String(), ReadOptions{})
		if err != nil || !cmp.Equal(single, got) {
			t.Fatal(err, cmp.Diff(single, got))
		}
		if got, err = read(Format{Type: "jsonl"}, jsonl.String(), ReadOptions{}); err != nil || !cmp.Equal(examples, got) {
			t.Fatal(err, cmp.Diff(examples, got))
		}
	})
}

func TestWriteErrors(t *testing.T) {
	for _, test := range []struct {
		example Example
		want    string
	}{
		{Example{Source: "a", Targets: nil}, "corpora: write: example 2: has 0 targets: want 1 in a TSV"},
		{Example{Source: "a", Targets: []string{"b", "c"}}, "corpora: write: example 2: has 2 targets: want 1 in a TSV"},
		{Example{Source: "a\tb", Targets: []string{"c"}}, `corpora: write: example 2: has a tab or a line break in "a\tb": want none in a TSV`},
		{Example{Source: "a", Targets: []string{"c\nd"}}, `corpora: write: example 2: has a tab or a line break in "c\nd": want none in a TSV`},
	} {
		n, err := WriteTSV(io.Discard, Stream([]Example{{Source: "a", Targets: []string{"b"}}, test.example}))
		if err == nil || err.Error() != test.want || n != 1 {
			t.Errorf("%+v: %d, %v, want %s", test.example, n, err, test.want)
		}
	}
	_, err := WriteJSONL(io.Discard, Stream([]Example{{Source: "a", Targets: []string{"b"}, Negatives: []string{"c"}}}))
	if want := "corpora: write: example 1: has a score or negatives: want none in JSON Lines"; message(err) != want {
		t.Errorf("%v, want %s", err, want)
	}
	if _, err := WriteJSONL(full{}, Task(TaskCopy, 1, 1000)); err == nil || err.Error() != "corpora: write: wire is cut" {
		t.Errorf("a full disk: %v", err)
	}
	if _, err := WriteTSV(io.Discard, Task("x", 1, 1)); err == nil {
		t.Error("an error of the stream is lost")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errCut }
