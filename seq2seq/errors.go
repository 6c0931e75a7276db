package seq2seq

import (
	"errors"

	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
)

// Errors that callers can act on, for [errors.Is].
var (
	// ErrKind reports a file that is no model, or a model of another kind.
	ErrKind = errors.New("seq2seq: wrong kind of file")

	// ErrVersion reports a file that a later version of Retell wrote.
	ErrVersion = errors.New("seq2seq: file of a later version")

	// ErrDamaged reports a file that is truncated or changed.
	ErrDamaged = errors.New("seq2seq: damaged file")

	// ErrNoState reports that there is no state to continue from.
	ErrNoState = errors.New("seq2seq: no state to continue from")

	// ErrOtherTraining reports a state that belongs to a training with other data or settings.
	ErrOtherTraining = errors.New("seq2seq: state of another training")

	// ErrDiverged reports that the loss or the gradient of a training grew beyond all bounds. The files on disk are from
	// before the divergence. A lower learning rate helps.
	ErrDiverged = errors.New("the training diverged")

	// ErrNotFinite reports that a model's outputs are NaN or infinite.
	ErrNotFinite = search.ErrNotFinite
)

// fileError adds the kind to an error of package safetensors.
func fileError(err error) error {
	switch {
	case errors.Is(err, safetensors.ErrForeign):
		return safetensors.Mark(err, ErrKind)
	case errors.Is(err, safetensors.ErrDamaged):
		return safetensors.Mark(err, ErrDamaged)
	}
	return err
}
