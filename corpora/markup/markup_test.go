package markup

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	for _, test := range []struct {
		formats, line string
		texts         []string
	}{
		{"", " all\t<b>of</b> it ", []string{"all\t<b>of</b> it"}},
		{"", "", nil},
		{"tabs", "id 1\t\ta text ", []string{"id 1", "a text"}},
		{"xml", "<p>This is <b>very</b> good.<br/>Caf&eacute; <!-- no --> here</p>", []string{"This is very good.", "Caf", "here"}},
		{"xml", `see <a href="x.html">this</a>, a < b`, []string{"see this, a < b"}},
		{"markdown", "## The *first* [link](http://x.org/a_b) of `code` here", []string{"The first link of", "here"}},
		{"markdown", "> - [ ] a task at https://go.dev/doc.", []string{"a task at", "."}},
		{"markdown", "| one | two three |", []string{"one", "two three"}},
		{"markdown", "---", nil},
		{"markdown", "3. third <em>thing</em>", []string{"third thing"}},
		{"markdown,tabs", "*a*\tb", []string{"a", "b"}},
	} {
		var formats []string
		if test.formats != "" {
			formats = strings.Split(test.formats, ",")
		}
		r, err := NewReader(formats...)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, text := range r.Split(test.line).Texts {
			got = append(got, text.Text)
		}
		if diff := cmp.Diff(test.texts, got); diff != "" {
			t.Errorf("%s: %q: %s", test.formats, test.line, diff)
		}
	}
	if _, err := NewReader("html"); err == nil || err.Error() != `markup: "html": want xml, markdown or tabs` {
		t.Errorf("error %v", err)
	}
}

func TestFences(t *testing.T) {
	r, err := NewReader(Markdown)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.SplitSeq("text\n```go\ncode\n~~~\n```\nmore\n~~~~\n~~~\n~~~~\nend", "\n") {
		for _, text := range r.Split(line).Texts {
			got = append(got, text.Text)
		}
	}
	if diff := cmp.Diff([]string{"text", "more", "end"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestEdits makes edits of text in the line, and leaves out those across markup.
func TestEdits(t *testing.T) {
	r, err := NewReader(XML)
	if err != nil {
		t.Fatal(err)
	}
	line := r.Split("<p>ths is <b>vry</b> god</p>")
	text := line.Texts[0]
	if text.Text != "ths is vry god" {
		t.Fatalf("text %q", text.Text)
	}
	var edits []Edit
	for _, e := range []Edit{{0, 3, "This"}, {5, 9, "x"}, {8, 8, "e"}, {10, 10, ","}, {11, 14, "good"}, {20, 21, "y"}} {
		if e, ok := text.InLine(e); ok {
			edits = append(edits, e)
		}
	}
	if got, want := Apply(line.Source, edits), "<p>This is <b>very,</b> good</p>"; got != want {
		t.Errorf("%q: want %q", got, want)
	}
}

// FuzzSplit checks that texts are parts of the line, and that their edits leave the markup as it is.
func FuzzSplit(f *testing.F) {
	f.Add("<p>This is <b>very</b> good.</p>\t# x")
	f.Add("# a *b* [c](d) `e` &amp; | f")
	f.Fuzz(func(t *testing.T, line string) {
		if !utf8.ValidString(line) {
			t.Skip()
		}
		r, err := NewReader(Formats()...)
		if err != nil {
			t.Fatal(err)
		}
		l := r.Split(line)
		var edits []Edit
		for _, text := range l.Texts {
			if !strings.Contains(line, text.Text[:1]) || strings.TrimSpace(text.Text) != text.Text {
				t.Fatalf("%q has the text %q", line, text.Text)
			}
			for _, p := range text.parts {
				e, ok := text.InLine(Edit{p.at, p.at + p.length, text.Text[p.at : p.at+p.length]})
				if !ok {
					t.Fatalf("%q: part %v does not fit", line, p)
				}
				edits = append(edits, e)
			}
		}
		if got := Apply(line, edits); got != line {
			t.Fatalf("%q: want %q", got, line)
		}
	})
}
