package seq2seq

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/tokenize"
)

// glossary makes a glossary from alternating sources and targets.
func glossary(t *testing.T, terms ...string) *Glossary {
	t.Helper()
	var list []Term
	for i := 0; i < len(terms); i += 2 {
		list = append(list, Term{terms[i], terms[i+1]})
	}
	g, err := NewGlossary(list...)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestGlossaryFinds checks where terms match, and that the longest term matches.
func TestGlossaryFinds(t *testing.T) {
	c := learned(t, tokenize.Config{Kind: tokenize.Bytes}, "x HUND WURST EDV LOKAL INU C++")
	g := glossary(t, "dog", "HUND", "hot dog", "WURST", "IT", "EDV", "café", "LOKAL", "犬", "INU", "C++", "")
	for line, want := range map[string][]string{
		"A dog runs.":             {"HUND"},
		"DOG, dog; Dog":           {"HUND", "HUND", "HUND"},
		"dogs, underdog, dog's":   nil,
		"a hot  dog":              {"WURST"},
		"a hot\u00a0dog here":     {"WURST"},
		"hot dogs":                nil,
		"it is IT, not It":        {"EDV"},
		"the cafe\u0301":          {"LOKAL"},
		"子犬と犬":                    {"INU", "INU"},
		"learn C++ now, not c++":  {"C++"},
		"hot":                     nil,
		"":                        nil,
		"hot dog dog hot hot dog": {"WURST", "HUND", "WURST"},
	} {
		in := g.Apply(Input{Source: line}, c)
		var got []string
		for _, h := range in.Held {
			got = append(got, h.Text)
		}
		if diff := cmp.Diff(want, got); diff != "" || len(in.Fixed) > 0 {
			t.Errorf("%q: %v %s", line, in.Fixed, diff)
		}
	}
	// Targets that the vocabulary lacks become fixed parts; parts fixed by markup stay unchanged.
	words := learned(t, tokenize.Config{Kind: tokenize.Words}, "HUND runs")
	m, err := ParseMarkup("xml")
	if err != nil {
		t.Fatal(err)
	}
	in := g.Apply(m.Apply(Input{Source: `<a dog="1">hot dog</a> dog`}), words)
	want := []Fixed{{0, 11, `<a dog="1">`}, {11, 18, "WURST"}, {18, 22, "</a>"}}
	if diff := cmp.Diff(want, in.Fixed); diff != "" || len(in.Held) != 1 || in.Held[0].Text != "HUND" {
		t.Errorf("%v: %s", in.Held, diff)
	}
}

func TestGlossaryErrors(t *testing.T) {
	for text, want := range map[string]string{
		"dog\tHund\ncat\t\n":        ":2: line has no target behind its tab",
		"\tHund\n":                  ":1: line has no source",
		"dog\tHund\tder Hund\n":     ":1: line has more than 2 columns",
		"dog\tHund\n\ndog\tKöter\n": `"dog" has the targets "Hund" and "Köter": want one`,
	} {
		path := filepath.Join(t.TempDir(), "terms")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadGlossary(path, nil); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v: want %q", text, err, want)
		}
	}
	if _, err := NewGlossary(Term{Source: " "}); err == nil {
		t.Error("a term without a source: want an error")
	}
}

func TestMarkupFinds(t *testing.T) {
	for _, c := range []struct {
		kinds, line string
		want        []string
	}{
		{"xml", `Click <b class="x y">here</b>, <br/> or a < b &amp; c &#39;`, []string{`<b class="x y">`, "</b>", "<br/>", "&amp;", "&#39;"}},
		{"xml", "1 < 2 > 0 <!-- no <b> --> {name}", []string{"<!-- no <b> -->"}},
		{"placeholders", "Hi {name}, {{user.first}} has ${n} of %d, %1$s (%(rate).2f%%)", []string{"{name}", "{{user.first}}", "${n}", "%d", "%1$s", "%(rate).2f", "%%"}},
		{"placeholders", "100% sure, 50%sure, see https://a.b/c?d=e%20f. Or (www.x.org)!", []string{"https://a.b/c?d=e%20f", "www.x.org"}},
		{"placeholders", "ask jo.x@mail.example.com.", []string{"jo.x@mail.example.com"}},
		{"xml,placeholders", `<a href="https://x.y/z">{n}</a>`, []string{`<a href="https://x.y/z">`, "{n}", "</a>"}},
		{"", "<b> {n}", nil},
	} {
		var kinds []string
		if c.kinds != "" {
			kinds = strings.Split(c.kinds, ",")
		}
		m, err := ParseMarkup(kinds...)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range m.Apply(Input{Source: c.line}).Fixed {
			got = append(got, f.Text)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %q: %s", c.kinds, c.line, diff)
		}
	}
	if _, err := ParseMarkup("html"); err == nil {
		t.Error("markup html: want an error")
	}
}

// TestFixed translates lines with fixed parts and compares them with the translations of their pieces.
func TestFixed(t *testing.T) {
	data := []corpora.Example{
		{Source: "a b", Targets: []string{"The dog runs ."}},
		{Source: "b c", Targets: []string{"A big dog sleeps ."}},
	}
	m := newModel(t, smallConfig(), data, 1)
	train(t, m, data, nil, &TrainOptions{MaxSteps: 5})
	o := &SearchOptions{Beam: 4, NBest: 2, Align: true, Confidence: true}
	of := map[string]Translation{}
	for _, tr := range collect(t, m.Translate(t.Context(), lines("a", "b", "a b", "c."), o)) {
		of[tr.Source] = tr
	}
	in := []Input{
		{Source: "a b"},
		{Source: " <1>a</1> b", Fixed: []Fixed{{1, 4, "<1>"}, {5, 9, "</1>"}}},
		{Source: "<2>, !", Fixed: []Fixed{{0, 3, "<2>"}}},
		{Source: ""},
		{Source: "X(a b), c.", Fixed: []Fixed{{0, 1, "Y"}, {5, 6, ")"}}},
		{Source: "a b", Fixed: []Fixed{{2, 1, "bad"}}},
	}
	want := []string{
		of["a b"].Text,
		" <1>" + of["a"].Text + "</1> " + of["b"].Text,
		"<2>, !",
		"",
		"Y(" + of["a b"].Text + "), " + of["c."].Text,
	}
	i := 0
	for tr, err := range m.TranslateInputs(t.Context(), inputs(in...), o) {
		if i == 5 {
			if !corpora.IsLineError(err) || !strings.Contains(err.Error(), "line 6: bytes 2 to 1 are fixed") {
				t.Errorf("error %v: want one about line 6", err)
			}
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if tr.Text != want[i] || tr.Source != in[i].Source {
			t.Errorf("%q: %q: want %q", tr.Source, tr.Text, want[i])
		}
		if i == 1 {
			a, b := of["a"].Hypotheses[0], of["b"].Hypotheses[0]
			h := tr.Hypotheses[0]
			if len(tr.Hypotheses) != 2 || len(h.Tokens) != len(a.Tokens)+len(b.Tokens) || len(h.Margins) != len(h.LogProbs) {
				t.Errorf("%d hypotheses, of %q", len(tr.Hypotheses), h.Tokens)
			}
			last := h.Alignment[len(h.Alignment)-1] // from the second word of the source
			if n := len(strings.Fields(tr.Text)); last.Source != 1 || last.Target >= n {
				t.Errorf("alignment %v of %d words", h.Alignment, n)
			}
		}
		i++
	}
}

// TestGlossaryHolds holds that translations contain the glossary's targets, in and beyond the vocabulary.
func TestGlossaryHolds(t *testing.T) {
	data := []corpora.Example{
		{Source: "a b", Targets: []string{"The dog runs ."}},
		{Source: "b c", Targets: []string{"A big dog sleeps ."}},
	}
	c := smallConfig()
	c.Target = tokenize.Config{Kind: tokenize.Words}
	m := newModel(t, c, data, 1)
	train(t, m, data, nil, &TrainOptions{MaxSteps: 5})
	g := glossary(t, "b", "big dog", "c", "Zyzzyva", "Quux", "")
	var in []Input
	for _, line := range []string{"a b", "b c", "c Quux", "a Quux b c b"} {
		in = append(in, g.Apply(Input{Source: line}, m.Target()))
	}
	for i, h := range in[0].Held { // a line in lower case
		if h.Capital {
			t.Errorf("term %d: %+v: want no capital", i, h)
		}
	}
	want := [][]string{{"big dog"}, {"big dog", "Zyzzyva"}, {"Zyzzyva Quux"}, {" Quux ", "big dog", " Zyzzyva "}}
	for i, tr := range collect(t, m.TranslateInputs(t.Context(), inputs(in...), nil)) {
		for _, phrase := range want[i] {
			if !strings.Contains(tr.Text, phrase) {
				t.Errorf("%q: %q: want it to hold %q", tr.Source, tr.Text, phrase)
			}
		}
	}
}

// TestGlossaryCapital holds that a term at the beginning of a translation takes a capital letter if the source begins
// with one, and that terms in other places and later pieces do not.
func TestGlossaryCapital(t *testing.T) {
	data := []corpora.Example{{Source: "A b", Targets: []string{"Big dogs run . big"}}}
	c := smallConfig()
	c.Target = tokenize.Config{Kind: tokenize.Space}
	m := newModel(t, c, data, 1)
	g := glossary(t, "b", "big")
	for line, want := range map[string][2]bool{"A b": {true, true}, "<x> A b": {true, true}, "a b": {false, false}, "A b <x> b": {true, false}} {
		markup, err := ParseMarkup("xml")
		if err != nil {
			t.Fatal(err)
		}
		in := g.Apply(markup.Apply(Input{Source: line}), m.Target())
		list, err := in.pieces()
		if err != nil {
			t.Fatal(err)
		}
		var held []Held
		for _, p := range list {
			if p.in != nil {
				held = append(held, p.in.Held...)
			}
		}
		if len(in.Fixed) == 0 {
			held = in.Held
		}
		if held[0].Capital != want[0] || held[len(held)-1].Capital != want[1] {
			t.Errorf("%q: %v: want capitals %v", line, held, want)
		}
	}
	in := Input{Source: "A b", Held: []Held{{2, "big", true}}}
	s, err := in.sentence(m.Target(), m.encodeSource("A b", new([]string)), 0)
	if err != nil || m.Target().Decode(s.Wants[0].First) != "Big" || m.Target().Decode(s.Wants[0].Later) != "big" {
		t.Errorf("%v, error %v: want Big at the beginning and big elsewhere", s.Wants, err)
	}
}
