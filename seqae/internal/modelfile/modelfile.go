// Package modelfile reads safetensors files that hold a model and what was fitted to its vectors.
package modelfile

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/retell-rnn/retell/internal/safetensors"
	"github.com/retell-rnn/retell/seq2seq"
)

// Load calls read with the bytes of the file at path. Errors begin with pkg, the name of the calling package, and path.
func Load[T any](pkg, path string, read func(r io.ReaderAt, size int64) (T, error)) (T, error) {
	v, err := load(path, read)
	if err != nil {
		var none T
		return none, fmt.Errorf("%s: %s: %w", pkg, path, err)
	}
	return v, nil
}

func load[T any](path string, read func(r io.ReaderAt, size int64) (T, error)) (v T, err error) {
	file, err := os.Open(path)
	if p, ok := errors.AsType[*os.PathError](err); ok {
		err = p.Err
	}
	if err != nil {
		return v, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return v, err
	}
	if !info.Mode().IsRegular() {
		return v, errors.New("is not a regular file")
	}
	return read(file, info.Size())
}

// Error marks an error of package safetensors as [seq2seq.ErrKind] or [seq2seq.ErrDamaged].
func Error(err error) error {
	switch {
	case errors.Is(err, safetensors.ErrForeign):
		return safetensors.Mark(err, seq2seq.ErrKind)
	case errors.Is(err, safetensors.ErrDamaged):
		return safetensors.Mark(err, seq2seq.ErrDamaged)
	}
	return err
}

// Damaged returns a [seq2seq.ErrDamaged] with a text.
func Damaged(format string, args ...any) error {
	return safetensors.Mark(fmt.Errorf(format, args...), seq2seq.ErrDamaged)
}

// Bytes reads a tensor of bytes.
func Bytes(f *safetensors.Reader, name string) ([]byte, error) {
	if t, ok := f.Tensor(name); !ok || t.DType != safetensors.U8 {
		return nil, Damaged("has no tensor %s of type U8", name)
	}
	b, err := io.ReadAll(f.Stream(name))
	return b, Error(err)
}
