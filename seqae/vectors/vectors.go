// Package vectors keeps the vectors of sentences: files, nearest neighbors, clusters, pictures. It knows no network:
// whoever has vectors, from whatever model, can use it.
//
//	Read, Write, Create     files: npy, jsonl, tsv, safetensors, parquet; in constant memory; writing resumes
//	Matrix, Collect         rows in memory, for what follows
//	Index                   the nearest rows by the cosine: exact, or approximate with its measured recall
//	Dedupe                  rows that nearly repeat an earlier one
//	Clustering              clusters with readable names
//	Map                     rows as points in the plane: PNG, SVG, a page
package vectors

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/retell-rnn/retell/corpora"
)

// Row is a sentence and its vector. The vector of a blank line is all zeros. Models' Embed methods stream the same
// type, so that what they yield goes into [Collect], [Write], [Index.Search] and [Dedupe] as it is.
type Row = corpora.Embedding

// The largest rows. Whoever needs more has a file that is damaged.
const (
	maxText  = 16 << 20 // bytes
	maxWidth = 1 << 20  // numbers
)

// checkRow refuses a row that no file could hold. width is what the vector's length must be; 0 is any.
func checkRow(r Row, width int) error {
	if err := checkVector(r.Vector, width); err != nil {
		return err
	}
	switch {
	case len(r.Text) > maxText:
		return fmt.Errorf("text has %d bytes: want at most %d", len(r.Text), maxText)
	case !utf8.ValidString(r.Text):
		return fmt.Errorf("text %.40q is not UTF-8", r.Text)
	case strings.Contains(r.Text, "\n"):
		return fmt.Errorf("text %.40q holds a line break: want one line", r.Text)
	}
	return nil
}

// checkVector refuses a vector that is not of the width, where that is not 0, and one with a number that is not finite.
func checkVector(v []float32, width int) error {
	switch {
	case len(v) == 0:
		return errors.New("vector is empty: want at least 1 number")
	case width > 0 && len(v) != width:
		return fmt.Errorf("vector has %d numbers: want %d", len(v), width)
	case len(v) > maxWidth:
		return fmt.Errorf("vector has %d numbers: want at most %d", len(v), maxWidth)
	}
	for i, x := range v {
		if y := float64(x); math.IsNaN(y) || math.IsInf(y, 0) {
			return fmt.Errorf("number %d of the vector is %v: want a finite number", i+1, x)
		}
	}
	return nil
}

// Error says what is wrong with a file, and where. Its message is one line:
//
//	vectors: captions.npy:17: number 3 of the vector is NaN: want a finite number
type Error struct {
	File string // the path as it was given; "standard input" for "-"
	Row  int    // from 1; 0 where the whole file is meant
	Err  error  // what was found and what was wanted, or the cause in the system
}

func (e *Error) Error() string {
	place := e.File
	if e.Row > 0 {
		place += ":" + strconv.Itoa(e.Row)
	}
	return "vectors: " + place + ": " + e.Err.Error()
}

// Unwrap returns what the error is about, so that errors.Is(err, fs.ErrNotExist) works.
func (e *Error) Unwrap() error { return e.Err }

// fileError returns an Error about a file. The path that errors of package os repeat is left out.
func fileError(file string, row int, err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	return &Error{File: file, Row: row, Err: err}
}
