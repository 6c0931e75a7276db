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

// writeTexts writes the file of lines that belongs to one of vectors.
func writeTexts(b *bufio.Writer, format Format, rows iter.Seq2[Row, error]) error {
	for r, err := range rows {
		if err != nil {
			return err
		}
		text := r.Text
		if format == TSV {
			text = toProjector(text)
		}
		if _, err := b.WriteString(text + "\n"); err != nil {
			return err
		}
	}
	return nil
}

// blank marks a text in the projector's metadata that is nothing but white space.
const blank = "\u200b"

// toProjector makes a text what the projector reads as one column and does not skip.
func toProjector(text string) string {
	text = strings.ReplaceAll(text, "\t", " ")
	if isBlank(text) {
		text = blank + text
	}
	return text
}

func fromProjector(line string) string {
	if rest, ok := strings.CutPrefix(line, blank); ok && isBlank(rest) {
		return rest
	}
	return line
}

// isBlank reports whether JavaScript's trim leaves nothing of a text but perhaps the mark of blank ones.
func isBlank(text string) bool {
	return strings.TrimFunc(text, func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune("\ufeff"+blank, c) }) == ""
}

// beside returns a reader of vectors and of the texts that stand in another file, a line each; texts is its path, or ""
// where there is none. A file of texts that is not there gives empty texts; one with more or fewer lines than vectors
// is an error.
func beside(texts string, format Format, vector func(n int) ([]float32, error), stop func()) (*reader, error) {
	if _, err := os.Stat(texts); texts == "" || errors.Is(err, fs.ErrNotExist) {
		return &reader{close: stop, next: func(n int) (Row, error) {
			v, err := vector(n)
			return Row{Vector: v}, err
		}}, nil
	}
	line, stopTexts := pullLines(texts, nil)
	columns := false // whether a header names several: the first is the text
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
			return Row{}, fmt.Errorf("file ends here, and %s has more lines: want one for each vector", texts)
		case textErr == io.EOF:
			return Row{}, fmt.Errorf("%s ends after %d lines: want one for each vector", texts, n)
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
