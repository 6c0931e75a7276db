// Package seq2seq trains encoder-decoder models and uses them: a recurrent encoder reads a line, a decoder writes
// another. It also holds the classifiers and, for package seqae, the autoencoders built on the same encoder.
//
//	source, target, err := seq2seq.Learn(cfg, train)
//	model, err := seq2seq.New(cfg, source, target, seed)
//	for p, err := range model.Train(ctx, train, valid, nil) { ... }
//	for t, err := range model.Translate(ctx, lines, nil) { ... }
//
// What defines a model is a [Config], which its file holds. What runs it is an Options struct, whose zero value and nil
// pointer mean the defaults. Methods that take long take a context and stop when it ends.
//
// # Models
//
// [Config] defines a model; [DefaultConfig] and [Suited] return good ones. [Learn] makes its tokenizers, [New] the
// [Model] with random weights. [Begin] starts from a trained model instead. Every model is a [Network], an encoder and
// a head, and has its methods; the head adds others. A [Model] writes lines with a decoder, usually with attention. A
// [VectorModel] is a Model whose decoder stands behind a bottleneck ([BottleneckConfig]). A [Classifier] labels lines.
// An [Ensemble] answers like a model; [Average] makes one network of several.
//
//	seq2seq.go            Network and Learn; model.go has Model and VectorModel
//	config.go             settings; names.go, resolved.go and suited.go beside it
//	layers.go             the layers, for training and, packed, for use; encoder.go, head.go and the heads:
//	  writer.go           attention; decoder.go is common to both writers, copying.go copies source words
//	  vectorwriter.go     bottleneck.go
//	  classifierhead.go   classifier.go, classreport.go and classweights.go for users
//	factors.go            features of source tokens
//	begin.go              starting from another model: adopt.go, vocabulary.go, pretrained.go
//	ensemble.go           average.go
//
// # Training
//
// [Network.Train] yields the [Progress] of each step, with a [Validation] where one is due; the caller owns the loop.
// [TrainOptions] say how. [Network.Plan] estimates memory and time before. A training minimizes an objective:
// likelihood, optionally with [ScheduledSampling]; minimum risk ([RiskOptions]); or, with a bottleneck, a variational
// bound ([LatentOptions]). Equal examples, options and seeds give equal weights, to the bit.
//
//	train.go              the loop; trainer.go prepares it, step.go is one step
//	options.go            progress.go and figures.go: what a step reports
//	objective.go          likelihood.go, scheduled.go, risk.go, variational.go and gaussians.go
//	pairs.go              examples as token ids; batch.go, bpedropout.go, corrupt.go and guided.go
//	validation.go         divergence.go notices losses out of bounds
//	plan.go               memory.go
//	freeze.go             parts of a network that do not learn
//
// # Resuming
//
// A training with a [Checkpoint] writes its state beside the model, when it is stopped and every so often. Train,
// called again with the same examples and options, goes on from there to the same bits as without the stop. [ReadState]
// reads a state's description.
//
//	keep.go               Checkpoint: which files, and when
//	state.go              what a state holds
//	goingon.go            which changes of options a state allows
//	recorder.go           logs that miss no step
//
// # Search
//
// [Model.Translate] searches greedily, with a beam or by sampling, as [SearchOptions] say. [Model.TranslateInputs] adds
// demands on single translations ([Input]): prefixes, constraints, a [Glossary], [Markup] that passes through.
// [Model.Score], [Model.Explain] and [Model.Rescore] judge given translations, [Model.Evaluate] the model's own.
// [Network.Embed] and [VectorModel.Decode] go from lines to vectors and back.
//
//	translate.go          answers.go: streams in batches; reading.go: a line as a model reads it
//	searchoptions.go
//	internal/search       the searches themselves; its package comment has their reading order
//	input.go              glossary.go, markup.go and fixed.go
//	observe.go            attention and confidence; align.go and unknown.go read attention
//	mbr.go                minimum Bayes risk: choosing by a metric
//	score.go              explain.go, evaluate.go and nbest.go
//	embed.go
//
// # Files
//
// One safetensors file holds a model: [Network.Save] and [Load]. Its metadata has the configuration, the tokenizers
// with their vocabularies and a [Summary] of the training. Packages that build on this one give their files a kind of
// their own with [Network.SetKind]. Files are replaced as a whole: a crash leaves the old one.
//
//	file.go
//
// # Errors
//
// Errors begin with "seq2seq: " and name the offending value and the values allowed. Validate methods return
// [Violations]: every wrong setting with its path. An error about one line of a stream takes that line's place, and the
// stream goes on; see [corpora.IsLineError]. A missing file is [io/fs.ErrNotExist]. [errors.Is] finds the others that a
// caller can act on:
//
//   - [ErrKind]: the file is no model, or one of another kind.
//
//   - [ErrVersion]: a later version wrote the file.
//
//   - [ErrDamaged]: the file is truncated or changed.
//
//   - [ErrNoState]: there is no training to continue.
//
//   - [ErrOtherTraining]: the state belongs to a training of other data or settings.
//
//   - [ErrDiverged]: the loss grew beyond all bounds; a lower learning rate helps.
//
//   - [ErrNotFinite]: the model's outputs are NaN or infinite.
//
//     errors.go
package seq2seq
