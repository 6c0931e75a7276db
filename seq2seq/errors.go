package seq2seq

import (
	"errors"

	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
)

// Kinds of errors, for [errors.Is].
var (
	ErrKind          = errors.New("seq2seq: wrong kind of file")
	ErrVersion       = errors.New("seq2seq: file of a later version")
	ErrDamaged       = errors.New("seq2seq: damaged file")
	ErrNoState       = errors.New("seq2seq: no state to continue from")
	ErrOtherTraining = errors.New("seq2seq: state of another training")

	// ErrDiverged reports that the loss or the gradient of a training grew beyond all bounds. Files are from before.
	ErrDiverged = errors.New("the training diverged")

	// ErrNotFinite reports outputs of a model that are NaN or infinite.
	ErrNotFinite = search.ErrNotFinite
)

// marked is an error of a kind. Its text is that of the error alone.
type kindError struct{ err, kind error }

func (m kindError) Error() string   { return m.err.Error() }
func (m kindError) Unwrap() []error { return []error{m.err, m.kind} }

// fileError marks an error of package safetensors with its kind.
func fileError(err error) error {
	switch {
	case errors.Is(err, safetensors.ErrForeign):
		return kindError{err, ErrKind}
	case errors.Is(err, safetensors.ErrDamaged):
		return kindError{err, ErrDamaged}
	}
	return err
}
