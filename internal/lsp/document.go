package lsp

import (
	"strings"
	"unicode/utf16"
)

// document is an open document and its findings.
type document struct {
	uri      string
	version  int
	lines    []string
	findings []Finding
}

// position is a place in a document.
type position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// span is a part of a document.
type span struct {
	Start position `json:"start"`
	End   position `json:"end"`
}

// diagnostic is a finding, as clients show it.
type diagnostic struct {
	Range    span   `json:"range"`
	Severity int    `json:"severity"`
	Source   string `json:"source"`
	Message  string `json:"message"`
}

// action offers edits.
type action struct {
	Title       string       `json:"title"`
	Kind        string       `json:"kind"`
	Diagnostics []diagnostic `json:"diagnostics,omitempty"`
	Preferred   bool         `json:"isPreferred,omitempty"`
	Edit        struct {
		Changes map[string][]textEdit `json:"changes"`
	} `json:"edit"`
}

type textEdit struct {
	Range   span   `json:"range"`
	NewText string `json:"newText"`
}

// information is the severity of all findings.
const information = 3

// splitLines splits a text at its line ends: \n, \r\n or \r.
func splitLines(text string) []string {
	return strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n")
}

// span returns the place of a finding.
func (d *document) span(f Finding, bytes bool) span {
	at := func(n int) position {
		if bytes {
			return position{f.Line, n}
		}
		return position{f.Line, len(utf16.Encode([]rune(d.lines[f.Line][:n])))}
	}
	return span{at(f.Start), at(f.End)}
}

// diagnostic returns a finding as clients show it.
func (d *document) diagnostic(f Finding, source string, bytes bool) diagnostic {
	return diagnostic{d.span(f, bytes), information, source, f.Message}
}

// diagnostics returns all findings.
func (d *document) diagnostics(source string, bytes bool) []diagnostic {
	all := []diagnostic{}
	for _, f := range d.findings {
		all = append(all, d.diagnostic(f, source, bytes))
	}
	return all
}

// actions returns the quick fixes of the findings that touch a range, and one that makes all first replacements.
func (d *document) actions(in span, source string, bytes bool) []action {
	out := []action{}
	var all []textEdit
	for _, f := range d.findings {
		if len(f.Replacements) == 0 {
			continue
		}
		at := d.span(f, bytes)
		all = append(all, textEdit{at, f.Replacements[0]})
		if before(in.End, at.Start) || before(at.End, in.Start) {
			continue
		}
		for i, text := range f.Replacements {
			a := action{
				Title: "Replace by “" + text + "”", Kind: "quickfix", Preferred: i == 0,
				Diagnostics: []diagnostic{d.diagnostic(f, source, bytes)},
			}
			if text == "" {
				a.Title = "Remove"
			}
			a.Edit.Changes = map[string][]textEdit{d.uri: {{at, text}}}
			out = append(out, a)
		}
	}
	if len(all) > 0 {
		a := action{Title: "Repair the document", Kind: "source.fixAll"}
		a.Edit.Changes = map[string][]textEdit{d.uri: all}
		out = append(out, a)
	}
	return out
}

// before reports whether a is before b.
func before(a, b position) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Character < b.Character
}
