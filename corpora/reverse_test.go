package corpora

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReverse holds that each reversible format swaps sources and targets.
func TestReverse(t *testing.T) {
	const dictionary = "tomato T AH0 M EY1 T OW2\ntomato(2) T AH0 M AA1 T OW2\nno N OW1\n"
	for _, c := range []struct {
		format  Format
		content string
		want    []Example
	}{
		{Format{Type: TypeTSV}, "a\tA\nb\tB\n", []Example{{Source: "A", Targets: []string{"a"}}, {Source: "B", Targets: []string{"b"}}}},
		{Format{Type: TypeJSONL}, `{"source": "a", "target": "A"}` + "\n", []Example{{Source: "A", Targets: []string{"a"}}}},
		{Format{Type: TypeCMUdict}, dictionary, []Example{
			{Source: "T AH M EY T OW", Targets: []string{"t o m a t o"}},
			{Source: "T AH M AA T OW", Targets: []string{"t o m a t o"}},
			{Source: "N OW", Targets: []string{"n o"}},
		}},
		{Format{Type: TypeCMUdict, Stress: true}, "no N OW1\n", []Example{{Source: "N OW1", Targets: []string{"n o"}}}},
		{Format{Type: TypeSIGMORPHON}, "gehen\tgeht\tV;PRS\n", []Example{{Source: "g e h t", Targets: []string{"+V +PRS g e h e n"}}}},
	} {
		c.format.Reverse = true
		got, err := read(c.format, c.content, ReadOptions{})
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: error %v; %s", c.format.Type, err, diff)
		}
		sources, err := read(c.format, c.content, ReadOptions{SourceOnly: true})
		if err != nil || len(sources) != len(c.want) || sources[0].Source != c.want[0].Source || sources[0].Targets != nil {
			t.Errorf("%s: sources alone: %v, error %v", c.format.Type, sources, err)
		}
	}
	for _, c := range []struct {
		format       Format
		line, source string
		target, text string
	}{
		{Format{Type: TypeTSV}, "A b", "A b", "x y", "x y"},
		{Format{Type: TypeCMUdict}, " N  OW1 ", "N OW", "n o", "no"},
		{Format{Type: TypeCMUdict, Stress: true}, "N OW1", "N OW1", "i c e ␣ c r e a m", "ice cream"},
		{Format{Type: TypeSIGMORPHON}, "geht", "g e h t", "+V +PRS g e h e n", "gehen\tV;PRS"},
		{Format{Type: TypeSIGMORPHON}, " ", "", "+ x", "+x"},
	} {
		c.format.Reverse = true
		if source, err := c.format.Source(c.line); err != nil || source != c.source {
			t.Errorf("%s: source of %q is %q, error %v: want %q", c.format.Type, c.line, source, err, c.source)
		}
		if text := c.format.Display(c.target); text != c.text {
			t.Errorf("%s: %q is shown as %q: want %q", c.format.Type, c.target, text, c.text)
		}
	}
	for _, kind := range []string{"", TypeLines, TaskCopy} {
		if err := (Format{Type: kind, Reverse: true}).Validate(); err == nil || !strings.Contains(err.Error(), "reverse: set") {
			t.Errorf("type %q: error %v: want one about reverse", kind, err)
		}
	}
}

// TestReverseErrors holds that errors about lines take the places of the lines.
func TestReverseErrors(t *testing.T) {
	var got []string
	f := Format{Type: TypeTSV, Reverse: true}
	for e, err := range f.Read("-", &ReadOptions{Stdin: strings.NewReader("a\tA\nb\nc\tC\n")}) {
		if err != nil {
			if !IsLineError(err) {
				t.Fatal(err)
			}
			e.Source = "!"
		}
		got = append(got, e.Source)
	}
	if want := "A ! C"; strings.Join(got, " ") != want {
		t.Errorf("%q: want %s", got, want)
	}
}
