package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora/markup"
	"github.com/retell-rnn/retell/seqae/repair"
)

// print writes the repairs of files to standard output.
func (f *repairFlags) print(cmd *cobra.Command, model *repair.Repairer, files []string) error {
	var total tally
	var bad error
	err := writeOutput(cmd, "", func(w *bufio.Writer) error {
		for _, name := range files {
			numbers := f.lines.numbers(cmd, name)
			lines, err := f.repaired(cmd, model, name, numbers, f.read(cmd, numbers, name))
			if err != nil {
				return err
			}
			p := printer{flags: f, w: w, name: numbers.input}
			for r, err := range lines.all(cmd.Context()) {
				if err != nil {
					return err
				}
				p.number++
				total.add(cmd, p.name, p.number, r)
				if err := cmp.Or(p.write(r), w.Flush()); err != nil {
					return err
				}
			}
			bad = cmp.Or(bad, numbers.end())
		}
		return nil
	})
	if err = cmp.Or(err, bad); err != nil {
		return err
	}
	total.log(cmd)
	if f.check {
		return total.verdict()
	}
	return nil
}

// printer writes the repairs of one file.
type printer struct {
	flags  *repairFlags
	w      *bufio.Writer
	name   string
	number int  // of the line
	headed bool // the names of the diff are written
}

// write writes what the flags ask for.
func (p *printer) write(r answeredLine) error {
	switch f := p.flags; {
	case f.diff:
		return p.diff(r.Repair)
	case f.check:
		return p.places(r.Repair)
	default:
		return f.writeLine(p.w, p.name, p.number, r)
	}
}

// writeLine writes the repaired line, or what --json or --suggest make of it.
func (f *repairFlags) writeLine(w io.Writer, name string, number int, r answeredLine) error {
	var err error
	switch {
	case f.json && r.bad != nil:
		err = writeJSON(w, r.bad)
	case f.json:
		err = writeJSON(w, newRepairedLine(r.Repair))
	case f.options.Suggest > 0:
		for _, s := range r.Suggestions {
			parts := make([]string, len(s.Candidates))
			for i, c := range s.Candidates {
				parts[i] = fmt.Sprintf("%q (%.2f)", c.Text, c.Probability)
			}
			_, err = fmt.Fprintf(w, "%s: %q: %s\n", place(name, number, r.Source, s.Start), r.Source[s.Start:s.End], strings.Join(parts, ", "))
		}
	default:
		_, err = io.WriteString(w, r.Text+"\n")
	}
	return err
}

// diff writes a changed line in the unified format, without context.
func (p *printer) diff(r repair.Repair) error {
	if !r.Changed() {
		return nil
	}
	if !p.headed {
		p.headed = true
		if _, err := fmt.Fprintf(p.w, "--- %s\n+++ %s\n", p.name, p.name); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(p.w, "@@ -%d +%d @@\n-%s\n+%s\n", p.number, p.number, r.Source, r.Text)
	return err
}

// places writes the place of each changed word.
func (p *printer) places(r repair.Repair) error {
	for _, e := range wordEdits(r) {
		_, err := fmt.Fprintf(p.w, "%s: %s (%.2f)\n", place(p.name, p.number, r.Source, e.Start), describe(r.Source, e), e.Probability)
		if err != nil {
			return err
		}
	}
	return nil
}

// wordEdits returns the edits of whole words: each edit grows to the white space around it, and those that meet become
// one, as probable as the least probable of them.
func wordEdits(r repair.Repair) []repair.Edit {
	var all []repair.Edit
	from := 0 // the first edit of a word in r.Edits
	for i, e := range r.Edits {
		start, end := wordAround(r.Source, e.Start, e.End)
		if n := len(all) - 1; n >= 0 && start < all[n].End {
			all[n].End, all[n].Probability = max(all[n].End, end), min(all[n].Probability, e.Probability)
		} else {
			from = i
			all = append(all, repair.Edit{Start: start, End: end, Probability: e.Probability})
		}
		whole := &all[len(all)-1]
		var inside []markup.Edit
		for _, e := range r.Edits[from : i+1] {
			inside = append(inside, markup.Edit{Start: e.Start - whole.Start, End: e.End - whole.Start, Text: e.Text})
		}
		whole.Text = markup.Apply(r.Source[whole.Start:whole.End], inside)
	}
	return all
}

// wordAround returns the part of a line from start to end with the rest of the words at its ends.
func wordAround(line string, start, end int) (from, to int) {
	from = strings.LastIndexFunc(line[:start], unicode.IsSpace) + 1
	if from > 0 {
		_, size := utf8.DecodeRuneInString(line[from-1:])
		from += size - 1
	}
	if to = strings.IndexFunc(line[end:], unicode.IsSpace); to < 0 {
		return from, len(line)
	}
	return from, end + to
}

// place returns FILE:LINE:COLUMN; columns are characters from 1.
func place(name string, number int, line string, at int) string {
	return fmt.Sprintf("%s:%d:%d", name, number, utf8.RuneCountInString(line[:at])+1)
}

// describe says what an edit does.
func describe(line string, e repair.Edit) string {
	switch from := line[e.Start:e.End]; {
	case from == "":
		return fmt.Sprintf("insert %q", e.Text)
	case e.Text == "":
		return fmt.Sprintf("remove %q", from)
	default:
		return fmt.Sprintf("%q → %q", from, e.Text)
	}
}
