// Package markup finds the text in lines of XML, HTML, Markdown and tab-separated columns, and makes edits of the text
// in the line, where they never touch the markup.
//
// A [Reader] splits each line into texts. Inline markup, such as a tag <b> or the end ](url) of a link, is taken out of
// a text, which goes on behind it. Everything else that is not text (other tags, entities, code, addresses, tabs, marks
// of headings, lists and tables) separates texts.
package markup

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/retell-rnn/retell/internal/setting"
)

// Names of the formats.
const (
	XML      = "xml" // also HTML
	Markdown = "markdown"
	Tabs     = "tabs"
)

// Formats returns the names of all formats.
func Formats() []string { return []string{XML, Markdown, Tabs} }

// Reader splits lines into texts. It remembers whether a line is within fenced code, so that lines must come in order.
type Reader struct {
	tabs, markdown bool
	pattern        *regexp.Regexp // nil: none; a match with a first group separates texts
	fence          string         // marks that end the code; "" outside
}

const (
	tagged = `(<(?:code|script|style|pre)\b[^<>]*>.*?</(?:code|script|style|pre)>|&(?:[A-Za-z][A-Za-z0-9]*|#[0-9]+|#[xX][0-9A-Fa-f]+);)` +
		`|<!--.*?-->|</?(?:a|abbr|b|bdi|bdo|big|cite|del|dfn|em|font|i|ins|mark|q|s|small|span|strong|sub|sup|u|wbr)(?:\s[^<>]*)?/?>` +
		`|(</?[\pL_!?][^<>]*>)`
	written = "(`+[^`]*`+" + `|(?:https?://|www\.)[^\s<>"]*[^\s<>".,;:!?)\]}'*_]|[\pL\pN._+-]+@[\pL\pN-]+(?:\.[\pL\pN-]+)+|\|)` +
		`|\]\([^()\s]*(?:\s+"[^"]*")?\)|\]\[[^\]\[]*\]|!?\[|\]|\*+|~~`
	begun = `^\s*(?:>\s*)*(?:#{1,6}\s+|[-*+]\s+(?:\[[ xX]\]\s+)?|[0-9]+[.)]\s+)?`
)

// NewReader returns a reader of formats. An unknown one is an error; without any, a line is one text.
func NewReader(formats ...string) (*Reader, error) {
	r := &Reader{}
	var patterns []string
	for _, f := range formats {
		switch f {
		case XML:
			patterns = append(patterns, tagged)
		case Markdown:
			r.markdown = true
		case Tabs:
			r.tabs = true
		default:
			return nil, fmt.Errorf("markup: %w", setting.OneOf(f, Formats()...))
		}
	}
	if r.markdown {
		patterns = []string{`(<(?:https?://|mailto:)[^<>\s]*>)`, tagged, written} // Markdown may hold tags
	}
	if r.tabs {
		patterns = append(patterns, `(\t)`)
	}
	if len(patterns) > 0 {
		r.pattern = regexp.MustCompile(strings.Join(patterns, "|"))
	}
	return r, nil
}

// Line is a line and its texts, in order.
type Line struct {
	Source string
	Texts  []Text
}

// Text is text of a line without markup, and without white space at its ends.
type Text struct {
	Text  string
	parts []part
}

// part is a part of a text without markup inside.
type part struct{ at, start, length int } // in the text, in the line, in bytes

// Edit replaces the bytes Start to End by Text.
type Edit struct {
	Start, End int
	Text       string
}

// Split returns the texts of a line.
func (r *Reader) Split(line string) Line {
	l := Line{Source: line}
	start := 0
	if r.markdown {
		if r.fenced(line) {
			return l
		}
		start = len(regexp.MustCompile(begun).FindString(line))
	}
	var parts []part
	end := func() {
		l.add(parts)
		parts = nil
	}
	if r.pattern != nil {
		for _, m := range r.pattern.FindAllStringSubmatchIndex(line, -1) {
			if m[0] < start {
				continue
			}
			if m[0] > start {
				parts = append(parts, part{start: start, length: m[0] - start})
			}
			if slices.ContainsFunc(m[2:], func(at int) bool { return at >= 0 }) {
				end()
			}
			start = m[1]
		}
	}
	if start < len(line) {
		parts = append(parts, part{start: start, length: len(line) - start})
	}
	end()
	return l
}

// fenced reports whether a line of Markdown is code or its fence, or a rule.
func (r *Reader) fenced(line string) bool {
	trimmed := strings.TrimSpace(line)
	if r.fence != "" {
		if strings.HasPrefix(trimmed, r.fence) && strings.Trim(trimmed, r.fence[:1]) == "" {
			r.fence = ""
		}
		return true
	}
	for _, mark := range []string{"`", "~"} {
		if n := len(trimmed) - len(strings.TrimLeft(trimmed, mark)); n >= 3 && !strings.Contains(trimmed[n:], mark) {
			r.fence = trimmed[:n]
			return true
		}
	}
	return strings.Trim(trimmed, "-*_=|: ") == "" && trimmed != ""
}

// add adds a text of some parts, unless it is blank.
func (l *Line) add(parts []part) {
	for len(parts) > 0 { // white space at the beginning
		p := &parts[0]
		rest := strings.TrimLeftFunc(l.Source[p.start:p.start+p.length], unicode.IsSpace)
		p.start, p.length = p.start+p.length-len(rest), len(rest)
		if rest != "" {
			break
		}
		parts = parts[1:]
	}
	for len(parts) > 0 { // and at the end
		p := &parts[len(parts)-1]
		if p.length = len(strings.TrimRightFunc(l.Source[p.start:p.start+p.length], unicode.IsSpace)); p.length > 0 {
			break
		}
		parts = parts[:len(parts)-1]
	}
	if len(parts) == 0 {
		return
	}
	t := Text{parts: parts}
	for i, p := range parts {
		parts[i].at = len(t.Text)
		t.Text += l.Source[p.start : p.start+p.length]
	}
	l.Texts = append(l.Texts, t)
}

// InLine returns an edit of the text as an edit of the line. It is false if markup lies within the replaced text, or if
// the edit does not fit the text. An insertion where markup was taken out goes before the markup.
func (t Text) InLine(e Edit) (Edit, bool) {
	for _, p := range t.parts {
		if e.Start >= p.at && e.End >= e.Start && e.End <= p.at+p.length {
			at := p.start - p.at
			return Edit{e.Start + at, e.End + at, e.Text}, true
		}
	}
	return Edit{}, false
}

// Apply makes edits of a line, in order and without overlaps. Edits that do not fit are left out.
func Apply(line string, edits []Edit) string {
	var b strings.Builder
	at := 0
	for _, e := range edits {
		if e.Start < at || e.End < e.Start || e.End > len(line) || splits(line, e.Start) || splits(line, e.End) {
			continue
		}
		b.WriteString(line[at:e.Start] + e.Text)
		at = e.End
	}
	b.WriteString(line[at:])
	return b.String()
}

// splits reports whether a position lies within a character.
func splits(line string, at int) bool { return at < len(line) && !utf8.RuneStart(line[at]) }
