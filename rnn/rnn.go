// Package rnn provides recurrent layers for gorgonia: embeddings, recurrent layers over whole batches of sequences,
// attention decoders and their losses, with the parameters and optimizers that train them.
//
// # Map
//
//   - Parameters: [Params] holds the model's [Param] values; [Inits] and [Init] draw their first values.
//   - Graphs: [Pass] builds and runs the graph of one batch; [Layout] places the batch's tokens in rows.
//   - Layers: [Embedding], [EmbeddingBag], [RMSNorm], [Linear], [Pooler], [Layer] of a [Cell] ([LSTM], [Peephole],
//     [GRU], [MGU]).
//   - Encoder to decoder: [Bridge] passes the encoder's last states on; [Bottleneck] turns its states into one vector;
//     [Affine] maps vectors after training.
//   - Decoders: [Decoder] with [Attention], input feeding, coverage and a condition.
//   - Losses: [Output], [Copier], [CRF], [GuidedAttention]; of vectors: [ContrastLoss], [JudgedLoss], [Given].
//   - Regularization: [Dropout], [SequenceDropout], [TypeDropout], [DropTokens].
//   - Training: [Optimizer] ([Adam] or [SGD]), [Schedule], [GradNorm], [Average].
//   - Speed: [Precision], [BLAS] for gorgonia's own operators.
//
// # Two forms of a layer
//
// A layer's own methods add nodes to a graph, for training: Forward takes a [Pass] and nodes. Each layer is one large
// node, whose arithmetic, forwards and backwards, is a plain function over float32 slices.
//
// A layer's Pack method returns its form with no graph, for inference: [PackedLayer], [PackedDecoder], [PackedLinear]
// and so on. Its methods have the same names and take slices; memory comes from [Buffers]. Packed layers hold
// copies of the weights, except that [PackedEmbedding] shares its table. They are safe for concurrent use. Both forms
// compute the same function.
//
// # Batches
//
// The tokens of a batch of sequences are rows of a matrix, placed by a [Layout]: step by step, longest sequence first,
// without padding. If all sequences have the same length, this is the usual time-major layout [T, B, size]. Nothing is
// masked. A sentence gives the same numbers alone and in a batch.
//
// # Training with gorgonia
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
// A graph that would silently leave its layers untrained fails when it runs.
//
// A custom layer makes its weights with [Params.New] and reads them through [Pass.Param]. A custom loss is any scalar
// of the graph. [Params.Write] and [Params.Read] save and load all parameters. The examples show all of this.
//
// Node values are valid until the graph runs again or [Pass.Start] is called. gorgonia's operators may overwrite the
// values that they read: keep such a value with gorgonia.Read.
//
// # Numbers
//
// Weights follow PyTorch and cuDNN: matrices [out, in], gate order i, f, g, o (LSTM) and r, z, n (GRU), separate biases
// for the input and the hidden side. The gates of an MGU are f, n; peepholes are in the order i, f, o.
//
// # A new cell
//
// A cell is a value: its numbers of gates and states, a parameter of its own if it has one, and two functions between
// pre-activations and states. A new cell needs a file like lstm.go, its kernels, and a line in the table in cell.go.
// Layers, layer normalization, bridges, bottlenecks, decoders and settings then support it.
package rnn
