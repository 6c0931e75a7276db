package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// Precision is the number format of the factors in matrix products: [Float32] or [BF16] in a [Pass], these or [Int8] in
// packed layers. Weights, states, gates, losses and the results of products are float32 in every precision. The method
// Available returns nil if this processor supports the precision, or an error that names what is missing.
type Precision = kernel.Precision

const (
	// Float32, the zero value, multiplies float32 numbers. On processors with AMX a [Pass], and layers packed with
	// [Precision.Wide], split each number into three bf16 numbers instead; the error is smaller.
	Float32 = kernel.Float32
	// BF16 rounds both factors to bf16, the upper half of a float32, and is about twice as fast. It needs a processor with
	// AVX512_BF16.
	BF16 = kernel.BF16
	// Int8 rounds both factors to integers from -127 to 127. Weights have a scale for each output, inputs a scale for each
	// row. Weights take a quarter of the memory, or half on processors without AVX512_VNNI.
	Int8 = kernel.Int8
)
