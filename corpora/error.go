package corpora

import (
	"errors"
	"io/fs"
	"strconv"
)

// Error says what is wrong with a file, and where. Its message is one line:
//
//	corpora: train.tsv:1043: line has 2 columns: want at least 3
type Error struct {
	File string // the path as it was given; "standard input" for "-"
	Line int    // from 1; 0 where the whole file is meant
	Msg  string // what was found and what was wanted
	Err  error  // the cause in the system or in a library; nil where the content is at fault
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

// LineError marks err as one about a single line or record of a stream, which goes on behind it.
func LineError(err error) error { return lineError{err} }

// IsLineError reports whether err, which a stream yielded in the place of an item, is about that item alone: ranging on
// gets those that follow. Every other error is the last thing of its stream.
func IsLineError(err error) bool {
	_, ok := errors.AsType[lineError](err)
	return ok
}

// unmarked returns err as the last error of a stream, also where it is about one line.
func unmarked(err error) error {
	if e, ok := errors.AsType[lineError](err); ok {
		return e.error
	}
	return err
}

type lineError struct{ error }

// Unwrap returns what was marked.
func (e lineError) Unwrap() error { return e.error }

// ioError returns an Error about a failed operation on file.
func ioError(file string, line int, err error) *Error {
	e := &Error{File: file, Line: line, Msg: err.Error(), Err: err}
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok { // it repeats the path, which stands in File already
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
