package vectors

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strings"
	"unicode"

	"github.com/retell-rnn/retell/corpora"
)

// writeTexts writes the texts that belong to a file of vectors, one per line.
func writeTexts(b *bufio.Writer, format Format, rows iter.Seq2[rawRow, error]) error {
	for r, err := range rows {
		if err != nil {
			return err
		}
		text := r.text
		if format == TSV {
			text = []byte(toProjector(string(text)))
		}
		b.Write(text) // b keeps an error for WriteByte
		if err := b.WriteByte('\n'); err != nil {
			return err
		}
	}
	return nil
}

// blank begins a text of white space in the projector's metadata.
const blank = "\u200b"

// toProjector changes a text so that the projector reads it as one column and does not skip it.
func toProjector(text string) string {
	text = strings.ReplaceAll(text, "\t", " ")
	if isBlank(text) {
		text = blank + text
	}
	return text
}

// fromProjector is the inverse of toProjector, except for tabs.
func fromProjector(line string) string {
	if rest, ok := strings.CutPrefix(line, blank); ok && isBlank(rest) {
		return rest
	}
	return line
}

// isBlank reports whether a text consists of white space, as JavaScript's trim defines it, and marks of blank texts.
func isBlank(text string) bool {
	return strings.TrimFunc(text, func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune("\ufeff"+blank, c) }) == ""
}

// beside returns a reader of vectors whose texts are the lines of another file, at the path texts. If the path is empty
// or there is no such file, texts are empty. It is an error if there are more or fewer lines than vectors.
func beside(texts string, format Format, vector func(n int) ([]float32, error), stop func()) (*reader, error) {
	if _, err := os.Stat(texts); texts == "" || errors.Is(err, fs.ErrNotExist) {
		return &reader{close: stop, next: func(n int) (Row, error) {
			v, err := vector(n)
			return Row{Vector: v}, err
		}}, nil
	}
	line, stopTexts := pullLines(texts, nil)
	columns := false // a header names several columns, of which the first is the text
	next := func(n int) (Row, error) {
		v, err := vector(n)
		if err != nil && err != io.EOF && !corpora.IsLineError(err) {
			return Row{}, err
		}
		text, textErr := line()
		if format == TSV && n == 0 && strings.Contains(text, "\t") {
			columns = true
			text, textErr = line()
		}
		switch {
		case err == io.EOF && textErr == io.EOF:
			return Row{}, io.EOF
		case err == io.EOF && textErr == nil:
			return Row{}, fmt.Errorf("file ends here, and %s has more lines: want one per vector", texts)
		case textErr == io.EOF:
			return Row{}, fmt.Errorf("%s ends after %d lines: want one per vector", texts, n)
		case err != nil:
			return Row{}, err
		case textErr != nil:
			return Row{}, textErr
		}
		if columns {
			text, _, _ = strings.Cut(text, "\t")
		}
		if format == TSV {
			text = fromProjector(text)
		}
		return Row{Text: text, Vector: v}, nil
	}
	return &reader{next: next, close: func() {
		stop()
		stopTexts()
	}}, nil
}
