package main

import (
	"bufio"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/corpora/markup"
	"github.com/retell-rnn/retell/internal/buildinfo"
	"github.com/retell-rnn/retell/internal/lsp"
	"github.com/retell-rnn/retell/seqae/repair"
)

// serve answers an editor.
func (f *repairFlags) serve(cmd *cobra.Command, model *repair.Repairer) error {
	c := checker{model: model, markup: f.markup, options: f.options, known: map[string]repair.Repair{}}
	server := lsp.Server{Name: "retell", Version: buildinfo.Read().Version, Check: c.check}
	out := bufio.NewWriter(cmd.OutOrStdout())
	return server.Serve(cmd.Context(), cmd.InOrStdin(), flushing{out})
}

// flushing hands every message on at once.
type flushing struct{ w *bufio.Writer }

func (f flushing) Write(b []byte) (int, error) {
	n, err := f.w.Write(b)
	if err == nil {
		err = f.w.Flush()
	}
	return n, err
}

// checker finds what a model would change in documents. It remembers the lines of the last one, so that typing changes
// a line at a time.
type checker struct {
	model   *repair.Repairer
	markup  []string
	options repair.Options
	known   map[string]repair.Repair
}

// check returns the findings of a document.
func (c *checker) check(ctx context.Context, lines []string) ([]lsp.Finding, error) {
	reader, err := markup.NewReader(c.markup...)
	if err != nil {
		return nil, err
	}
	split := make([]markup.Line, len(lines))
	var texts []string // new ones
	seen := map[string]bool{}
	for i, line := range lines {
		split[i] = reader.Split(line)
		for _, t := range split[i].Texts {
			if _, ok := c.known[t.Text]; !ok && !seen[t.Text] {
				texts = append(texts, t.Text)
			}
			seen[t.Text] = true
		}
	}
	for r, err := range c.model.Repair(ctx, corpora.Stream(texts), &c.options) {
		if err != nil {
			return nil, err
		}
		c.known[r.Source] = r
	}
	for text := range c.known {
		if !seen[text] {
			delete(c.known, text)
		}
	}
	var found []lsp.Finding
	for i, line := range split {
		p := pending{line: line}
		for _, t := range line.Texts {
			p.texts = append(p.texts, c.known[t.Text])
		}
		found = append(found, findings(i, p.whole())...)
	}
	return found, nil
}

// findings returns the changed words of a line, with the suggestions for them.
func findings(number int, r repair.Repair) []lsp.Finding {
	var out []lsp.Finding
	for _, e := range wordEdits(r) {
		f := lsp.Finding{
			Line: number, Start: e.Start, End: e.End, Message: fmt.Sprintf("%s (%.2f)", describe(r.Source, e), e.Probability),
			Replacements: []string{e.Text},
		}
		for _, s := range r.Suggestions {
			if s.Start == e.Start && s.End == e.End {
				for _, candidate := range s.Candidates {
					if candidate.Text != e.Text && candidate.Text != r.Source[e.Start:e.End] {
						f.Replacements = append(f.Replacements, candidate.Text)
					}
				}
			}
		}
		out = append(out, f)
	}
	return out
}
