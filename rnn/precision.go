package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// Precision is the form in which the products of a [Pass] multiply: [Float32] or [BF16]. Weights, states, gates, losses and
// the sums of products are float32 in either. Its method Available returns nil if this processor has it, or an error that
// says what is missing.
type Precision = kernel.Precision

const (
	// Float32 multiplies numbers as they are. It is the zero value.
	Float32 = kernel.Float32
	// BF16 rounds both factors to bf16, the upper half of a float32, and is about twice as fast. It needs a processor with
	// AVX512_BF16.
	BF16 = kernel.BF16
)

// ParsePrecision reads "float32" or "bf16".
func ParsePrecision(name string) (Precision, error) { return kernel.ParsePrecision(name) }
