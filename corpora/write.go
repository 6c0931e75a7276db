package corpora

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
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
		if e.Judged != nil || len(e.Negatives) > 0 {
			return errors.New("has a score or negatives: want none in JSON Lines")
		}
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

// WriteTable writes the columns of each example, separated by tabs, and returns the number of examples written: sets of
// texts that mean the same, triplets if there are negatives, or judged pairs, the types of [Format]. All examples must
// have equally many columns, and no text may contain a tab or a line break.
func WriteTable(w io.Writer, examples iter.Seq2[Example, error]) (int, error) {
	n := 0 // columns of the first example
	return write(w, examples, func(b *bufio.Writer, e Example) error {
		columns := slices.Collect(e.Texts())
		if e.Judged != nil {
			columns = append([]string{strconv.FormatFloat(*e.Judged, 'g', -1, 64)}, columns...)
		}
		switch {
		case len(e.Negatives) > 0 && len(e.Targets) != 1:
			return fmt.Errorf("has %s beside negatives: want 1", number(len(e.Targets), "target"))
		case len(columns) < 2:
			return errors.New("has no target: want one or more")
		case n > 0 && len(columns) != n:
			return fmt.Errorf("has %s: want %d, as the first one has", number(len(columns), "column"), n)
		}
		n = len(columns)
		for i, text := range columns {
			if strings.ContainsAny(text, "\t\n") {
				return fmt.Errorf("has a tab or a line break in %s: want none in columns", quote.Text(text))
			}
			if i > 0 {
				b.WriteByte('\t') // b keeps an error for Flush
			}
			b.WriteString(text)
		}
		return b.WriteByte('\n')
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
