package seq2seq

import (
	"errors"

	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
)

// # Errors
//
// Wrong settings are [Violations], found with [errors.As]: each has the path of a field and the problem. An error about
// one line of an input stands in the place of its answer, and [corpora.IsLineError] reports it; the lines after it are
// answered. A file that is not there is [io/fs.ErrNotExist]. Other errors that a caller can act on are found with
// [errors.Is]:
//
//	ErrKind           the file is no model, or one of another kind: use another program or function
//	ErrVersion        a later version of Retell wrote the file: update
//	ErrDamaged        the file is cut off or changed: copy it again
//	ErrNoState        there is no training to continue: start one
//	ErrOtherTraining  the state belongs to a training of other data or settings: name another file
//	ErrDiverged       the loss left all bounds: lower the learning rate
//	ErrNotFinite      the weights give no numbers: the model is of no use

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
type marked struct{ err, kind error }

func (m marked) Error() string   { return m.err.Error() }
func (m marked) Unwrap() []error { return []error{m.err, m.kind} }

// fileError marks an error of package safetensors with its kind.
func fileError(err error) error {
	switch {
	case errors.Is(err, safetensors.ErrForeign):
		return marked{err, ErrKind}
	case errors.Is(err, safetensors.ErrDamaged):
		return marked{err, ErrDamaged}
	}
	return err
}
