package vectors

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/internal/setting"
)

// Kinds of errors, for [errors.Is].
var (
	ErrKind    = errors.New("vectors: wrong kind of file")
	ErrVersion = errors.New("vectors: file of a later version")
	ErrDamaged = errors.New("vectors: damaged file")
)

// Violations are all wrong options that a validation found, each with its name. They are an error that [errors.As]
// finds.
type Violations = setting.Violations

// Error is an error about a file or one of its rows. Its message is one line:
//
//	vectors: captions.npy:17: number 3 of the vector is NaN: want a finite number
type Error struct {
	File string // path as given; "standard input" for "-"
	Row  int    // from 1; 0 for the whole file
	Err  error  // problem and valid form, or cause in the system
}

func (e *Error) Error() string {
	place := e.File
	if e.Row > 0 {
		place += ":" + strconv.Itoa(e.Row)
	}
	return "vectors: " + place + ": " + e.Err.Error()
}

// Unwrap returns Err, so that errors.Is(err, fs.ErrNotExist) works.
func (e *Error) Unwrap() error { return e.Err }

// fileError returns an Error about a file. It drops the path that errors of package os repeat, and marks errors of
// package safetensors with their kind.
func fileError(file string, row int, err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	switch {
	case errors.Is(err, safetensors.ErrForeign):
		err = safetensors.Mark(err, ErrKind)
	case errors.Is(err, safetensors.ErrDamaged):
		err = safetensors.Mark(err, ErrDamaged)
	}
	return &Error{File: file, Row: row, Err: err}
}

// wrongKind returns an ErrKind with a text.
func wrongKind(format string, args ...any) error {
	return safetensors.Mark(fmt.Errorf(format, args...), ErrKind)
}

// damaged returns an ErrDamaged with a text.
func damaged(format string, args ...any) error {
	return safetensors.Mark(fmt.Errorf(format, args...), ErrDamaged)
}
