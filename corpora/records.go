package corpora

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// readRecords yields the record that parse returns for each line. header, unless nil, reads the first line. An error of
// either becomes the Msg of an [Error]; that of parse is about its line only, unless it is a wrongFile. readRecords
// returns nil if yield returns false.
func readRecords[T any](
	path string, opts *ReadOptions, header func(line string) error, parse func(line string) (T, error), yield func(T, error) bool,
) error {
	r, err := openLines(path, opts)
	if err != nil {
		return err
	}
	defer r.close()
	if header != nil {
		if err := r.readHeader(header); err != nil {
			return err
		}
	}
	for found := false; ; found = true {
		line, err := r.next()
		var record T
		switch {
		case err == io.EOF:
			return r.wantSome(found)
		case err == nil:
			record, err = parse(line)
			if fatal, ok := errors.AsType[wrongFile](err); ok {
				return unmarked(r.bad(fatal.Error()))
			}
			if err != nil {
				err = r.bad(err.Error())
			}
		case !IsLineError(err):
			return err
		}
		if !yield(record, err) {
			return nil
		}
	}
}

// wrongFile marks an error of parse that is about the whole file and ends its stream.
type wrongFile struct{ error }

// readHeader calls header with the first line, if there is one.
func (r *lineReader) readHeader(header func(line string) error) error {
	line, err := r.next()
	switch {
	case err == io.EOF:
		return nil // the next read reports the end
	case err != nil:
		return unmarked(err)
	}
	if err := header(line); err != nil {
		return unmarked(r.bad(err.Error()))
	}
	return nil
}

// wantSome returns an error if a file ended without an example.
func (r *lineReader) wantSome(found bool) error {
	switch {
	case found:
		return nil
	case r.line == 0:
		return &Error{File: r.name, Msg: "file is empty: want at least one example"}
	}
	return &Error{File: r.name, Msg: "file has " + number(r.line, "line") + " and no example: want at least one"}
}

// checkSides returns an error about the first blank side.
func checkSides(e Example) error {
	if isBlank(e.Source) {
		return errors.New("source is empty: want text")
	}
	for _, t := range e.Targets {
		if isBlank(t) {
			return errors.New("target is empty: want text")
		}
	}
	return nil
}

// parseTSV reads an example from the columns that f names. If f names none, the line must have exactly two.
func (f Format) parseTSV(line string, sourceOnly bool) (Example, error) {
	d := f.withDefaults()
	want := d.SourceColumn
	if !sourceOnly {
		want = max(want, d.TargetColumn)
	}
	want = max(want, d.WeightColumn)
	columns := strings.Split(line, "\t")
	switch {
	case line == "" && want > 1:
		return Example{}, fmt.Errorf("line is empty: want at least %s, separated by tabs", number(want, "column"))
	case len(columns) < want:
		return Example{}, fmt.Errorf("line has %s: want at least %d, separated by tabs", number(len(columns), "column"), want)
	case len(columns) > 2 && f.SourceColumn+f.TargetColumn+f.WeightColumn == 0:
		return Example{}, fmt.Errorf("line has %s: want 2, separated by tabs, or a source_column and target_column to read", number(len(columns), "column"))
	}
	e := Example{Source: columns[d.SourceColumn-1]}
	if !sourceOnly {
		e.Targets = []string{columns[d.TargetColumn-1]}
	}
	var err error
	if d.WeightColumn > 0 {
		e.Weight, err = weight(columns[d.WeightColumn-1], 0)
	}
	return e, err
}
