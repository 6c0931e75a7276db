// Package seq2seq trains encoder-decoder models and uses them. A recurrent encoder reads a line, and a decoder writes
// another line. The package also has classifiers, labelers of tokens, embedders of sentences, and the vector models
// that package seqae builds autoencoders on.
//
//	source, target, err := seq2seq.Learn(cfg, train)
//	model, err := seq2seq.New(cfg, source, target, seed)
//	for p, err := range model.Train(ctx, train, valid, nil) { ... }
//	for t, err := range model.Translate(ctx, lines, nil) { ... }
//
// A [Config] defines a model and is saved with it. An Options struct says how to run it: the zero value and a nil
// pointer mean the defaults. Methods that take long take a context and stop when it ends.
//
// # Models
//
// Start from [DefaultConfig] or [Suited]. [Learn] makes the tokenizers, and [New] makes a [Model] with random weights.
// [Begin] starts from a trained model instead. Every model is a [Network]: an encoder and a head. A network has the
// methods that work with every head; the types below add methods of their own.
//
//   - A [Model] writes lines with a decoder, usually with attention.
//   - A [VectorModel] is a Model whose decoder sees the source only as one vector ([BottleneckConfig]).
//   - A [Classifier] labels lines ([BeginClassifier]).
//   - A [Labeler] labels the tokens of lines ([BeginLabeler]).
//   - An [Embedder] turns lines into vectors that are near each other if the lines mean the same ([BeginEmbedder]).
//   - An [Ensemble] averages the probabilities of several models. [Average] averages weights and makes one network.
//
// The files of this chapter:
//
//	seq2seq.go            Network and Learn; model.go has Model and VectorModel
//	config.go             settings; names.go, resolved.go and suited.go beside it
//	layers.go             the layers, for training and, packed, for inference; encoder.go, head.go and the heads:
//	  writer.go           attention; decoder.go is common to both writers, copying.go copies source words
//	  vectorwriter.go     bottleneck.go
//	  embedderhead.go     embedder.go and postprocess.go for users
//	  classifierhead.go   classifier.go, classreport.go and classweights.go for users
//	  labelhead.go        labelcolumns.go, labelscheme.go, labelscores.go, neighbors.go and labeladopt.go;
//	                      labeler.go and labelweights.go for users
//	factors.go            features of source tokens; ngrams.go: character n-grams of their words; frequency.go
//	levels.go             an encoder's recurrent layers: a stack, or a U
//	chars.go              characters of source tokens, by a recurrent layer
//	begin.go              starting from another model: adopt.go, vocabulary.go, pretrained.go
//	ensemble.go           average.go
//
// # Training
//
// [Network.Train] yields the [Progress] of each step, with a [Validation] where one is due; the caller owns the loop.
// [TrainOptions] hold the settings, and [Network.Plan] estimates memory and time in advance. Equal examples, options
// and seeds give equal weights, to the bit. A training minimizes one of these objectives:
//
//   - likelihood, optionally with [ScheduledSampling] or guided alignment;
//   - minimum risk ([RiskOptions]);
//   - with a bottleneck, a variational bound ([LatentOptions]);
//   - contrast ([ContrastOptions]), alone or beside reconstruction.
//
// The files of this chapter:
//
//	train.go              the loop; trainer.go prepares it, step.go is one step
//	options.go            progress.go and figures.go: what a step reports
//	objective.go          likelihood.go, scheduled.go, risk.go, variational.go and gaussians.go
//	contrast.go           contrastoptions.go, contrastvalid.go and contrastmemory.go
//	pairs.go              examples as token ids; batch.go, bpedropout.go, corrupt.go and guided.go
//	sets.go               examples of contrast; views.go and mine.go: what a step reads of them
//	mixture.go            batches from several corpora
//	validation.go         labelfigures.go; divergence.go notices losses out of bounds
//	plan.go               memory.go
//	freeze.go             parts of a network that do not learn
//
// # Resuming
//
// A training with a [Checkpoint] writes its state beside the model, at intervals and when it is stopped. If Train is
// called again with the same examples and options, it resumes, and ends with the same bits as without the stop.
// [ReadState] reads a description of a state. The files of this chapter:
//
//	keep.go               Checkpoint: which files, and when
//	state.go              contents of a state
//	resume.go             options that may change when a training resumes
//	recorder.go           logs that miss no step
//
// # Search
//
// [Model.Translate] searches greedily, with a beam or by sampling; [SearchOptions] choose. [Model.TranslateInputs]
// adds constraints on single translations ([Input]): prefixes, phrases to hold or to avoid, a [Glossary], and [Markup]
// to keep. [Model.Score], [Model.Explain] and [Model.Rescore] judge given translations; [Model.Evaluate] judges the
// model's own. [Network.Embed] turns lines into vectors, and [VectorModel.Decode] turns vectors into lines. The files
// of this chapter:
//
//	translate.go          stream.go: streams in batches; sourceline.go: a line as a model reads it
//	searchoptions.go
//	internal/search       the searches themselves; its package comment has their reading order
//	input.go              glossary.go, markup.go and fixed.go
//	observe.go            attention and confidence; align.go and unknown.go use attention
//	mbr.go                minimum Bayes risk: choosing by a metric
//	score.go              explain.go, evaluate.go and nbest.go
//	embed.go
//	embedpooling.go
//
// # Files
//
// One safetensors file holds a model: [Network.Save] and [Load]. Its metadata hold the configuration, the tokenizers
// with their vocabularies, and a [Summary] of the training. Packages that build on this one set a kind of file with
// [Network.SetKind]. Files are replaced as a whole: a crash leaves the old one. file.go reads and writes them.
//
// # Errors
//
// Errors begin with "seq2seq: " and name the offending value and the values allowed. Validate methods return
// [Violations]: every wrong setting with its path. An error about one line of a stream takes that line's place, and the
// stream goes on; see [corpora.IsLineError]. A missing file is [io/fs.ErrNotExist]. The variables in errors.go are the
// other errors that callers can act on; [errors.Is] finds them.
package seq2seq
