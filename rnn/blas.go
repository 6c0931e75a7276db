package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// BLAS is gonum's BLAS with this module's matrix product. gorgonia.Use(rnn.BLAS{}) and blas32.Use(rnn.BLAS{}) make
// gorgonia's own operators use it.
type BLAS = kernel.BLAS
