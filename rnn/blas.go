package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// BLAS is gonum's BLAS with this module's matrix product in place of its own. gorgonia.Use(rnn.BLAS{}) and
// blas32.Use(rnn.BLAS{}) give it to a graph's other operators.
type BLAS = kernel.BLAS
