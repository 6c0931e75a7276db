package kernel

import "fmt"

// Precision is the form in which a product's operands are multiplied. Operands and results are float32 in memory, and
// sums are float32, in every case.
type Precision int

const (
	// Float32 multiplies operands as they are.
	Float32 Precision = iota

	// BF16 rounds operands to the nearest bf16, ties to even: the range of float32, eight bits of precision. Numbers below
	// the normal range count as zero.
	BF16

	// Int8 is for products with packed weights that nothing is learnt from: [Packed.PackAs]. Each column of op(B) and
	// each row of A is scaled so that its greatest value is 127 and rounded to whole numbers, ties to even. Sums are
	// int32, exact; the result has the same bits on every path. A row or column that holds NaN or an infinity gives NaN.
	Int8

	// Split multiplies float32 by instructions for bf16, which multiply matrices: see [Precision.Wide]. Each value is
	// the sum of three in bf16, exactly, and a product is the sum of the six greatest of theirs; what is left out is at
	// most 2⁻²⁴ of it (Henry, Tang and Heinecke, Leveraging the bfloat16 Artificial Intelligence Datatype for
	// Higher-Precision Computations, 2019). Sums round less often than those of [Float32] and are at least as precise.
	// Values below 1e-33 lose precision, and an infinity gives NaN.
	Split
)

// Wide returns the form in which products of many rows, about 32 or more, are fastest with the precision of p: [Split]
// in place of [Float32] where the processor multiplies matrices.
func (p Precision) Wide() Precision {
	if p == Float32 && active.split != nil {
		return Split
	}
	return p
}

// ParsePrecision reads the name of a precision for training: "float32" or "bf16".
func ParsePrecision(name string) (Precision, error) {
	for _, p := range []Precision{Float32, BF16} {
		if p.String() == name {
			return p, nil
		}
	}
	return 0, fmt.Errorf("kernel: precision %q: want float32 or bf16", name)
}

// String returns the name.
func (p Precision) String() string {
	return [...]string{"float32", "bf16", "int8", "split"}[p]
}

// PackedBytes returns how many bytes a packed value takes on the path in use.
func (p Precision) PackedBytes() int {
	unit, values := active.units(p)
	return 4 * unit / values
}

// Available returns nil if the path in use has products of this precision, and otherwise says what is missing.
func (p Precision) Available() error {
	switch {
	case p == BF16 && active.pairs == nil:
		return fmt.Errorf("kernel: precision bf16 needs a processor with AVX512_BF16: the kernels in use, %s, have none", active.name)
	case p == Split && active.split == nil:
		return fmt.Errorf("kernel: precision split needs a processor with AMX: the kernels in use, %s, do not multiply matrices", active.name)
	}
	return nil
}

// pairKernels are the kernels of products in bf16. Two values that are neighbours along k lie in one element, the first
// in its low half, so that matrices of such pairs are laid out and cut as matrices of float32 are, with half the k.
//
// A value may be the sum of several parts in bf16. Elements of the first part are followed by those of the next, for as
// many as matrixTiles.side elements at a time.
type pairKernels struct {
	parts int // of a value: 1, or 3 with matrix tiles

	tile func(t *tile)            // as path.tile, on pairs
	pack func(p *panel)           // from float32: rows 2l and 2l+1 of b become one row of each part in dst, the last with zeros if k is odd; never trans
	row  func(dst, src []float32) // from float32: neighbours of src become one element of each part in dst, with zeros after an end

	// matrix is nil where tiles are those of the path.
	matrix *matrixTiles
}

// matrixTiles are tiles of instructions that multiply matrices: operands are filled with zeros to a multiple of so many
// elements along k, and A has rows of such multiples one after the other, or lies in squares.
type matrixTiles struct {
	mr     int // most rows of a tile
	kBlock int // longest stretch of k that one tile sums, but for the rounding to whole squares of all parts
	side   int // of a square, and what k is a multiple of for each part

	// They pack up to side columns of a panel, all of k, with zeros where it ends within a square.
	square func(p *panel) // not transposed: of each part a square in which a column is a row of pairs
	turn   func(p *panel) // transposed: of each part side rows, stride apart
}
