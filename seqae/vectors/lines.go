package vectors

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/quote"
)

// maxLine is the maximum length of a line, in bytes.
const maxLine = 64 << 20

// Write streams rows to w as JSONL, or as TSV without texts, and returns the number of rows written. Other formats
// cannot be streamed. While Write takes rows, a goroutine formats the ones before them on all cores and writes them as
// soon as w accepts them, so a row must not change after it.
func Write(w io.Writer, format Format, rows iter.Seq2[Row, error]) (n int, err error) {
	if err := format.checkStream(); err != nil {
		return 0, fmt.Errorf("vectors: %w", err)
	}
	width, taken := 0, 0
	n, err = writeLines(w, format, func(yield func(Row, error) bool) {
		for r, err := range rows {
			if err == nil {
				if err = checkRow(r, width); err != nil {
					err = fmt.Errorf("vectors: row %d: %w", taken+1, err)
				}
				width = len(r.Vector)
			}
			if !yield(r, err) {
				return
			}
			taken++
		}
	})
	return n, err
}

// checkStream returns an error for a format that cannot be written from beginning to end.
func (f Format) checkStream() error {
	if f != JSONL && f != TSV {
		return fmt.Errorf("format %q cannot be streamed: want %s or %s", f, JSONL, TSV)
	}
	return nil
}

// writeLines writes JSONL, or the vectors of TSV, and returns the number of rows written.
func writeLines(w io.Writer, format Format, rows iter.Seq2[Row, error]) (int, error) {
	l := &lineWriter{w: w, format: format, rows: make(chan Row, mostLines), done: make(chan struct{})}
	go l.run()
	err := l.take(rows)
	close(l.rows)
	<-l.done
	return l.written, cmp.Or(l.err, err)
}

// lineWriter formats rows and writes them, in a goroutine of its own.
type lineWriter struct {
	w       io.Writer
	format  Format
	rows    chan Row
	done    chan struct{} // closed when run has returned
	written int
	err     error
}

const (
	mostLines = 512 // rows formatted at a time
	someLines = 16  // rows that a core formats at a time
)

// take passes rows on, until an error in them or of the writer.
func (l *lineWriter) take(rows iter.Seq2[Row, error]) error {
	for r, err := range rows {
		if err != nil {
			return err
		}
		select {
		case l.rows <- r:
		case <-l.done:
			return nil
		}
	}
	return nil
}

// run writes the rows that have arrived, again and again, until there are no more.
func (l *lineWriter) run() {
	defer close(l.done)
	batch, parts := make([]Row, 0, mostLines), make([][]byte, mostLines/someLines)
	for r := range l.rows {
		batch = append(batch[:0], r)
	more:
		for len(batch) < mostLines {
			select {
			case r, ok := <-l.rows:
				if !ok {
					break more
				}
				batch = append(batch, r)
			default:
				break more
			}
		}
		used := (len(batch) + someLines - 1) / someLines
		kernel.Tasks(used, func(k int) {
			parts[k] = parts[k][:0]
			for _, r := range batch[k*someLines : min(len(batch), (k+1)*someLines)] {
				parts[k] = appendRow(parts[k], l.format, r)
			}
		})
		for k, part := range parts[:used] {
			if _, err := l.w.Write(part); err != nil {
				l.err = fmt.Errorf("vectors: write: %w", err)
				return
			}
			l.written += min(someLines, len(batch)-k*someLines)
		}
	}
}

// appendRow appends a row as a line of JSONL or of the vectors of TSV.
func appendRow(b []byte, format Format, r Row) []byte {
	if format == TSV {
		return append(appendNumbers(b, r.Vector, '\t'), '\n')
	}
	b = append(appendJSON(append(b, `{"text":`...), r.Text), `,"vector":[`...)
	return append(appendNumbers(b, r.Vector, ','), "]}\n"...)
}

// appendNumbers appends each number as the shortest decimal that parses to the same float32.
func appendNumbers(b []byte, v []float32, separator byte) []byte {
	for i, x := range v {
		if i > 0 {
			b = append(b, separator)
		}
		b = strconv.AppendFloat(b, float64(x), 'g', -1, 32)
	}
	return b
}

// appendJSON appends a string as JSON without escaping <, > and &.
func appendJSON(b []byte, text string) []byte {
	out := bytes.NewBuffer(b)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.Encode(text) // cannot fail for a string and a buffer
	return out.Bytes()[:out.Len()-1]
}

// pullLines returns a function that returns the next line of a file, and io.EOF after the last.
func pullLines(path string, stdin io.Reader) (next func() (string, error), stop func()) {
	pull, stop := iter.Pull2(corpora.Lines(path, &corpora.ReadOptions{Stdin: stdin, MaxLineBytes: maxLine}))
	return func() (string, error) {
		line, err, ok := pull()
		if !ok {
			return "", io.EOF
		}
		return line, err
	}, stop
}

// openLines opens a JSONL file, or a TSV file and its texts.
func openLines(path string, format Format, stdin io.Reader) (*reader, error) {
	next, stop := pullLines(path, stdin)
	if format == JSONL {
		return &reader{next: func(int) (Row, error) { return parsed(next, parseObject) }, close: stop}, nil
	}
	texts := ""
	if path != "-" {
		texts = format.textFile(path)
	}
	return beside(texts, format, func(int) ([]float32, error) { return parsed(next, parseNumbers) }, stop)
}

// parsed reads and parses the next line. An error of parse is an error about that line alone.
func parsed[T any](next func() (string, error), parse func(line string) (T, error)) (T, error) {
	line, err := next()
	if err != nil {
		var none T
		return none, err
	}
	v, err := parse(line)
	if err != nil {
		err = corpora.LineError(err)
	}
	return v, err
}

// parseObject parses a row of JSONL.
func parseObject(line string) (Row, error) {
	var object struct {
		Text   *string    `json:"text"`
		Vector *[]float32 `json:"vector"`
	}
	err := json.Unmarshal([]byte(line), &object)
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		return Row{}, fmt.Errorf("field %q holds a JSON %s: want text to be a string and vector an array of numbers", kind.Field, kind.Value)
	case strings.TrimSpace(line) == "":
		return Row{}, errors.New(`line is empty: want a JSON object with "vector"`)
	case errors.As(err, &kind):
		return Row{}, fmt.Errorf(`line is a JSON %s: want an object with "vector"`, kind.Value)
	case err != nil:
		return Row{}, fmt.Errorf(`line is %s: want an object with "vector"`, quote.JSON(err))
	case object.Vector == nil:
		return Row{}, errors.New(`object has no field "vector": want an array of numbers`)
	case strings.Contains(line, "null"): // package json decodes null as 0
		var strict struct {
			Vector []*float32 `json:"vector"`
		}
		if err := json.Unmarshal([]byte(line), &strict); err != nil {
			return Row{}, err
		}
		for i, x := range strict.Vector {
			if x == nil {
				return Row{}, fmt.Errorf("number %d of the vector is null: want a finite number", i+1)
			}
		}
	}
	row := Row{Vector: *object.Vector}
	if object.Text != nil {
		row.Text = *object.Text
	}
	return row, nil
}

// parseNumbers parses a vector of TSV.
func parseNumbers(line string) ([]float32, error) {
	v := make([]float32, 0, strings.Count(line, "\t")+1)
	for field := range strings.SplitSeq(line, "\t") {
		x, err := strconv.ParseFloat(strings.TrimSpace(field), 32)
		if err != nil {
			return nil, fmt.Errorf("column %d is %.40q: want a number", len(v)+1, field)
		}
		v = append(v, float32(x))
	}
	return v, nil
}
