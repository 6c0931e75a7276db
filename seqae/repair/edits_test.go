package repair

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestEdits(t *testing.T) {
	for _, c := range []struct{ dirty, clean, labels string }{
		{"", "", "= ="},
		{"the cat", "the cat", "= = = = = = = = ="},
		{"teh cat", "the cat", "= = % = = = = = ="},
		{"thecat", "the cat", `= = = =+\s = = = =`},
		{"th ecat", "the cat", "= = = % = = = = ="},
		{"the c at", "the cat", "= = = = = = - = = ="},
		{"helo", "hello", "= = = =& = ="},
		{"helllo", "hello", "= = = = = - = ="},
		{"hello", "Hello.", "= u = = = =+. ="},
		{"ete", "été", `= ^\u{301} = ^\u{301} =`},
		{"ETE", "ÉTÉ", `= ^\u{301} = ^\u{301} =`},
		{"coeur", "cœur", "= = >œ - = = ="},
		{"Hallo", "Hello", "= = >e = = = ="},
		{"HALLO", "HELLO", "= = >e = = = ="},
		{"hallo", "hEllo", "= = !E = = = ="},
		{"word", "a word", `=+a\s = = = = =`},
		{"modem", "modern", "= = = = = >r+n ="},
		{"café", "cafe", "= = = = ~ ="},
		{"a+b", "a&b", `= = >\& = =`},
		{"a-b", "a b", `= = >\s = =`},
		{"Paris", "paris", "= l = = = = ="},
		{"x", "x++", `= =+\+\+ =`},
	} {
		tokens, labels := Edits(c.dirty, c.clean)
		if got := strings.Join(labels, " "); got != c.labels {
			t.Errorf("Edits(%q, %q) has the labels %s: want %s", c.dirty, c.clean, got, c.labels)
		}
		if got := Apply(tokens, labels); got != c.clean {
			t.Errorf("Edits(%q, %q) makes %q", c.dirty, c.clean, got)
		}
	}
}

// texts draws lines of few characters, so that alignments have many ties, or any bytes.
func texts() *rapid.Generator[string] {
	return rapid.OneOf(rapid.StringOfN(rapid.RuneFrom([]rune("aAbéÉe\u0301 \t+&-\\.ıİß\u00a0")), 0, 12, -1), rapid.String(),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 8), func(b []byte) string { return string(b) }))
}

func TestEditsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dirty, clean := texts().Draw(t, "dirty"), texts().Draw(t, "clean")
		tokens, labels := Edits(dirty, clean)
		if len(tokens) != len(labels) || len(tokens) != len(characters(dirty))+2 {
			t.Fatalf("Edits(%q, %q) has %d tokens and %d labels: want %d", dirty, clean, len(tokens), len(labels), len(characters(dirty))+2)
		}
		if got := Apply(tokens, labels); got != clean {
			t.Fatalf("Apply(Edits(%q, %q)) = %q, labels %q", dirty, clean, got, labels)
		}
		if got := Apply(tokens, nil); got != dirty {
			t.Fatalf("Apply without labels of %q = %q", dirty, got)
		}
		for _, x := range append(tokens, labels...) {
			if x == "" || strings.ContainsAny(x, "\t\n \r") {
				t.Fatalf("Edits(%q, %q) has the token or label %q: want no white space", dirty, clean, x)
			}
		}
	})
}

func TestLongLinesComeBack(t *testing.T) {
	line := strings.Repeat("a long line of words that repeat, ", 100)
	dirty := "x" + strings.ReplaceAll(strings.ReplaceAll(line, "long", "logn"), "words", "word s") + "y"
	tokens, labels := Edits(dirty, line)
	if got := Apply(tokens, labels); got != line {
		t.Errorf("a line of %d characters comes back as %.60q", len(line), got)
	}
	edits := 0
	for _, l := range labels {
		if l != Keep {
			edits++
		}
	}
	if edits != 202 {
		t.Errorf("%d edits: want 202", edits)
	}
}

// TestKeptCharactersStay checks that labels change only characters that they name.
func TestKeptCharactersStay(t *testing.T) {
	labels := []string{"=", "-", "u", "l", `^\u{301}`, "~", ">x", "!Y", "=&", `=+\s`, ">a&+b", "nonsense", ""}
	rapid.Check(t, func(t *rapid.T) {
		tokens, _ := Edits(texts().Draw(t, "line"), "")
		chosen := make([]string, len(tokens))
		var want strings.Builder
		for i := range tokens {
			chosen[i] = rapid.SampledFrom(labels).Draw(t, "label")
			if e := parseLabel(chosen[i]); e.keeps() {
				want.WriteString(unquoteToken(tokens[i]))
			} else {
				want.WriteString(Apply(tokens[i:i+1], chosen[i:i+1]))
			}
		}
		if got := Apply(tokens, chosen); got != want.String() {
			t.Fatalf("Apply(%q, %q) = %q: want %q", tokens, chosen, got, want.String())
		}
	})
}

func FuzzEdits(f *testing.F) {
	f.Add("teh c at", "The cat.")
	f.Add("e\u0301\xff\\", "É\t+&")
	f.Fuzz(func(t *testing.T, dirty, clean string) {
		if len(dirty)+len(clean) > 2000 {
			t.Skip()
		}
		if got := Apply(Edits(dirty, clean)); got != clean {
			t.Errorf("Apply(Edits(%q, %q)) = %q", dirty, clean, got)
		}
	})
}

func FuzzApply(f *testing.F) {
	f.Add("a\tb", `=+\s	>x&`)
	f.Add(`\x`, `^\u{`)
	f.Fuzz(func(t *testing.T, tokens, labels string) {
		all := strings.Split(labels, "\t")
		Apply(strings.Split(tokens, "\t"), all)
		for _, l := range all {
			if e := parseLabel(l); parseLabel(e.String()) != e {
				t.Errorf("label %q reads as %+v, and its text %q as %+v", l, e, e.String(), parseLabel(e.String()))
			}
		}
	})
}
