// Package rnn provides recurrent layers for gorgonia: embeddings, LSTM and GRU layers over whole batches of sequences,
// attention decoders and their losses, with the parameters and optimizers that train them.
//
// Each layer is one large node of a gorgonia graph; its arithmetic, forwards and backwards, is a plain function over
// float32 slices. Training wires the nodes with a [Pass], which gorgonia differentiates and runs. Decoding calls the
// same functions a step at a time, with no graph.
//
// The tokens of a batch of sequences are rows of a matrix, placed by a [Layout]: step by step, longest sequence first,
// without padding. Where all sequences have one length this is the usual time-major [T, B, size]. Because there is no
// padding, nothing is masked, no arithmetic is spent on it, and a sentence has the same numbers alone and in a batch.
//
// # With gorgonia
//
// Layers read and return nodes of [Pass.Graph], and so mix with gorgonia's own operators. There are two ways to train
// them.
//
// [Pass.Backward] differentiates and runs the graph of one batch and adds the gradients to the parameters; an embedding
// gets gradients only for the rows that occur. [Params.Grads] passes them to any gorgonia.Solver. [Adam] and [SGD] skip
// the other rows, and [GradNorm] serves clipping. This is the fast way, with a new graph for each batch.
//
//	pass.Start(rng)
//	loss := ... // layers, operators
//	params.ZeroGrads()
//	_, err := pass.Backward(loss)
//	err = solver.Step(params.Grads())
//
// gorgonia's usual loop works too, with one graph for all batches or a graph for each. [Pass.Learnables] returns the
// nodes to differentiate by and to step; other nodes may join them:
//
//	learnables := pass.Learnables()
//	_, err := gorgonia.Grad(loss, learnables...)
//	vm := gorgonia.NewTapeMachine(pass.Graph(), gorgonia.BindDualValues(learnables...))
//	for ... {
//		err := gorgonia.Let(x, value)
//		err = vm.RunAll()
//		err = solver.Step(gorgonia.NodesToValueGrads(learnables))
//		vm.Reset()
//	}
//
// A graph whose layers would silently stay untrained fails when it runs.
//
// A custom layer makes its weights with [Params.New] and reads them through [Pass.Param]. A custom loss is any scalar
// of the graph. [Params.Write] and [Params.Read] save and load all parameters. The examples show each of these.
//
// Node values are valid until the graph runs again or [Pass.Start] is called. gorgonia's operators may overwrite the
// values that they read: keep such a value with gorgonia.Read.
//
// # Numbers
//
// Weights follow PyTorch and cuDNN: matrices [out, in], gate order i, f, g, o (LSTM) and r, z, n (GRU), separate biases
// for the input and the hidden side.
package rnn
