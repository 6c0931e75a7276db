package vectors

import (
	"errors"
	"fmt"
	"iter"

	"github.com/retell-rnn/retell/internal/kernel"
)

// Matrix is rows in memory.
type Matrix struct {
	Texts []string  // [rows]
	Width int       // length of each vector
	Data  []float32 // [rows, Width], row-major
}

// Collect reads a stream into memory. A stream without rows is an error.
func Collect(rows iter.Seq2[Row, error]) (*Matrix, error) {
	m := &Matrix{}
	for r, err := range rows {
		if err != nil {
			return nil, err
		}
		if err := checkRow(r, m.Width); err != nil {
			return nil, fmt.Errorf("vectors: row %d: %w", m.Rows()+1, err)
		}
		m.Width = len(r.Vector)
		m.Texts = append(m.Texts, r.Text)
		m.Data = append(m.Data, r.Vector...)
	}
	if m.Rows() == 0 {
		return nil, errors.New("vectors: no rows: want at least one")
	}
	return m, nil
}

// Rows returns the number of rows.
func (m *Matrix) Rows() int { return len(m.Texts) }

// Vector returns the vector of row i, which shares the matrix's memory.
func (m *Matrix) Vector(i int) []float32 { return m.Data[i*m.Width:][:m.Width:m.Width] }

// All streams the rows, whose vectors share the matrix's memory.
func (m *Matrix) All() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for i, text := range m.Texts {
			if !yield(Row{Text: text, Vector: m.Vector(i)}, nil) {
				return
			}
		}
	}
}

// add appends a row.
func (m *Matrix) add(text string, v []float32) {
	m.Texts = append(m.Texts, text)
	m.Data = append(m.Data, v...)
}

// unit returns the rows that are not blank, scaled to length 1 so that their products are cosines, and their numbers in
// m.
func (m *Matrix) unit() (unit *Matrix, numbers []int) {
	unit = &Matrix{Width: m.Width, Data: make([]float32, 0, len(m.Data))}
	v := make([]float32, m.Width)
	for i, text := range m.Texts {
		if kernel.Unit(v, m.Vector(i)) {
			unit.add(text, v)
			numbers = append(numbers, i)
		}
	}
	return unit, numbers
}
