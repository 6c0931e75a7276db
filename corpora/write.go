package corpora

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/retell-rnn/retell/internal/quote"
)

// WriteTSV writes each example as `source TAB target`, the type tsv of [Format], and returns the number of examples
// written. Each example must have exactly one target, and no side may contain a tab or a line break.
func WriteTSV(w io.Writer, examples iter.Seq2[Example, error]) (int, error) {
	return write(w, examples, func(b *bufio.Writer, e Example) error {
		if len(e.Targets) != 1 {
			return fmt.Errorf("has %d targets: want 1 in a TSV", len(e.Targets))
		}
		for _, side := range [...]string{e.Source, e.Targets[0]} {
			if strings.ContainsAny(side, "\t\n") {
				return fmt.Errorf("has a tab or a line break in %s: want none in a TSV", quote.Text(side))
			}
		}
		b.WriteString(e.Source) // b keeps an error for Flush
		b.WriteByte('\t')
		b.WriteString(e.Targets[0])
		return b.WriteByte('\n')
	})
}

// WriteJSONL writes each example as `{"source":"...","target":"..."}`, the type jsonl of [Format], and returns the
// number of examples written. Several targets are written as an array.
func WriteJSONL(w io.Writer, examples iter.Seq2[Example, error]) (int, error) {
	return write(w, examples, func(b *bufio.Writer, e Example) error {
		object := struct {
			Source string `json:"source"`
			Target any    `json:"target,omitempty"`
		}{Source: e.Source}
		switch len(e.Targets) {
		case 0:
		case 1:
			object.Target = e.Targets[0]
		default:
			object.Target = e.Targets
		}
		enc := json.NewEncoder(b)
		enc.SetEscapeHTML(false)
		return enc.Encode(object)
	})
}

// write calls one for each example until the first error, and returns the number of examples written. An error of w
// takes precedence over other errors.
func write(w io.Writer, examples iter.Seq2[Example, error], one func(*bufio.Writer, Example) error) (n int, err error) {
	b := bufio.NewWriter(w)
	defer func() {
		if flushErr := b.Flush(); flushErr != nil {
			err = fmt.Errorf("corpora: write: %w", flushErr)
		}
	}()
	for e, err := range examples {
		if err != nil {
			return n, err
		}
		if err := one(b, e); err != nil {
			return n, fmt.Errorf("corpora: write: example %d: %w", n+1, err)
		}
		n++
	}
	return n, nil
}
