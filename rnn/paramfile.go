package rnn

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/internal/safetensors"
)

// Write writes the parameters as a safetensors file, for [Params.Read] and other libraries. If [Adam] trains
// embeddings, call [Adam.Flush] first.
func (ps *Params) Write(w io.Writer) error {
	tensors := make([]safetensors.Tensor, len(ps.list))
	for i, p := range ps.list {
		tensors[i] = safetensors.Tensor{Name: p.Name, Shape: p.Shape, Data: p.W}
	}
	if err := safetensors.Write(w, nil, tensors); err != nil {
		return fmt.Errorf("rnn: writing parameters: %w", err)
	}
	return nil
}

// Read sets the parameters from a safetensors file of the given size. The file must hold arrays of the same names and
// shapes and no others. An error lists all differences and leaves the parameters unchanged.
func (ps *Params) Read(r io.ReaderAt, size int64) error {
	values, err := ps.values(r, size)
	if err != nil {
		return fmt.Errorf("rnn: reading parameters: %w", err)
	}
	for i, p := range ps.list {
		copy(p.W, values[i])
	}
	return nil
}

func (ps *Params) values(r io.ReaderAt, size int64) ([][]float32, error) {
	f, err := safetensors.NewReader(r, size)
	if err != nil {
		return nil, err
	}
	var wrong []error
	for _, p := range ps.list {
		if t, ok := f.Tensor(p.Name); !ok {
			wrong = append(wrong, fmt.Errorf("%s: missing in the file", p.Name))
		} else if t.DType != safetensors.F32 || !slices.Equal(t.Shape, p.Shape) {
			wrong = append(wrong, fmt.Errorf("%s: the file has %s %v: want %s %v", p.Name, t.DType, t.Shape, safetensors.F32, p.Shape))
		}
	}
	for _, t := range f.Tensors() {
		if ps.Get(t.Name) == nil {
			wrong = append(wrong, fmt.Errorf("%s: not a parameter of the model", t.Name))
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	values := make([][]float32, len(ps.list))
	for i, p := range ps.list {
		values[i] = kernel.Floats(len(p.W))
		if err := f.Read(p.Name, values[i]); err != nil {
			return nil, err
		}
	}
	return values, nil
}
