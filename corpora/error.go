package corpora

import (
	"errors"
	"io/fs"
	"strconv"
)

// Error is an error about a file or one of its lines. Its message is one line:
//
//	corpora: train.tsv:1043: line has 2 columns: want at least 3
type Error struct {
	File string // path as given; "standard input" for "-"
	Line int    // from 1; 0 for the whole file
	Msg  string // the problem and the valid form
	Err  error  // cause in the system or a library; nil if the content is wrong
}

func (e *Error) Error() string {
	place := e.File
	if e.Line > 0 {
		place += ":" + strconv.Itoa(e.Line)
	}
	return "corpora: " + place + ": " + e.Msg
}

// Unwrap returns the cause, so that errors.Is(err, fs.ErrNotExist) works.
func (e *Error) Unwrap() error { return e.Err }

// LineError marks err as an error about a single line or record of a stream; the stream continues after it.
func LineError(err error) error { return lineError{err} }

// IsLineError reports whether err, which a stream yielded in place of an item, is about that item only, so that the
// stream continues. Any other error ends its stream.
func IsLineError(err error) bool {
	_, ok := errors.AsType[lineError](err)
	return ok
}

// unmarked removes the mark of LineError, for an error that ends its stream.
func unmarked(err error) error {
	if e, ok := errors.AsType[lineError](err); ok {
		return e.error
	}
	return err
}

// lineError is a marked error.
type lineError struct{ error }

// Unwrap returns the marked error.
func (e lineError) Unwrap() error { return e.error }

// ioError returns an Error about a failed operation on file.
func ioError(file string, line int, err error) *Error {
	e := &Error{File: file, Line: line, Msg: err.Error(), Err: err}
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok { // File already holds the path
		e.Msg = pathErr.Err.Error()
	}
	return e
}

// number returns n with its noun: "1 line", "2 lines".
func number(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}
