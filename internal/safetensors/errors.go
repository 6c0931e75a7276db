package safetensors

import (
	"errors"
	"strings"
)

// Kinds of errors, for [errors.Is]. Errors of reading the bytes of a file are of neither kind.
var (
	ErrForeign = errors.New("safetensors: not a safetensors file")
	ErrDamaged = errors.New("safetensors: damaged or truncated file")
)

// marked is an error of a kind. Its text is that of the error alone.
type marked struct{ err, kind error }

func (m marked) Error() string   { return m.err.Error() }
func (m marked) Unwrap() []error { return []error{m.err, m.kind} }

// Mark returns err as an error of a kind: [errors.Is] finds both, and the text is that of err alone.
func Mark(err, kind error) error { return marked{err, kind} }

// OfKind returns the start of an error about a file of another kind than the wanted: "is a seqae file".
func OfKind(kind string) string {
	article := "a"
	if strings.IndexAny(kind, "aeiou") == 0 {
		article = "an"
	}
	return "is " + article + " " + kind + " file"
}

// ioError is an error of reading bytes.
type ioError struct{ error }

func (e ioError) Unwrap() error { return e.error }

// mark returns err as one of a kind, unless it is nil, of a kind already, or an error of reading bytes.
func mark(err, kind error) error {
	if _, ok := errors.AsType[ioError](err); ok || err == nil || errors.Is(err, ErrForeign) || errors.Is(err, ErrDamaged) {
		return err
	}
	return marked{err, kind}
}
