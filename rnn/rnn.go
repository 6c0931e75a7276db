// Package rnn provides recurrent layers for gorgonia: embeddings, LSTM and GRU layers over whole batches of sequences,
// attention decoders and their losses, with the parameters and optimisers that train them.
//
// Each layer is one large node of a gorgonia graph; its arithmetic, forwards and backwards, is a plain function over float32
// slices. Training wires the nodes with a [Pass], which gorgonia differentiates and runs. Decoding calls the same functions a
// step at a time, with no graph.
//
// The tokens of a batch of sequences are rows of a matrix, placed by a [Layout]: step by step, longest sequence first, without
// padding. Where all sequences have one length this is the usual time-major [T, B, size]. Because there is no padding, nothing is
// masked, no arithmetic is spent on it, and a sentence has the same numbers alone and in a batch.
//
// Weights follow PyTorch and cuDNN: matrices [out, in], gate order i, f, g, o (LSTM) and r, z, n (GRU), separate biases for
// the input and the hidden side.
package rnn
