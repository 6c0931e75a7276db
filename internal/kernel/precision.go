package kernel

import "fmt"

// Precision is the number format in which a product multiplies its operands. Operands and results are float32 in
// memory; sums are float32, and int32 in [Int8].
type Precision int

const (
	// Float32 multiplies operands unchanged.
	Float32 Precision = iota

	// BF16 rounds operands to the nearest bf16, ties to even: the range of float32 with eight bits of precision.
	// Subnormal numbers count as zero.
	BF16

	// Int8 is for inference with packed weights: [Packed.PackAs]. Each column of op(B) and each row of A is scaled to a
	// greatest magnitude of 127 and rounded to integers, ties to even. Sums are exact, and results have the same bits
	// on every path. A row or column with NaN or an infinity gives NaN.
	Int8

	// Split multiplies float32 by matrix instructions for bf16: see [Precision.Wide]. Each value is the exact sum of
	// three bf16 parts, and a product adds the six greatest products of parts; the other three are at most 2⁻²⁴ of it
	// (Henry, Tang and Heinecke, Leveraging the bfloat16 Artificial Intelligence Datatype for Higher-Precision
	// Computations, 2019). Results are at least as precise as those of [Float32]. Values below 1e-33 lose precision,
	// and an infinity gives NaN.
	Split
)

// Wide returns the fastest equivalent of p for products of many rows, about 32 or more: [Split] for [Float32] where the
// processor multiplies matrices, otherwise p.
func (p Precision) Wide() Precision {
	if p == Float32 && active.split != nil {
		return Split
	}
	return p
}

// ParsePrecision returns the training precision called name: "float32" or "bf16".
func ParsePrecision(name string) (Precision, error) {
	for _, p := range []Precision{Float32, BF16} {
		if p.String() == name {
			return p, nil
		}
	}
	return 0, fmt.Errorf("kernel: precision %q: want float32 or bf16", name)
}

// String returns the name: "float32", "bf16", "int8" or "split".
func (p Precision) String() string {
	if p < Float32 || p > Split {
		return fmt.Sprintf("Precision(%d)", int(p))
	}
	return [...]string{"float32", "bf16", "int8", "split"}[p]
}

// PackedBytes returns the bytes of a packed value on the path in use.
func (p Precision) PackedBytes() int {
	unit, values := active.units(p)
	return 4 * unit / values
}

// Available returns nil if the path in use has products in this precision, and otherwise an error that names the
// missing instructions.
func (p Precision) Available() error {
	switch {
	case p == BF16 && active.pairs == nil:
		return fmt.Errorf("kernel: precision bf16 needs a processor with AVX512_BF16: the path in use, %s, has none", active.name)
	case p == Split && active.split == nil:
		return fmt.Errorf("kernel: precision split needs a processor with AMX: the path in use, %s, has none", active.name)
	}
	return nil
}

// pairKernels are the kernels of products in bf16. An element holds two values that are adjacent along k, the first in
// its low half. Matrices of pairs are laid out like matrices of float32 with half the k.
//
// A value may be the sum of several bf16 parts. Along k, matrixRows elements of the first part are followed by those of
// the next.
type pairKernels struct {
	parts int // parts of a value: 1, or splitParts with matrix tiles

	tile func(t *tile) // as path.tile, on pairs

	// pack turns rows 2l and 2l+1 of b, which is not trans, into one row of each part; a lone last row is paired with
	// 0.
	pack func(p *panel)

	// row turns two neighbors of src into one element of each part; a lone last value is paired with 0.
	row func(dst, src []float32)

	// matrix is nil where tiles have the shape of the path.
	matrix *matrixTiles
}

// matrixTiles are tiles of matrix instructions, of up to matrixTileRows rows. Operands are padded with zeros to a
// multiple of matrixRows elements of each part along k. A is stored in rows of such multiples, or in squares.
type matrixTiles struct {
	kBlock int // longest stretch of k that one tile sums, before it is rounded up to whole squares of all parts

	// They pack up to matrixRows columns of a panel, all of k, with zeros where k ends within a square.
	square    func(p *panel) // not transposed: a square for each part, with a column of the panel in a row
	transpose func(p *panel) // transposed: matrixRows rows for each part, stride apart
}
