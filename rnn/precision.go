package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// Precision is the form in which products multiply: those of a [Pass] in [Float32] or [BF16], those of packed layers in
// these or in [Int8]. Weights, states, gates, losses and the results of products are float32 in any. Its method
// Available returns nil if this processor has it, or an error that says what is missing.
type Precision = kernel.Precision

const (
	// Float32 multiplies numbers as they are or, where the processor multiplies matrices of bf16 (AMX), in a [Pass] and
	// in layers packed for it ([Precision.Wide]) as sums of three such numbers, which errs less. It is the zero value.
	Float32 = kernel.Float32
	// BF16 rounds both factors to bf16, the upper half of a float32, and is about twice as fast. It needs a processor with
	// AVX512_BF16.
	BF16 = kernel.BF16
	// Int8 rounds both factors to whole numbers up to ±127, weights with a scale for each output and inputs with one for
	// each row. Weights take a quarter of the memory, or half on processors without AVX512_VNNI.
	Int8 = kernel.Int8
)
