// Package seqae trains sequence autoencoders and uses them. An encoder reads a sentence into one vector, and a decoder
// writes the sentence back from that vector alone. The vector is the sentence's embedding.
//
//	model, err := seqae.New(seqae.DefaultConfig(), train, seed)
//	for p, err := range model.Train(ctx, train, valid, nil) { ... }
//	for e, err := range model.Embed(ctx, lines, nil) { ... }    // lines to vectors
//	for t, err := range model.Decode(ctx, vectors, nil) { ... } // vectors to lines
//
// # Models
//
// A [Model] is a [seq2seq.VectorModel] that learns to write its own source, or the next sentence. [Config] defines it;
// [DefaultConfig] returns a good one. [New] makes an untrained model, [Begin] starts from a trained one, and [Load]
// reads one from a file. Layers, training, search and files are those of package seq2seq.
//
// An [Objective] says what a model learns to write. [Noise] corrupts the source in training, so that the model learns
// to remove it.
//
// # Use
//
// [LoadEmbedder] and [EmbedderOf] return an [Embedder], which makes vectors for search and comparison with a model of
// any kind: an autoencoder, an embedder that is trained on sentences of equal meaning, or a translator.
//
// Embed and Decode turn lines into vectors and vectors into lines. [Model.Reconstruct] does both. [Model.Interpolate]
// and [Model.Changes] decode the points of a [Path] between two lines, and [Model.Analogy] does arithmetic on vectors.
// [Model.Sample] decodes vectors drawn from a [Gaussian]: a variational model's [Model.Prior], or a distribution that
// [Fit] fits to vectors.
//
// # Packages
//
// Package vectors stores, searches, clusters and draws vectors, probe measures them against baselines, and anomaly
// finds lines that are unlike normal ones.
package seqae
