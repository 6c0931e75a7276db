package main

import (
	"bufio"
	"fmt"
	"strings"
	"unicode/utf8"
)

// sentenceWriter writes labeled sentences in one form.
type sentenceWriter interface {
	header(w *bufio.Writer) error
	sentence(w *bufio.Writer, s labeledSentence) error
	footer(w *bufio.Writer) error
}

func newSentenceWriter(output string, color bool) sentenceWriter {
	switch output {
	case toJSON:
		return plainWriter(func(w *bufio.Writer, s labeledSentence) error { return writeJSON(w, s) })
	case toWordTag:
		return plainWriter(writeTagged)
	case toMarked:
		return plainWriter(func(w *bufio.Writer, s labeledSentence) error { return writeMarked(w, s, color) })
	case toSpaced:
		return plainWriter(writeSegmented)
	case toBrat:
		return &bratWriter{}
	case toHTML:
		return &htmlWriter{colors: map[string]int{}}
	}
	return plainWriter(writeColumns)
}

// plainWriter writes sentences with nothing before and behind them.
type plainWriter func(w *bufio.Writer, s labeledSentence) error

func (plainWriter) header(*bufio.Writer) error                          { return nil }
func (f plainWriter) sentence(w *bufio.Writer, s labeledSentence) error { return f(w, s) }
func (plainWriter) footer(*bufio.Writer) error                          { return nil }

// writeColumns writes a line for each token and a blank one behind the sentence.
func writeColumns(w *bufio.Writer, s labeledSentence) error {
	for i, t := range s.Tokens {
		fmt.Fprintf(w, "%s\t%s\t%.4f", t.Text, t.Label, t.Probability)
		for _, c := range s.Columns {
			fmt.Fprintf(w, "\t%s\t%.4f", c.Labels[i], c.Probabilities[i])
		}
		w.WriteByte('\n')
	}
	return w.WriteByte('\n')
}

// writeTagged writes token/LABEL on a line. White space in a token becomes _.
func writeTagged(w *bufio.Writer, s labeledSentence) error {
	for i, t := range s.Tokens {
		if i > 0 {
			w.WriteByte(' ')
		}
		w.WriteString(strings.Join(strings.Fields(t.Text), "_") + "/" + t.Label)
	}
	return w.WriteByte('\n')
}

// writeSegmented writes the tokens on a line, with a space before each that begins a word. A label without a B or S
// begins none.
func writeSegmented(w *bufio.Writer, s labeledSentence) error {
	for i, t := range s.Tokens {
		if i > 0 && (t.Label == "" || strings.Contains("BS", t.Label[:1]) || t.Label == "O") {
			w.WriteByte(' ')
		}
		w.WriteString(t.Text)
	}
	return w.WriteByte('\n')
}

// piece is a part of a text: a span, or a token whose label is no span's.
type piece struct {
	start, end  int
	kind        string
	probability float64
}

// pieces returns the parts of a text to mark, in order: its spans, or all tokens if labels mark no spans.
func (s labeledSentence) pieces() []piece {
	var out []piece
	for _, span := range s.Spans {
		out = append(out, piece{span.Start, span.End, span.Type, span.Probability})
	}
	if s.Spans == nil && !s.marked {
		for _, t := range s.Tokens {
			out = append(out, piece{t.Start, t.End, t.Label, t.Probability})
		}
	}
	return out
}

// writeMarked writes the text with its spans in brackets and, at a terminal, in color.
func writeMarked(w *bufio.Writer, s labeledSentence, color bool) error {
	at := 0
	for _, p := range s.pieces() {
		w.WriteString(s.Text[at:p.start])
		text := s.Text[p.start:p.end]
		if color {
			fmt.Fprintf(w, "\x1b[%dm%s\x1b[0m\x1b[2m %s\x1b[0m", 31+hashOf(p.kind)%6, text, p.kind)
		} else {
			fmt.Fprintf(w, "[%s %s]", text, p.kind)
		}
		at = p.end
	}
	w.WriteString(s.Text[at:])
	return w.WriteByte('\n')
}

// hashOf returns a number that depends on a text alone.
func hashOf(text string) int {
	h := 0
	for _, r := range text {
		h = (31*h + int(r)) % 9973
	}
	return h
}

// bratWriter writes standoff annotation of the whole text (Stenetorp et al., brat, 2012): an identifier, a type, the
// characters from and to, and the text.
type bratWriter struct{ spans, offset int }

func (*bratWriter) header(*bufio.Writer) error { return nil }

func (b *bratWriter) sentence(w *bufio.Writer, s labeledSentence) error {
	for _, p := range s.pieces() {
		b.spans++
		from := b.offset + utf8.RuneCountInString(s.Text[:p.start])
		text := s.Text[p.start:p.end]
		fmt.Fprintf(w, "T%d\t%s %d %d\t%s\n", b.spans, p.kind, from, from+utf8.RuneCountInString(text), text)
	}
	b.offset += utf8.RuneCountInString(s.Text) + 1
	return nil
}

func (*bratWriter) footer(*bufio.Writer) error { return nil }
