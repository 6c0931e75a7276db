// Package kernel is the arithmetic under every layer: float32 matrix products, vector functions, recurrent cells,
// losses and optimizer updates over plain slices. README.md in its folder explains how products are computed.
//
//   - [Gemm], [GemmAs], [GemmEach] and [Packed] multiply matrices in a [Precision]; [BLAS] serves gonum.
//   - [Exp], [Add], [Dot], [Sum], [Max] and their like take vectors; [AddBias] and [ColSums] take matrices.
//   - [LSTMForward], [PeepholeForward], [GRUForward], [MGUForward] and their Backward forms compute one step of a cell.
//   - [Softmax], [LogSumExp] and [CrossEntropy] are losses; [Adam] and [Momentum] update weights.
//   - [Parallel] and [Tasks] run work on all cores; [Floats] allocates aligned memory.
//
// Matrices are row-major; a leading dimension is the distance between the starts of two rows, in elements. Slices that
// are too short for the given sizes panic.
//
// Every result is deterministic. The bits of an element depend on its operands, the precision and the path of the
// processor (see [Path]); they do not depend on GOMAXPROCS, the number of rows, or the position of a row. An element of
// a product is one accumulator over ascending k, in blocks of a fixed length. Matrix instructions add the products of
// 32 values at a time.
//
// NaN and infinities propagate as IEEE 754 defines, unless a function says otherwise.
package kernel
