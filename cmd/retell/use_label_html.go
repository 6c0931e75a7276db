package main

import (
	"bufio"
	"fmt"
	"html"
)

// htmlWriter writes one page for a browser. A span has the color of its type, and is as dark as it is certain.
type htmlWriter struct {
	colors map[string]int // number of each type, in the order of their first spans
	kinds  []string
	counts map[string]int
}

const labelPage = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Labeled text</title>
<style>
body { font: 17px/1.9 system-ui, sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em; color: #1c1c1e; background: #fff; }
p { margin: 0 0 .6em; min-height: 1em; overflow-wrap: anywhere; }
mark { --hue: 0; color: inherit; padding: .1em .3em; border-radius: .35em; background: hsl(var(--hue) 75% 50% / calc(.1 + .4 * var(--p))); }
mark small { font-size: .65em; font-weight: 600; letter-spacing: .03em; margin-left: .4em; color: hsl(var(--hue) 70% 27%); }
footer { margin-top: 2em; padding-top: 1em; border-top: 1px solid #ddd; font-size: .85em; }
footer mark { margin-right: .6em; }
@media (prefers-color-scheme: dark) {
body { color: #eee; background: #1c1c1e; }
mark small { color: hsl(var(--hue) 70% 75%); }
footer { border-color: #444; }
}
</style>
</head>
<body>
`

func (*htmlWriter) header(w *bufio.Writer) error {
	_, err := w.WriteString(labelPage)
	return err
}

// hue returns the hue of a type, in degrees. Successive types are far apart.
func (h *htmlWriter) hue(kind string) int {
	n, ok := h.colors[kind]
	if !ok {
		n = len(h.kinds)
		h.colors[kind] = n
		h.kinds = append(h.kinds, kind)
	}
	return (210 + 137*n) % 360
}

func (h *htmlWriter) sentence(w *bufio.Writer, s labeledSentence) error {
	if h.counts == nil {
		h.counts = map[string]int{}
	}
	w.WriteString("<p>")
	at := 0
	for _, p := range s.pieces() {
		w.WriteString(html.EscapeString(s.Text[at:p.start]))
		fmt.Fprintf(w, `<mark style="--hue:%d;--p:%.2f" title="%s, probability %.3f">%s<small>%s</small></mark>`,
			h.hue(p.kind), p.probability, html.EscapeString(p.kind), p.probability, html.EscapeString(s.Text[p.start:p.end]), html.EscapeString(p.kind))
		h.counts[p.kind]++
		at = p.end
	}
	w.WriteString(html.EscapeString(s.Text[at:]))
	_, err := w.WriteString("</p>\n")
	return err
}

func (h *htmlWriter) footer(w *bufio.Writer) error {
	w.WriteString("<footer>")
	for _, kind := range h.kinds {
		fmt.Fprintf(w, "<mark style=\"--hue:%d;--p:1\">%s<small>%d</small></mark>", h.hue(kind), html.EscapeString(kind), h.counts[kind])
	}
	_, err := w.WriteString("The paler a mark, the less probable it is; point at it to see its probability.</footer>\n</body>\n</html>\n")
	return err
}
