package corpora

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestLabeled(t *testing.T) {
	got, err := Collect(LabeledTSV("-", text("good\ta fine\tfilm\nbad\tno\n")))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Labeled{{"a fine\tfilm", "good"}, {"no", "bad"}}, got); diff != "" {
		t.Error(diff)
	}

	got, err = Collect(TREC("-", text("DESC:manner How did it ?\nENTY:food What is a caf\xe9 ?\nENTY:food What is a café ?\n")))
	if err != nil {
		t.Fatal(err)
	}
	want := []Labeled{{"How did it ?", "DESC"}, {"What is a café ?", "ENTY"}, {"What is a café ?", "ENTY"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	pos, neg := file(t, "pos", "fine\ngood\n"), file(t, "neg", "bad\n")
	got, err = Collect(Classes([]string{pos, neg}, nil))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Labeled{{"fine", "pos"}, {"good", "pos"}, {"bad", "neg"}}, got); diff != "" {
		t.Error(diff)
	}
	n := 0
	for range Classes([]string{pos, neg}, nil) {
		if n++; n == 1 {
			break
		}
	}
	if n != 1 {
		t.Errorf("%d lines after the loop was left: want 1", n)
	}
}

func TestLabeledErrors(t *testing.T) {
	for _, test := range []struct {
		read    func(content string) error
		content string
		want    string // after "corpora: standard input:"
	}{
		{readLabeledTSV, "", " file is empty: want at least one example"},
		{readLabeledTSV, "a\tb\nno label\n", "2: line is \"no label\": want `label TAB text`"},
		{readLabeledTSV, "a\t \n", "1: text is empty: want text"},
		{readLabeledTSV, "\tb\n", "1: label is empty: want the name of a class"},
		{readLabeledTSV, "a\tb\xff\n", "1: byte 4 of the line is 0xff (offset 3 in the file): want UTF-8"},
		{readTREC, "How did it ?\n", "1: line is \"How did it ?\": want `COARSE:fine question`"},
		{readTREC, "DESC: How did it ?\n", "1: line is \"DESC: How did it ?\": want `COARSE:fine question`"},
		{
			readTREC, "no class in a question so long that only its beginning is shown\n",
			"1: line is \"no class in a question so long that only its beginning is sh\"…: want `COARSE:fine question`",
		},
		{readTREC, "DESC:manner\n", "1: text is empty: want text"},
	} {
		if got := message(test.read(test.content)); got != "corpora: standard input:"+test.want {
			t.Errorf("%q: %s; want %s", test.content, got, test.want)
		}
	}
}

func readLabeledTSV(content string) error {
	_, err := Collect(LabeledTSV("-", text(content)))
	return err
}

func readTREC(content string) error { _, err := Collect(TREC("-", text(content))); return err }

func FuzzLabeled(f *testing.F) {
	f.Add([]byte("good\ta fine\tfilm\nbad\tno\n"))
	f.Add([]byte("DESC:manner How did it ?\nENTY:food What is a caf\xe9 ?\n"))
	f.Add([]byte(":x \xff\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		options := func() *ReadOptions {
			return &ReadOptions{Stdin: bytes.NewReader(data), MaxLineBytes: fuzzLimit}
		}
		for _, lines := range []func(func(Labeled, error) bool){
			LabeledTSV("-", options()), TREC("-", options()), Classes([]string{"-"}, options()),
		} {
			n := 0
			for l, err := range lines {
				checkError(t, err, 0)
				if n++; err != nil {
					break
				}
				if isBlank(l.Text) || isBlank(l.Label) || !utf8.ValidString(l.Text) {
					t.Fatalf("%q: want text and a label", l)
				}
			}
			if n == 0 {
				t.Fatal("no line and no error")
			}
		}
	})
}
